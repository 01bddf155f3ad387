import {
  type AlertChannel,
  type AlertRule,
  type alert,
  type checkDetail,
  contractAnswer,
  type DashboardRows,
  type DatabaseConnection,
  type Drift,
  type dashboards,
  datasetVersion,
  healthAnswer,
  models,
  type PerformanceAnswer,
  type PredictionJob,
  projectAnswer,
  type RunDetail,
  routes,
  runDetail,
  schedule,
  storedPrediction,
  type TaskRunResult,
  type WaitingFile,
} from '#api';
import { makeColumn } from '../../web/columns.ts';
import { type Access, makeAccess } from './made-up-access.ts';
import { makeAlertChannels } from './made-up-alert-channels.ts';
import { makeAlertRules, withoutStates } from './made-up-alert-rules.ts';
import { makeAlert } from './made-up-alerts.ts';
import { makeCheck } from './made-up-checks.ts';
import { madeUpDashboards } from './made-up-dashboards.ts';
import { madeUpDatabase } from './made-up-database.ts';
import { makeDrift, withoutWindows } from './made-up-drift.ts';
import { makeWaitingFile } from './made-up-files.ts';
import { makeJobs } from './made-up-jobs.ts';
import { makePerformance } from './made-up-performance.ts';
import { at } from './made-up-times.ts';
import { type MadeUpWorkers, makeWorkers } from './made-up-workers.ts';
import { makePanelRows, withoutRows } from './panel-rows.ts';
import { makeRandom, type Random } from './random.ts';

/** Everything the pages show, in shapes the API really has: each piece is parsed by its schema. */
export interface Fixtures {
  readonly health: ReturnType<typeof healthAnswer.parse>;
  readonly project: ReturnType<typeof projectAnswer.parse>;
  readonly contract: ReturnType<typeof contractAnswer.parse>;
  readonly models: ReturnType<typeof models.parse>;
  readonly performance: PerformanceAnswer;
  readonly datasets: ReturnType<typeof datasetVersion.parse>[];
  readonly files: WaitingFile[];
  readonly jobs: PredictionJob[];
  readonly taskRunResult: TaskRunResult;
  readonly dashboards: ReturnType<typeof dashboards.parse>;
  readonly schedules: ReturnType<typeof schedule.parse>[];
  readonly runs: RunDetail[];
  readonly checks: ReturnType<typeof checkDetail.parse>[];
  readonly predictions: ReturnType<typeof storedPrediction.parse>[];
  readonly alerts: ReturnType<typeof alert.parse>[];
  readonly alertChannels: AlertChannel[];
  readonly workers: MadeUpWorkers;
  readonly alertRules: AlertRule[];
  readonly drift: Drift;
  readonly database: DatabaseConnection;
  readonly access: Access;
  /** What the panels of a dashboard show over this many minutes until now. */
  readonly panelRows: (minutes: number) => DashboardRows;
}

/** A busy project as seen at `nowMs`; the same seed gives the same one. */
export function makeFixtures(nowMs: number, seed = 7): Fixtures {
  const random = makeRandom(seed);
  return {
    health: healthAnswer.parse({
      status: 'ok',
      checks: { database: { ok: true }, scheduler: { ok: true }, champion: { ok: true } },
    }),
    project: makeProject(nowMs),
    schedules: makeSchedules(nowMs),
    contract: makeContract(),
    models: makeModels(nowMs),
    performance: makePerformance(nowMs),
    datasets: [2, 1].map((number) => makeDataset(nowMs, number)),
    files: [2, 1].map((number) => makeWaitingFile(nowMs, number)),
    jobs: makeJobs(nowMs),
    taskRunResult: makeTaskRunResult(nowMs),
    dashboards: madeUpDashboards,
    runs: Array.from({ length: 130 }, (_, index) => makeRun(nowMs, index, random)),
    checks: Array.from({ length: 60 }, (_, index) => makeCheck(nowMs, index, random)),
    predictions: Array.from({ length: 170 }, (_, index) => makePrediction(nowMs, index, random)),
    alerts: Array.from({ length: 9 }, (_, index) => makeAlert(nowMs, index)),
    alertChannels: makeAlertChannels(nowMs),
    workers: makeWorkers(nowMs),
    alertRules: makeAlertRules(nowMs),
    drift: makeDrift(nowMs),
    database: madeUpDatabase,
    access: makeAccess(nowMs),
    panelRows: (minutes) => makePanelRows(Date.now(), minutes),
  };
}

