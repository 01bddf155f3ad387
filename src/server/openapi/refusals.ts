import type { z } from 'zod';
import { type Route, routes } from '#api';
import { SERVER_ERRORS, type ServerErrorCode } from '../errors.ts';

const OF_MODEL = ['model_absent', 'model_unknown', 'champion_missing', 'model_unusable'] as const;

/** The errors of each endpoint, besides those that follow from its request and those of every request. */
const OWN = {
  live: [],
  health: [],
  ready: [],
  project: [],
  reloadProject: [],
  database: [],
  contract: ['model_absent'],
  predict: [...OF_MODEL, 'rows_invalid', 'request_conflict', 'overloaded'],
  pastPredictions: ['period_invalid', 'model_unknown'],
  pastPrediction: ['prediction_unknown'],
  exportPastPredictionsCsv: ['period_invalid', 'model_unknown', 'exports_exhausted'],
  exportPastPredictionsParquet: ['period_invalid', 'model_unknown', 'exports_exhausted', 'request_refused'],
  inferenceServer: [],
  inferenceLive: [],
  inferenceReady: [],
  inferenceModel: ['model_absent', 'model_unknown'],
  inferenceModelVersion: ['model_absent', 'model_unknown'],
  inferenceModelReady: OF_MODEL,
  inferenceModelVersionReady: OF_MODEL,
  infer: [...OF_MODEL, 'rows_invalid', 'request_conflict', 'overloaded'],
  inferVersion: [...OF_MODEL, 'rows_invalid', 'request_conflict', 'overloaded'],
  invocations: [...OF_MODEL, 'rows_invalid', 'request_conflict', 'overloaded'],
  mlflowPing: [],
  mlflowHealth: [],
  mlflowVersion: [],
  predictionJobs: ['model_absent'],
  createPredictionJob: [
    ...['model_absent', 'model_unknown', 'champion_missing', 'model_unusable'],
    ...['pipeline_unknown', 'params_invalid', 'run_limit', 'run_lost', 'project_invalid', 'request_refused'],
  ],
  predictionJob: ['model_absent', 'prediction_job_unknown'],
  predictionJobResult: ['model_absent', 'prediction_job_unknown', 'prediction_job_unfinished', 'output_missing'],
  cancelPredictionJob: ['model_absent', 'prediction_job_unknown', 'run_ended', 'run_lost'],
  labels: ['model_absent'],
  sendLabels: ['model_absent', 'labels_refused', 'prediction_unknown'],
  runs: [],
  run: ['run_unknown'],
  taskRunResult: ['task_run_unknown'],
  taskRunOutput: ['task_run_unknown', 'output_missing'],
  runEvents: ['clients_exhausted'],
  startRun: ['pipeline_unknown', 'params_invalid', 'run_limit', 'run_lost', 'project_invalid'],
  cancelRun: ['run_unknown', 'run_ended', 'run_lost'],
  retryRun: [
    'run_unknown',
    'pipeline_unknown',
    'task_unknown',
    'params_invalid',
    'run_not_ended',
    'retry_refused',
    'run_limit',
    'run_lost',
    'project_invalid',
  ],
  schedules: [],
  workers: [],
  drainWorker: ['worker_unknown'],
  pauseSchedule: ['schedule_unknown', 'schedule_unchanged'],
  resumeSchedule: ['schedule_unknown', 'schedule_unchanged'],
  files: ['model_absent'],
  receiveFile: ['model_absent'],
  checks: ['period_invalid'],
  check: ['check_unknown'],
  checkedFile: ['check_unknown', 'file_missing', 'file_sensitive'],
  models: [],
  promoteVersion: ['model_unknown', 'promotion_unchanged', 'promotion_refused'],
  challengeVersion: ['model_unknown', 'promotion_unchanged', 'promotion_refused'],
  rollBackModel: ['model_unknown', 'promotion_refused'],
  performance: [],
  datasets: [],
  datasetRows: ['dataset_unknown', 'dataset_missing'],
  dashboards: [],
  dashboard: ['dashboard_unknown', 'period_invalid'],
  drift: ['model_absent', 'model_unknown'],
  driftWindows: [],
  driftWindow: ['drift_window_unknown'],
  alerts: [],
  auditLog: ['period_invalid'],
  auditLogFile: ['period_invalid'],
  alertChannels: [],
  testAlertChannel: ['alert_channel_unknown'],
  alertAttempts: ['alert_unknown'],
  alertRules: [],
  alertRuleKinds: [],
  alertRuleHistory: ['alert_rule_unknown'],
  changeAlertRule: ['alert_rule_unknown', 'alert_rule_invalid'],
  resetAlertRule: ['alert_rule_unknown', 'alert_rule_unchanged'],
  acknowledgeAlertRule: ['alert_rule_unknown', 'alert_rule_unchanged'],
  muteAlertRule: ['alert_rule_unknown'],
  unmuteAlertRule: ['alert_rule_unknown', 'alert_rule_unchanged'],
  tryAlertRule: ['alert_rule_unknown', 'alert_rule_invalid', 'alert_rule_untriable'],
  apiKeys: [],
  createApiKey: ['period_invalid'],
  session: [],
  logIn: ['login_refused', 'rate_limited'],
  setUp: ['setup_link_invalid', 'password_unfit', 'user_name_taken', 'rate_limited'],
  logOut: [],
  changePassword: ['login_refused', 'password_unfit', 'rate_limited'],
  ownSessions: [],
  endOwnSession: [],
  users: [],
  createUser: ['user_name_taken'],
  changeUserRole: ['user_unknown', 'user_last_admin'],
  disableUser: ['user_unknown', 'user_last_admin'],
  enableUser: ['user_unknown'],
  resetUser: ['user_unknown', 'user_without_password'],
  endUserSessions: ['user_unknown'],
  revokeApiKey: ['api_key_unknown', 'api_key_unchanged'],
} as const satisfies { readonly [Name in keyof typeof routes]: readonly ServerErrorCode[] };

