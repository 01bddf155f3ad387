import { z } from 'zod';
import { alertChannelRoutes } from './alert-channels.ts';
import { alertRuleRoutes } from './alert-rule-routes.ts';
import { apiKeyRoutes } from './api-keys.ts';
import { auditRoutes } from './audit-log.ts';
import { type CheckedPart, checkDetail, checkedPartPath, checks, checksQuery } from './checks.ts';
import { databaseAnswer } from './database.ts';
import { datasets, datasetsQuery } from './datasets.ts';
import { drift, driftQuery, driftWindowDetail, driftWindows, driftWindowsQuery } from './drift.ts';
import { receivedFile, receiveFileQuery, waitingFiles } from './files.ts';
import { labels, labelsBody, labelsHeaders, labelsQuery, storedLabels } from './labels.ts';
import { mlflowRoutes } from './mlflow.ts';
import { aliasChange, models, promotion } from './models.ts';
import { alerts, alertsQuery, dashboardQuery, dashboardRows, dashboards } from './monitoring.ts';
import { numberId } from './number-id.ts';
import { openInferenceRoutes } from './open-inference.ts';
import { outputPath, taskRunPath, taskRunResult } from './outputs.ts';
import { pages } from './pages.ts';
import { pastPredictionRoutes } from './past-prediction-routes.ts';
import { performanceAnswer, performanceQuery } from './performance.ts';
import { predictionJobRoutes } from './prediction-jobs.ts';
import {
  predictAnswer,
  predictBody,
  predictHeaders,
  predictLine,
  predictLineAnswer,
  predictQuery,
} from './predictions.ts';
import { contractAnswer, healthAnswer, liveAnswer, loadedProject, projectAnswer } from './project.ts';
import type { Route } from './route.ts';
import { runDetail, runQuery, runs, runsQuery, startedRun, startRunBody } from './runs.ts';

import { schedule, scheduleChange, schedulePath, schedules } from './schedules.ts';
import { sessionRoutes } from './sessions.ts';
import { userRoutes } from './users.ts';
import { versionPath } from './version.ts';
import { workerRoutes } from './workers.ts';

export type { Route };

/** Addresses that orchestrators probe by convention, with the answers of `routes.live` and `routes.ready`. */
export const LIVE_ALIASES: readonly string[] = ['/livez', '/healthz'];
export const READY_ALIASES: readonly string[] = ['/readyz'];
/** Server-sent events: `event: run`, data `{"id": "<run id>"}`, one for each change of a run. */
export const RUN_EVENTS_PATH = '/api/runs/events';
/** The rows of a dataset version as a CSV file. */
export const datasetRowsPath = (version: number | ':version'): string => `/api/datasets/${version}/rows.csv`;
const checkPath = (checkId: string): string =>
  `/api/checks/${checkId === ':id' ? checkId : encodeURIComponent(checkId)}`;
/** A part of a checked file, as it is in good-data or bad-data. */
export const checkedFilePath = (checkId: string, part: CheckedPart['part'] | ':part'): string =>
  `${checkPath(checkId)}/files/${part}`;

const text = z.unknown().meta({ type: 'string' });
const id = z.object({
  id: z
    .string()
    .min(1)
    .max(200)
    .meta({ examples: ['1'] }),
});
const name = z.object({
  name: z
    .string()
    .min(1)
    .max(100)
    .meta({ description: 'A pipeline', examples: ['train'] }),
});