/** The same project on its first second: nothing has happened. */
export function makeEmptyFixtures(nowMs: number): Fixtures {
  const full = makeFixtures(nowMs);
  return {
    ...full,
    models: { model: 'titanic', versions: [], promotions: [] },
    datasets: [],
    files: [],
    jobs: [],
    runs: [],
    checks: [],
    predictions: [],
    alerts: [],
    alertChannels: [],
    workers: { items: [], queues: [] },
    alertRules: withoutStates(full.alertRules),
    access: { ...full.access, users: [], keys: [], sessions: [], audit: [] },
    drift: withoutWindows(full.drift),
    panelRows: (minutes) => withoutRows(makePanelRows(Date.now(), minutes)),
  };
}

function makeDataset(nowMs: number, version: number) {
  const parts = [
    { kind: 'sql', description: 'passengers.sql over warehouse', files: 0, rows: 1762, bad: 0 },
    { kind: 'good-data', description: 'good-data, last 90 days', files: 12, rows: 140 * version, bad: 2 },
  ];
  return datasetVersion.parse({
    ...{ version, parts, digest: `${version}4f2a9c81be7703daa10`, sizeBytes: 48_000, rows: 1762 + 140 * version },
    ...{ unlabelled: 31, replaced: 0, added: 140, removed: 3, changed: 0, runId: String(990 + version) },
    ...{ createdAt: at(nowMs, 1500 * (3 - version)), trained: [version + 2] },
  });
}

function makeProject(nowMs: number) {
  const next = (seconds: number) => new Date(nowMs + seconds * 1000).toISOString();
  return projectAnswer.parse({
    name: 'titanic',
    title: 'Titanic survival',
    environment: 'dev',
    version: '0.1.0',
    hasModel: true,
    pipelines: [
      {
        name: 'ingest',
        description: 'Takes one file from raw-data, checks it, and splits it into good and bad rows',
        cron: '* * * * *',
        nextRunAt: next(38),
      },
      {
        name: 'predict',
        description: 'Predicts the rows of good files that were not predicted before',
        cron: '*/2 * * * *',
        nextRunAt: next(98),
      },
      {
        name: 'train',
        description: 'Trains a model on a new dataset version and promotes it when it is better',
        cron: '0 3 * * *',
        nextRunAt: next(40_000),
      },
      { name: 'cleanup', description: 'Removes what retention no longer keeps', cron: '30 3 * * *', nextRunAt: null },
    ],
  });
}

function makeSchedules(nowMs: number) {
  const moment = (seconds: number) => new Date(nowMs + seconds * 1000).toISOString();
  const usual = { timeZone: 'UTC', catchUp: 'none', overlap: 'skip', pause: null, runId: null, waiting: 0 };
  const tick = (seconds: number, isOverlapping = false) => ({
    ...{ at: moment(seconds), interval: { from: moment(seconds - 60), to: moment(seconds) }, isOverlapping },
  });
  return [
    { pipeline: 'ingest', cron: '* * * * *', ...usual, dropped: null, usualMs: 2_100, next: [tick(38)] },
    {
      ...{ pipeline: 'predict', cron: '*/2 * * * *', ...usual, overlap: 'queue', waiting: 3 },
      dropped: { tick: moment(-600), reason: 'A run of the pipeline was in progress.' },
      ...{ usualMs: 130_000, next: [tick(98, true)] },
    },
    {
      ...{ pipeline: 'train', cron: '0 3 * * *', ...usual },
      pause: { at: moment(-5_400), by: 'ada', reason: 'the shop database is being moved until Thursday' },
      ...{ dropped: null, usualMs: 64_000, next: [] },
    },
  ].map((each) => schedule.parse(each));
}