/** Errors that any request can meet. */
const ALWAYS: readonly ServerErrorCode[] = [
  'request_invalid',
  'not_acceptable',
  'host_refused',
  'headers_too_large',
  'internal',
  'database_unreachable',
  'server_closing',
  'answer_timeout',
  'rate_limited',
];
const OF_ACCESS: readonly ServerErrorCode[] = ['login_required', 'role_insufficient'];
const OF_CHANGES: readonly ServerErrorCode[] = [
  'origin_refused',
  'csrf_refused',
  'request_timeout',
  'body_too_large',
  'encoding_unsupported',
  'overloaded',
];
const OF_JSON: readonly ServerErrorCode[] = ['json_invalid', 'media_type_unsupported'];
const OF_FIELDS: Readonly<Record<string, ServerErrorCode>> = {
  cursor: 'cursor_invalid',
  timezone: 'timezone_unknown',
};

const OWN_BY_ROUTE = new Map<Route, readonly ServerErrorCode[]>(
  Object.entries(routes).map(([name, route]) => [
    route,
    // The names of `routes` are the names of `OWN`.
    OWN[name as keyof typeof OWN],
  ]),
);

/** Every error that an endpoint can answer with, in the order of the table of errors. */
export function refusalsOf(route: Route): readonly ServerErrorCode[] {
  const found = new Set<string>([...ALWAYS, ...fromRequest(route), ...(OWN_BY_ROUTE.get(route) ?? [])]);
  // These are the keys of the table.
  return (Object.keys(SERVER_ERRORS) as ServerErrorCode[]).filter((code) => found.has(code));
}

function fromRequest({ method, access, isRaw, params, query, body }: Route): readonly ServerErrorCode[] {
  const fields = Object.keys(OF_FIELDS).filter((field) => hasField(query, field));
  return [
    ...(access === 'anyone' ? [] : OF_ACCESS),
    ...(method === 'GET' ? [] : OF_CHANGES),
    ...(method === 'GET' || isRaw ? [] : OF_JSON),
    ...((params ?? query ?? body) === undefined ? [] : (['value_unfit'] as const)),
    ...fields.flatMap((field) => OF_FIELDS[field] ?? []),
  ];
}

function hasField(schema: z.ZodType | undefined, field: string): boolean {
  return schema !== undefined && 'shape' in schema && Object.hasOwn(Object(schema.shape), field);
}
