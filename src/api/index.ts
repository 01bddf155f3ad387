export type { AlertChannel, AlertChannelTest } from './alert-channels.ts';
export {
  type AlertRule,
  type AlertRuleKind,
  type AlertRuleTransition,
  type AlertRuleTrial,
  alertRule,
  alertRuleFields,
  alertRuleName,
  alertRules,
} from './alert-rules.ts';
export { type ApiKey, apiKeyName, apiKeyRoutes, apiKeysSort } from './api-keys.ts';
export {
  type AuditActorKind,
  type AuditEntry,
  type AuditOutcome,
  auditOutcome,
  auditRoutes,
} from './audit-log.ts';
export {
  type Check,
  type CheckDetail,
  type CheckedPart,
  type Checks,
  type Criticality,
  checkDetail,
  checksSort,
  type Verdict,
  type ViolationExample,
  verdict,
} from './checks.ts';
export {
  type Answer,
  type LooseRequest,
  type Request,
  RequestError,
  type RouteName,
  readAnswer,
  toInit,
  toUrl,
} from './client/exchange.ts';
export type { Coerced } from './coercions.ts';
export type { DatabaseConnection } from './database.ts';
export { type DatasetVersion, datasetVersion } from './datasets.ts';
export { describeOutput } from './describe-output.ts';
export {
  type Drift,
  type DriftBin,
  type DriftColumn,
  type DriftStreamName,
  type DriftWindow,
  type DriftWindowDetail,
  drift,
  driftStreamName,
} from './drift.ts';
export { type ErrorBody, errorBody, errorType, PROBLEM_TYPE, type RowProblem } from './errors.ts';
export { toExampleRow, toExampleValue } from './example-row.ts';
export { FEATURE_PREFIX } from './feature-prefix.ts';
export type { ReceivedFile, WaitingFile } from './files.ts';
export { LABELS_MAX, type StoredLabels } from './labels.ts';
export { type Models, type ModelVersion, models, type Promotion } from './models.ts';
export {
  type Alert,
  alert,
  alerts,
  type Dashboard,
  type DashboardQuery,
  type DashboardRows,
  dashboardRows,
  dashboards,
  type Panel,
} from './monitoring.ts';
export {
  type InferAnswer,
  type InferBody,
  TENSOR_NUMBERS,
  type TensorForm,
} from './open-inference.ts';
export type {
  OutputLink,
  OutputPreview,
  TaskOutput,
  TaskRunResult,
} from './outputs.ts';
export { pages } from './pages.ts';
export { exportPath } from './past-prediction-routes.ts';
export {
  type PastExportQuery,
  type PastPrediction,
  type PastPredictions,
  type PastPredictionsQuery,
  pastPredictions,
  pastPredictionsSort,
} from './past-predictions.ts';
export type { Performance, PerformanceAnswer } from './performance.ts';
export {
  type PredictionJob,
  type PredictionJobFormat,
  type PredictionJobsQuery,
  predictionResultPath,
} from './prediction-jobs.ts';
export {
  EXPLAINED_ROWS_MAX,
  type Explanation,
  isStoredPrediction,
  type MadePrediction,
  NDJSON_TYPE,
  PREDICTION_ROWS_MAX,
  predictAnswer,
  predictLineAnswer,
  type StoredPrediction,
  storedPrediction,
} from './predictions.ts';
export {
  type ContractAnswer,
  type ContractColumn,
  contractAnswer,
  type HealthAnswer,
  healthAnswer,
  type LoadedProject,
  type ProjectAnswer,
  projectAnswer,
} from './project.ts';
export { isRecordedChange } from './recorded-change.ts';
export { type Access, includesRole, type Role, role, roles } from './roles.ts';
export {
  checkedFilePath,
  datasetRowsPath,
  LIVE_ALIASES,
  READY_ALIASES,
  type Route,
  RUN_EVENTS_PATH,
  reportChartPath,
  reportFilePath,
  reportPath,
  routes,
} from './routes.ts';
export {
  type Attempt,
  type Difference,
  type Run,
  type RunDetail,
  type RunState,
  type Runs,
  runDetail,
  runState,
  runsSort,
  type TaskRun,
  type TaskRunState,
  type Why,
} from './runs.ts';
export { type Schedule, schedule } from './schedules.ts';
export {
  CSRF_HEADER,
  type Identity,
  type LoginProblem,
  loginPath,
  loginProblem,
  OIDC_CALLBACK_PATH,
  OIDC_START_PATH,
  type OwnSession,
  PASSWORD_LENGTH_MAX,
  PASSWORD_LENGTH_MIN,
  type SessionAnswer,
  sessionAnswer,
  sessionRoutes,
  setupPath,
  userName,
} from './sessions.ts';
export { tags } from './tags.ts';
export { tellingParams } from './telling-params.ts';
export { type User, userRoutes, usersSort } from './users.ts';
export { type Deprecation, unversionedPath, versionedPath } from './versions.ts';
export { WORKER_LABEL, type Worker, type WorkerQueue } from './workers.ts';