function makeContract() {
  return contractAnswer.parse({
    name: 'passengers',
    description: 'People aboard the Titanic on her only voyage, April 1912',
    label: 'survived',
    delimiter: ',',
    expectations: ['age is a multiple of 0.5', 'class is one of 1st, 2nd, 3rd, crew'],
    rules: [
      { sentence: 'age is a multiple of 0.5', rule: { over: 'cell', column: 'age', test: 'multiple', step: 0.5 } },
    ],
    columns: [
      makeColumn({ name: 'id', kind: 'integer', role: 'id', nullable: false, label: 'Number', min: 1 }),
      makeColumn({
        name: 'class',
        kind: 'category',
        role: 'feature',
        nullable: false,
        label: 'Class',
        description: 'Cabin class, or crew',
        categories: ['1st', '2nd', '3rd', 'crew'],
        examples: ['3rd'],
      }),
      makeColumn({
        name: 'sex',
        kind: 'category',
        role: 'feature',
        nullable: false,
        label: 'Sex',
        categories: ['female', 'male'],
        examples: ['female'],
      }),
      makeColumn({
        name: 'age',
        kind: 'number',
        role: 'feature',
        nullable: true,
        label: 'Age',
        unit: 'years',
        min: 0,
        max: 100,
        examples: [29],
      }),
      makeColumn({
        name: 'survived',
        kind: 'category',
        role: 'label',
        nullable: false,
        label: 'Survived',
        categories: ['no', 'yes'],
      }),
    ],
  });
}

function makeModels(nowMs: number) {
  const version = (number: number, accuracy: number, aliases: string[]) => ({
    model: 'titanic',
    version: number,
    estimator: 'knn (k = 25)',
    aliases,
    metrics: {
      accuracy: { value: accuracy, low: accuracy - 0.031, high: accuracy + 0.028 },
      'log-loss': { value: 0.51 - accuracy / 20, low: 0.44, high: 0.5 },
      'area-under-curve': { value: accuracy + 0.04, low: accuracy + 0.01, high: accuracy + 0.07 },
    },
    trainedOn: { datasetVersion: `4f2a9c81be7703d${number}aa10`, rows: 1762, features: ['class', 'sex', 'age'] },
    createdAt: at(nowMs, 1500 * (4 - number) + 12),
    runId: number === 1 ? null : `run-${990 - number}`,
  });
  return models.parse({
    model: 'titanic',
    versions: [
      version(4, 0.781, ['challenger']),
      version(3, 0.794, ['champion']),
      version(2, 0.762, []),
      version(1, 0.74, []),
    ],
    promotions: [
      {
        alias: 'challenger',
        version: 4,
        previous: null,
        actor: 'train',
        reason: 'Accuracy 0.781 is not above the champion’s 0.794 by more than chance',
        at: at(nowMs, 12),
      },
      {
        alias: 'champion',
        version: 3,
        previous: 2,
        actor: 'train',
        reason: 'Accuracy rose from 0.762 to 0.794',
        at: at(nowMs, 1510),
      },
      {
        alias: 'champion',
        version: 1,
        previous: null,
        actor: 'first start',
        reason: 'The first version',
        at: at(nowMs, 4500),
      },
    ],
  });
}

const INGEST = ['read-data', 'validate-data', 'save-statistics', 'send-alerts', 'split-and-save-data'] as const;
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  'validate-data': ['read-data'],
  'save-statistics': ['validate-data'],
  'send-alerts': ['validate-data'],
  'split-and-save-data': ['validate-data'],
};

const KEY = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