export const routes = {
  live: {
    method: 'GET',
    path: '/api/live',
    tag: 'system',
    access: 'anyone',
    summary: 'Is this process alive? Never 503 because of what it depends on, so that it is not restarted for that',
    answer: liveAnswer,
  },
  health: {
    method: 'GET',
    path: '/api/health',
    tag: 'system',
    access: 'anyone',
    summary: 'What works and what does not; 503 while the database cannot be used or the disk is full',
    answer: healthAnswer,
    unavailable: healthAnswer,
  },
  ready: {
    method: 'GET',
    path: '/api/ready',
    tag: 'system',
    access: 'anyone',
    summary: 'Can predictions be made now? 503 until then, and from the moment that the server stops',
    answer: healthAnswer,
    unavailable: healthAnswer,
  },
  project: {
    method: 'GET',
    path: '/api/project',
    tag: 'project',
    access: 'viewer',
    summary: 'Name, environment, pipelines and when they run next',
    isTagged: true,
    answer: projectAnswer,
  },
  reloadProject: {
    method: 'POST',
    path: '/api/project/reload',
    tag: 'project',
    access: 'operator',
    summary: 'Load the project again if it has changed, and say what came of it',
    answer: loadedProject,
  },
  database: {
    method: 'GET',
    path: '/api/database',
    tag: 'project',
    access: 'viewer',
    summary: 'How programs connect to the database, and its tables',
    answer: databaseAnswer,
  },
  contract: {
    method: 'GET',
    path: '/api/contract',
    tag: 'project',
    access: 'viewer',
    summary: 'Columns and expectations of the dataset',
    isTagged: true,
    answer: contractAnswer,
  },
  predict: {
    method: 'POST',
    path: '/api/predict',
    tag: 'predictions',
    access: 'operator',
    summary:
      'Predict one row or many, or a stream of rows (application/x-ndjson), and store the predictions unless told not to',
    isChange: false,
    query: predictQuery,
    headers: predictHeaders,
    body: predictBody,
    lines: { body: predictLine, answer: predictLineAnswer },
    answer: predictAnswer,
  },
  ...pastPredictionRoutes,
  ...openInferenceRoutes,
  ...mlflowRoutes,
  ...predictionJobRoutes,
  ...workerRoutes,
  labels: {
    method: 'GET',
    path: '/api/labels',
    tag: 'labels',
    access: 'viewer',
    summary: 'Labels by when they came, newest first: what really happened to rows',
    query: labelsQuery,
    answer: labels,
  },
  sendLabels: {
    method: 'POST',
    path: '/api/labels',
    tag: 'labels',
    access: 'operator',
    summary: 'Say what really happened to one row or many, by the id of the row or of a prediction of it',
    headers: labelsHeaders,
    body: labelsBody,
    answer: storedLabels,
  },
  runs: {
    method: 'GET',
    path: '/api/runs',
    tag: 'runs',
    access: 'viewer',
    summary: 'Runs, newest first',
    query: runsQuery,
    answer: runs,
  },
  run: {
    method: 'GET',
    path: '/api/runs/:id',
    tag: 'runs',
    access: 'viewer',
    summary: 'One run with its task runs and attempts, or those of them that changed',
    params: id,
    query: runQuery,
    answer: runDetail,
  },
  runEvents: {
    method: 'GET',
    path: RUN_EVENTS_PATH,
    tag: 'runs',
    access: 'viewer',
    summary: 'Changes of runs as server-sent events: one `event: run` with its id for each change',
    answer: text,
    answerType: 'text/event-stream',
  },
  taskRunResult: {
    method: 'GET',
    path: '/api/runs/:id/task-runs/:goal',
    tag: 'runs',
    access: 'viewer',
    summary: 'What a task run made or found: its inputs, and each output with a preview',
    params: taskRunPath,
    isTagged: true,
    answer: taskRunResult,
  },
  taskRunOutput: {
    method: 'GET',
    path: '/api/runs/:id/task-runs/:goal/outputs/:output',
    tag: 'runs',
    access: 'viewer',
    summary: 'The bytes of an output of a task run',
    params: outputPath,
    isTagged: true,
    answer: text,
    answerType: 'application/octet-stream',
  },
  startRun: {
    method: 'POST',
    path: '/api/pipelines/:name/runs',
    tag: 'runs',
    access: 'operator',
    summary: 'Start a pipeline now, with params if it takes some',
    params: name,
    body: startRunBody.nullable(),
    answer: startedRun,
  },
  cancelRun: {
    method: 'POST',
    path: '/api/runs/:id/cancel',
    tag: 'runs',
    access: 'operator',
    summary: 'Cancel a run',
    params: id,
    answer: startedRun,
  },
  schedules: {
    method: 'GET',
    path: '/api/schedules',
    tag: 'schedules',
    access: 'viewer',
    summary: 'When pipelines run on a schedule: paused or not, what waits, what comes next and whether it overlaps',
    isTagged: true,
    answer: schedules,
  },
  pauseSchedule: {
    method: 'POST',
    path: '/api/schedules/:pipeline/pause',
    tag: 'schedules',
    access: 'operator',
    summary: 'Pause the schedule of a pipeline; runs in progress continue',
    params: schedulePath,
    body: scheduleChange,
    answer: schedule,
  },
  resumeSchedule: {
    method: 'POST',
    path: '/api/schedules/:pipeline/resume',
    tag: 'schedules',
    access: 'operator',
    summary: 'Resume the schedule of a pipeline',
    params: schedulePath,
    body: scheduleChange,
    answer: schedule,
  },
  retryRun: {
    method: 'POST',
    path: '/api/runs/:id/retry',
    tag: 'runs',
    access: 'operator',
    summary: 'Retry an ended run in a new run; what is complete is not computed again',
    params: id,
    answer: startedRun,
  },
  files: {
    method: 'GET',
    path: '/api/files',
    tag: 'data',
    access: 'viewer',
    summary: 'Files in raw-data, newest first: which wait, and which are being ingested',
    answer: waitingFiles,
  },
  receiveFile: {
    method: 'POST',
    path: '/api/files',
    tag: 'data',
    access: 'operator',
    summary:
      'Put a file into raw-data; the body is its bytes. It replaces no other file: when its name is taken, it gets another',
    query: receiveFileQuery,
    body: z.unknown().meta({ type: 'string', format: 'binary' }),
    isRaw: true,
    answer: receivedFile,
  },
  checks: {
    method: 'GET',
    path: '/api/checks',
    tag: 'data',
    access: 'viewer',
    summary: 'Checked files, newest first',
    query: checksQuery,
    answer: checks,
  },
  check: {
    method: 'GET',
    path: '/api/checks/:id',
    tag: 'data',
    access: 'viewer',
    summary: 'One checked file with its violations',
    params: id,
    isTagged: true,
    answer: checkDetail,
  },
  checkedFile: {
    method: 'GET',
    path: checkedFilePath(':id', ':part'),
    tag: 'data',
    access: 'viewer',
    summary: 'A part of a checked file, such as its bad rows, as it is in good-data or bad-data',
    params: checkedPartPath,
    isTagged: true,
    answer: text,
    answerType: 'application/octet-stream',
  },
  models: {
    method: 'GET',
    path: '/api/models',
    tag: 'models',
    access: 'viewer',
    summary: 'Model versions and promotions',
    isTagged: true,
    answer: models,
  },
  promoteVersion: {
    method: 'POST',
    path: '/api/models/:version/promote',
    tag: 'models',
    access: 'operator',
    summary: 'Make a version champion; the next prediction uses it',
    params: versionPath,
    body: aliasChange,
    answer: promotion,
  },
  challengeVersion: {
    method: 'POST',
    path: '/api/models/:version/challenge',
    tag: 'models',
    access: 'operator',
    summary:
      'Make a version challenger: the pipeline `monitor` compares it with what was served; only requests that name it get its predictions',
    params: versionPath,
    body: aliasChange,
    answer: promotion,
  },
  rollBackModel: {
    method: 'POST',
    path: '/api/models/rollback',
    tag: 'models',
    access: 'operator',
    summary: 'Make the version champion that was before the last promotion; a second call undoes it',
    body: aliasChange,
    answer: promotion,
  },
  performance: {
    method: 'GET',
    path: '/api/models/performance',
    tag: 'models',
    access: 'viewer',
    summary:
      'How good the predictions of the last days were, from the labels that came since; an estimate for those without; how soon labels come',
    query: performanceQuery,
    answer: performanceAnswer,
  },
  datasets: {
    method: 'GET',
    path: '/api/datasets',
    tag: 'models',
    access: 'viewer',
    summary: 'Versions of the dataset that models are trained on, newest first',
    query: datasetsQuery,
    isTagged: true,
    answer: datasets,
  },
  datasetRows: {
    method: 'GET',
    path: datasetRowsPath(':version'),
    tag: 'models',
    access: 'viewer',
    summary: 'The rows of a dataset version as CSV',
    params: versionPath,
    isTagged: true,
    answer: text,
    answerType: 'text/csv',
  },
  dashboards: {
    method: 'GET',
    path: '/api/dashboards',
    tag: 'monitoring',
    access: 'viewer',
    summary: 'Dashboard definitions',
    isTagged: true,
    answer: dashboards,
  },
  dashboard: {
    method: 'GET',
    path: '/api/dashboards/:id',
    tag: 'monitoring',
    access: 'viewer',
    summary: 'Rows of every panel over the last minutes',
    params: id,
    query: dashboardQuery,
    answer: dashboardRows,
  },
  drift: {
    method: 'GET',
    path: '/api/drift',
    tag: 'monitoring',
    access: 'viewer',
    summary: 'Whether arriving rows and predictions differ from what a model version was trained on',
    query: driftQuery,
    answer: drift,
  },
  driftWindows: {
    method: 'GET',
    path: '/api/drift/windows',
    tag: 'monitoring',
    access: 'viewer',
    summary: 'Windows that were judged for drift, newest first',
    query: driftWindowsQuery,
    answer: driftWindows,
  },
  driftWindow: {
    method: 'GET',
    path: '/api/drift/windows/:id',
    tag: 'monitoring',
    access: 'viewer',
    summary: 'One window with every comparison and its distributions',
    params: z.object({ id: numberId }),
    answer: driftWindowDetail,
  },
  alerts: {
    method: 'GET',
    path: '/api/alerts',
    tag: 'monitoring',
    access: 'viewer',
    summary: 'Alerts, newest first',
    query: alertsQuery,
    answer: alerts,
  },
  ...auditRoutes,
  ...alertChannelRoutes,
  ...alertRuleRoutes,
  ...apiKeyRoutes,
  ...sessionRoutes,
  ...userRoutes,
} as const satisfies Record<string, Route>;

/** The page of a check's report. */
export const reportPath = (checkId: string): string => pages.report.replace('$id', encodeURIComponent(checkId));
/** The report as one self-contained page, to keep or to send; `?scheme=dark` or `light` gives the colours of the page around it. */
export const reportFilePath = (checkId: string): string => `${checkPath(checkId)}/report`;
/** A chart of a report as an SVG image; `?scheme=dark` gives it colours for a dark page. */
export const reportChartPath = (checkId: string, chart: 'rows' | 'trend'): string =>
  `${checkPath(checkId)}/${chart}.svg`;