/** What each task run made: one output of each kind. */
function makeTaskRunResult(nowMs: number) {
  const output = (name: string, more: object) => ({
    ...{ name, kind: 'blob', digest: KEY, sizeBytes: 2_048, path: null, rowCount: null, table: null, sink: null },
    ...{
      isStored: true,
      preview: { kind: 'none' },
      contentUrl: '/api/runs/1/task-runs/2/outputs/3',
      links: [],
      ...more,
    },
  });
  const lines = Array.from({ length: 40 }, (_, line) => `line ${line}`).join('\n');
  const table = {
    kind: 'table',
    format: 'csv',
    columns: ['id', 'age'],
    columnCount: 2,
    rows: [['7', '22']],
    rowCount: 100,
  };
  return routes.taskRunResult.answer.parse({
    ...{ version: '12', key: KEY, runId: 'run-980', committedAt: at(nowMs, 3) },
    inputs: [{ name: 'read', task: 'read-data', key: KEY }],
    outputs: [
      output('good', { preview: table, links: [{ kind: 'dataset', id: '3' }] }),
      output('result', {
        ...{ kind: 'value', preview: { kind: 'json', text: lines, isCut: false } },
        links: ['check', 'report'].map((kind) => ({ kind, id: 'arrival-600' })),
      }),
      output('payload', { isStored: false, contentUrl: null, preview: null }),
      output('statistics', { kind: 'rows', rowCount: 1, table: 'weir.checks', contentUrl: null, preview: null }),
    ],
  });
}

/** A run of a pipeline whose goals are many. */
export function makeLargeRun(count: number): RunDetail {
  const base = { startedAt: '2026-01-31T06:00:00.000Z', endedAt: '2026-01-31T06:01:00.000Z' };
  const made = (goal: string, of: { task: string; needs: readonly string[]; n?: number }) => ({
    ...makeTaskRun(base, { task: of.task, needs: of.needs, state: of.n === 1_500 ? 'failed' : 'succeeded' }),
    ...{ goal, params: of.n === undefined ? {} : { file: `part-${of.n}.csv` } },
  });
  const parts = Array.from({ length: count }, (_, n) => `check-${n}`);
  return runDetail.parse({
    ...{ id: 'run-large', pipeline: 'nightly', state: 'failed', reason: null, trigger: 'manual', params: {}, ...base },
    createdAt: base.startedAt,
    taskRuns: [
      made('list', { task: 'list-files', needs: [] }),
      ...parts.map((goal, n) => made(goal, { task: 'check-file', needs: ['list'], n })),
      made('join', { task: 'join', needs: parts }),
    ],
  });
}

function makeRun(nowMs: number, index: number, random: Random): RunDetail {
  const id = `run-${String(1000 - index)}`;
  const minutes = index * 0.7;
  const base = {
    id,
    trigger: index % 17 === 0 ? 'manual' : 'schedule',
    createdAt: at(nowMs, minutes, 4),
    startedAt: at(nowMs, minutes, 3),
    endedAt: at(nowMs, minutes, 1),
  };
  if (index % 3 === 1) {
    const isSkipped = random() < 0.4;
    return runDetail.parse({
      ...base,
      pipeline: 'predict',
      state: isSkipped ? 'skipped' : 'succeeded',
      reason: isSkipped ? 'No good file that was not predicted before' : null,
      params: { champion: 'titanic@3' },
      taskRuns: ['check-for-new-data', ...(isSkipped ? [] : ['make-predictions'])].map((task, place, all) =>
        makeTaskRun(base, { task, needs: place > 0 ? [all[0] ?? ''] : [], state: isSkipped ? 'skipped' : 'succeeded' }),
      ),
    });
  }
  const state = index === 0 ? 'running' : index % 14 === 5 ? 'failed' : index % 19 === 6 ? 'cancelled' : 'succeeded';
  return runDetail.parse({
    ...base,
    pipeline: index === 38 ? 'train' : 'ingest',
    state,
    endedAt: state === 'running' ? null : base.endedAt,
    reason: state === 'failed' ? 'validate-data failed after 3 attempts: DuckDB ran out of memory' : null,
    params: { arrival: `arrival-${600 - index}`, file: `passengers-${600 - index}.csv` },
    taskRuns: INGEST.map((task, place) =>
      makeTaskRun(base, { task, needs: NEEDS[task] ?? [], state: ingestState(state, place) }),
    ),
  });
}

function ingestState(state: string, place: number): RunDetail['taskRuns'][number]['state'] {
  if (state === 'running') return (['cached', 'succeeded', 'running', 'running', 'queued'] as const)[place] ?? 'queued';
  if (state === 'failed')
    return (['succeeded', 'failed', 'skipped', 'skipped', 'skipped'] as const)[place] ?? 'skipped';
  return state === 'cancelled' && place > 1 ? 'cancelled' : 'succeeded';
}

interface WantedTaskRun {
  readonly task: string;
  readonly needs: readonly string[];
  readonly state: RunDetail['taskRuns'][number]['state'];
}

function makeTaskRun(base: { startedAt: string; endedAt: string }, { task, needs, state }: WantedTaskRun) {
  const hasRun = !['queued', 'cached', 'skipped'].includes(state);
  const start = Date.parse(base.startedAt) + (task.length % 5) * 200;
  const startedAt = hasRun ? new Date(start).toISOString() : null;
  const endedAt = hasRun && state !== 'running' ? new Date(start + 300 + task.length * 40).toISOString() : null;
  const attempt = (number: number) => ({
    number,
    startedAt,
    endedAt,
    outcome: state === 'running' ? null : state,
    error:
      state === 'failed'
        ? {
            class: 'infrastructure',
            name: 'DuckDbFailed',
            message:
              'Expected the check to fit into 512 MB, it asked for 640 MB. Raise checks.memoryMb or split the file.',
          }
        : null,
    log: `04:${10 + number}:02.113 ${task} started\n04:${10 + number}:02.480 opened passengers-600.csv, 100 rows, 2.1 KB\n04:${10 + number}:02.902 ${state}`,
  });
  return {
    goal: task,
    task,
    params: task === 'read-data' ? { arrival: 'arrival-600' } : {},
    needs: [...needs],
    state,
    reason:
      state === 'cached'
        ? 'An artifact with this key is there already'
        : state === 'skipped'
          ? 'validate-data did not succeed'
          : 'No artifact has this key: the input passengers-600.csv is new',
    key: state === 'queued' ? null : `9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a${task.length}`,
    startedAt,
    endedAt,
    attempts: hasRun ? Array.from({ length: state === 'failed' ? 3 : 1 }, (_, number) => attempt(number + 1)) : [],
    why:
      state === 'cached'
        ? { differences: [], from: { runId: 'run-980', at: base.startedAt, isAccepted: false } }
        : hasRun
          ? {
              differences: [
                { kind: 'code', sentence: 'Its code was version 1 and is version 2.', name: null, goal: null },
                ...needs.map((need) => ({
                  ...{ kind: 'input', sentence: `Its input ${need} changed.`, name: need, goal: need },
                })),
              ],
              from: null,
            }
          : null,
  };
}

function makePrediction(nowMs: number, index: number, random: Random) {
  const cabin = ['1st', '2nd', '3rd', 'crew'][Math.floor(random() * 4)] ?? 'crew';
  const sex = random() < 0.4 ? 'female' : 'male';
  const probability = 0.5 + random() * 0.5;
  return storedPrediction.parse({
    predictionId: `prediction-${9000 - index}`,
    at: at(nowMs, index * 0.4, 30),
    source: index % 9 === 0 ? 'webapp' : index % 31 === 7 ? 'api' : 'scheduled',
    modelVersion: index > 120 ? 'titanic@2' : 'titanic@3',
    ...(index % 9 === 0 ? {} : { rowId: String(2000 + (index % 60)) }),
    features: { class: cabin, sex, age: random() < 0.15 ? null : Math.round(random() * 700) / 10 },
    prediction: sex === 'female' ? 'yes' : 'no',
    ...(index % 40 === 3 ? {} : { probability }),
    ...(index % 3 === 0
      ? {}
      : makeOutcome({ isYes: sex === 'female', isCorrect: index % 5 > 0 }, at(nowMs, index * 0.2))),
  });
}

function makeOutcome({ isYes, isCorrect }: { isYes: boolean; isCorrect: boolean }, observedAt: string) {
  return { actual: isYes === isCorrect ? 'yes' : 'no', observedAt, isCorrect };
}
