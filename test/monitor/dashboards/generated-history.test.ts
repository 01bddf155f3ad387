import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foldCheckCounts } from '#contracts';
import { foldPredictionCounts } from '#ml';
import {
  type DashboardRows,
  dashboardRows,
  driftAndPredictions,
  foldRunCounts,
  ingestedData,
  type PanelRow,
} from '#monitor';
import type { Database } from '#store';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import {
  type MadeCheck,
  type MadePrediction,
  type MadeRequest,
  type MadeRun,
  makeHistory,
  rowsIn,
  storeHistory,
} from './history.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const TO = Date.parse('2026-03-05T12:34:56Z');

/** mulberry32: the same history in each run. */
function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const history = makeHistory(TO, makeRandom(11));

interface Asked {
  readonly from: number;
  readonly to: number;
  /** Milliseconds of a bucket. */
  readonly width: number;
  readonly source?: readonly string[];
  readonly version?: readonly string[];
}

const floor = (time: number, width: number): number => Math.floor(time / width) * width;
const minuteOf = (time: number): number => floor(time, MINUTE_MS);
/** Counts are by the minute: the first one is whole, and the last one is what has been counted of it. */
const isWithin = (at: number, from: number, to: number): boolean =>
  minuteOf(at) >= minuteOf(from) && minuteOf(at) <= to;

function timesOf({ from, to, width }: Asked): readonly number[] {
  const first = floor(from, width);
  return Array.from({ length: Math.floor((to - first) / width) + 1 }, (_, index) => first + index * width);
}

const isOf = (asked: Asked) => (check: MadeCheck) => asked.source?.includes(check.source) ?? true;
const isBy = (asked: Asked) => (made: MadePrediction) => asked.version?.includes(`made@${made.version}`) ?? true;
const inWindow = (asked: Asked) =>
  history.checks.filter(isOf(asked)).filter(({ at }) => isWithin(at, asked.from, asked.to));
const inBuckets = (asked: Asked) =>
  history.checks.filter(isOf(asked)).filter(({ at }) => isWithin(at, floor(asked.from, asked.width), asked.to));
const predicted = (asked: Asked, from = asked.from) =>
  history.predictions.filter(isBy(asked)).filter(({ at }) => isWithin(at, from, asked.to));
const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0);
const invalid = (check: MadeCheck): number =>
  check.verdict === 'quarantined' ? rowsIn(check) : check.bad + check.rejected;
const valid = (check: MadeCheck): number => (check.verdict === 'quarantined' ? 0 : check.good);
const share = (part: number, whole: number): number | null => (whole === 0 ? null : (100 * part) / whole);

/** Rows of a chart from what each bucket has, by metric. */
function chartOf<T extends { readonly at: number }>(
  asked: Asked,
  items: readonly T[],
  metrics: Readonly<Record<string, (items: readonly T[]) => number | null>>,
): PanelRow[] {
  return timesOf(asked).flatMap((time) => {
    const within = items.filter(({ at }) => floor(at, asked.width) === time);
    return Object.entries(metrics).map(([metric, of]) => ({
      time: new Date(time).toISOString(),
      metric,
      value: of(within),
    }));
  });
}

const countWhere =
  <T>(is: (item: T) => boolean) =>
  (items: readonly T[]): number =>
    items.filter(is).length;
const named = <T>(names: readonly string[], of: (name: string) => T): Record<string, T> =>
  Object.fromEntries(names.map((name) => [name, of(name)]));
const problemsOf = (checks: readonly MadeCheck[]) =>
  checks.flatMap(({ at, problems }) => problems.map((each) => ({ at, ...each })));

/** The least probability, in percent, that a share of the predictions has at most. */
function quantile(predictions: readonly MadePrediction[], part: number): number | null {
  const sorted = predictions.map(({ probability }) => Math.round(100 * probability)).sort((a, b) => a - b);
  return sorted.find((_, index) => (index + 1) / sorted.length >= part) ?? null;
}

function mostFrequent(predictions: readonly MadePrediction[]): number | null {
  const yes = predictions.filter(({ value }) => value === 'yes').length;
  return share(Math.max(yes, predictions.length - yes), predictions.length);
}

const runsOf = (asked: Asked, pipeline: MadeRun['pipeline']) =>
  history.runs.filter((run) => run.pipeline === pipeline && isWithin(run.at, floor(asked.from, asked.width), asked.to));
const statesOf = (asked: Asked, pipeline: MadeRun['pipeline'], states: readonly string[]) =>
  chartOf(
    asked,
    runsOf(asked, pipeline),
    named(states, (state) => countWhere((run: MadeRun) => run.state === state)),
  );
const predictRequests = (asked: Asked) =>
  history.requests.filter(
    ({ at, route }) => route === 'POST /api/predict' && isWithin(at, floor(asked.from, asked.width), asked.to),
  );

/** The least number that a share of the numbers has at most. */
function nearestRank(numbers: readonly number[], part: number): number | null {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted.find((_, index) => (index + 1) / sorted.length >= part) ?? null;
}
/** The bound that a duration keeps to. */
function boundOf(durationMs: number): number {
  const decade = 10 ** Math.floor(Math.log10(Math.max(1, durationMs)));
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map((step) => step * decade).find((bound) => durationMs <= bound) ?? Number.NaN;
}
const workedMs = (runs: readonly MadeRun[]): number[] =>
  runs.filter(({ state }) => state === 'succeeded' || state === 'failed').map(({ durationMs }) => boundOf(durationMs));
const answeredMs = (requests: readonly MadeRequest[]): number[] =>
  requests.map(({ durationMs }) => Math.min(100_000, boundOf(durationMs)));

/** Whether the file that was checked before under the same name was quarantined. */
function comesAgain(check: MadeCheck): boolean {
  const isBefore = (one: MadeCheck, other: MadeCheck) =>
    one.at < other.at || (one.at === other.at && one.id < other.id);
  const before = history.checks.filter((other) => other.source === check.source && isBefore(other, check));
  const last = before.reduce<MadeCheck | undefined>(
    (newest, each) => (newest && isBefore(each, newest) ? newest : each),
    undefined,
  );
  return last?.verdict === 'quarantined';
}

type Expected = (asked: Asked) => readonly PanelRow[];

const INGESTED: Readonly<Record<string, Expected>> = {
  'invalid-share-now': (asked) => [{ value: share(sum(inWindow(asked), invalid), sum(inWindow(asked), rowsIn)) }],
  'file-count': (asked) => [{ value: inWindow(asked).length }],
  'row-count': (asked) => [{ value: sum(inWindow(asked), rowsIn) }],
  'quarantined-files': (asked) => [{ value: countWhere(isQuarantined)(inWindow(asked)) }],
  'quarantined-bytes': (asked) => [{ value: sum(inWindow(asked).filter(isQuarantined), ({ sizeBytes }) => sizeBytes) }],
  'files-again': (asked) => [{ value: countWhere(comesAgain)(inWindow(asked)) }],
  'ingest-runs': (asked) => statesOf(asked, 'ingest', ['succeeded', 'failed', 'skipped', 'cancelled']),
  'ingest-duration': (asked) =>
    chartOf(asked, runsOf(asked, 'ingest'), {
      median: (runs) => nearestRank(workedMs(runs), 0.5),
      '95 of 100': (runs) => nearestRank(workedMs(runs), 0.95),
    }),
  'files-missing-column': (asked) => {
    const checks = inWindow(asked);
    const lacks = ({ problems }: MadeCheck) => problems.some(({ category }) => category === 'missing-column');
    return [{ value: checks.length === 0 ? null : countWhere(lacks)(checks) }];
  },
  files: (asked) =>
    chartOf(
      asked,
      inBuckets(asked),
      named(['pass', 'warn', 'fail', 'quarantined'], (verdict) => countWhere((check) => check.verdict === verdict)),
    ),
  rows: (asked) =>
    chartOf(asked, inBuckets(asked), {
      valid: (checks) => sum(checks, valid),
      invalid: (checks) => sum(checks, invalid),
    }),
  'invalid-share': (asked) =>
    chartOf(asked, inBuckets(asked), { invalid: (checks) => share(sum(checks, invalid), sum(checks, rowsIn)) }),
  'problem-categories': (asked) => {
    const problems = problemsOf(inBuckets(asked));
    const categories = [...new Set(problems.map(({ category }) => category))].sort();
    return chartOf(
      asked,
      problems,
      named(categories, (category) => countWhere((problem) => problem.category === category)),
    );
  },
  'missing-values': (asked) => {
    const cells = inBuckets(asked).flatMap((check) =>
      rowsIn(check) === 0 ? [] : check.columns.map((column) => ({ ...column, at: check.at, rows: rowsIn(check) })),
    );
    const nulls = (name: string) =>
      sum(
        cells.filter((cell) => cell.name === name),
        (cell) => cell.nulls,
      );
    const names = [...new Set(cells.map(({ name }) => name))].sort((a, b) => nulls(b) - nulls(a) || a.localeCompare(b));
    return chartOf(
      asked,
      cells,
      named(names, (name) => (within) => {
        const own = within.filter((cell) => cell.name === name);
        return share(
          sum(own, (cell) => cell.nulls),
          sum(own, (cell) => cell.rows),
        );
      }),
    );
  },
  criticality: (asked) =>
    ['high', 'medium', 'low', 'none'].map((category) => ({
      category,
      value: countWhere((check: MadeCheck) => (check.criticality ?? 'none') === category)(inWindow(asked)),
    })),
};

const isQuarantined = ({ verdict }: MadeCheck): boolean => verdict === 'quarantined';

const PREDICTED: Readonly<Record<string, Expected>> = {
  'predict-runs': (asked) => statesOf(asked, 'predict', ['succeeded', 'skipped', 'failed', 'cancelled']),
  'predict-latency': (asked) =>
    chartOf(asked, predictRequests(asked), {
      median: (requests) => nearestRank(answeredMs(requests), 0.5),
      '95 of 100': (requests) => nearestRank(answeredMs(requests), 0.95),
      '99 of 100': (requests) => nearestRank(answeredMs(requests), 0.99),
    }),
  'request-errors': (asked) =>
    chartOf(asked, predictRequests(asked), {
      refused: (requests) => share(countWhere(({ status }: MadeRequest) => status === 422)(requests), requests.length),
      failed: (requests) => share(countWhere(({ status }: MadeRequest) => status === 503)(requests), requests.length),
    }),
  'refused-fields': (asked) => {
    const requests = predictRequests(asked);
    const of = (field: string) => countWhere(({ fields }: MadeRequest) => fields.includes(field));
    const fields = [...new Set(requests.flatMap((request) => request.fields))];
    return chartOf(
      asked,
      requests,
      named(
        fields.sort((a, b) => of(b)(requests) - of(a)(requests) || a.localeCompare(b)),
        of,
      ),
    );
  },
  predictions: (asked) => [{ value: predicted(asked).length }],
  'distinct-predictions': (asked) => [{ value: new Set(predicted(asked).map(({ value }) => value)).size || null }],
  'predictions-by-source': (asked) =>
    chartOf(
      asked,
      predicted(asked, floor(asked.from, asked.width)),
      named(['webapp', 'scheduled', 'api'], (source) => countWhere((made) => made.source === source)),
    ),
  'most-frequent-share': (asked) =>
    chartOf(asked, predicted(asked, floor(asked.from, asked.width)), { 'most frequent': mostFrequent }),
  confidence: (asked) =>
    chartOf(asked, predicted(asked, floor(asked.from, asked.width)), {
      median: (within) => quantile(within, 0.5),
      'least certain tenth': (within) => quantile(within, 0.1),
    }),
  'model-versions': (asked) => {
    const made = predicted(asked, floor(asked.from, asked.width));
    const versions = [...new Set(made.map(({ version }) => version))].sort();
    return chartOf(
      asked,
      made,
      Object.fromEntries(
        versions.map((version) => [
          `version ${version}`,
          countWhere((each: MadePrediction) => each.version === version),
        ]),
      ),
    );
  },
  'confidence-shares': (asked) => {
    const made = predicted(asked);
    const binOf = ({ probability }: MadePrediction) => Math.min(9, Math.floor(Math.round(100 * probability) / 10));
    if (made.length === 0) return [];
    return Array.from({ length: 10 }, (_, bin) => ({
      ...{ low: 10 * bin, high: 10 * bin + 10, metric: 'predictions' },
      value: share(countWhere((each: MadePrediction) => binOf(each) === bin)(made), made.length),
    }));
  },
};

const ASKED: readonly (readonly [string, Asked])[] = [
  ['ten minutes', { from: TO - 10 * MINUTE_MS, to: TO, width: MINUTE_MS }],
  ['six hours', { from: TO - 6 * HOUR_MS, to: TO, width: 5 * MINUTE_MS }],
  ['eleven hours, from minutes', { from: TO - 11 * HOUR_MS, to: TO, width: 10 * MINUTE_MS }],
  ['a day, from hours', { from: TO - 24 * HOUR_MS, to: TO, width: HOUR_MS }],
  ['three days, from hours', { from: TO - 72 * HOUR_MS, to: TO, width: HOUR_MS }],
  ['ninety days', { from: TO - 90 * 24 * HOUR_MS, to: TO, width: 24 * HOUR_MS }],
  ['past hours around the burst', { from: TO - 31 * HOUR_MS, to: TO - 29 * HOUR_MS, width: 2 * MINUTE_MS }],
  [
    'one source and one version',
    { from: TO - 72 * HOUR_MS, to: TO, width: HOUR_MS, source: ['orders'], version: ['made@2'] },
  ],
  ['what there is not', { from: TO - 6 * HOUR_MS, to: TO, width: 5 * MINUTE_MS, source: ["o'r"], version: ['made@9'] }],
];

/** Numbers as they are after a sum in another order. */
const rounded = (rows: readonly PanelRow[] | undefined): PanelRow[] | undefined =>
  rows?.map((row) => ({
    ...row,
    ...(typeof row.value === 'number' ? { value: Number(row.value.toPrecision(12)) } : {}),
  }));

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
  await storeHistory(database, history);
});
afterAll(() => database.close());

async function answersOf(asked: Asked): Promise<DashboardRows['panels']> {
  const window = { from: new Date(asked.from), to: new Date(asked.to) };
  const choices = { source: asked.source ?? [], version: asked.version ?? [] };
  const [ingested, drift] = await Promise.all(
    [ingestedData, driftAndPredictions].map((dashboard) => dashboardRows(database, dashboard, { ...window, choices })),
  );
  expect(ingested?.bucketSeconds).toBe(asked.width / 1000);
  // Both have a panel of missing values; that of arriving files can be narrowed to a source.
  return { ...drift?.panels, ...ingested?.panels };
}

describe.each([['before'], ['after']])('panels over a generated history, %s its counts are folded', (when) => {
  beforeAll(async () => {
    if (when === 'before') return;
    await foldCheckCounts(database);
    await foldPredictionCounts(database);
    await foldRunCounts(database);
  });

  it.each(ASKED)('show of %s what a computation without SQL has', async (_, asked) => {
    const answers = await answersOf(asked);
    for (const [id, expected] of Object.entries({ ...INGESTED, ...PREDICTED })) {
      expect(answers[id]?.error, id).toBeUndefined();
      expect(rounded(answers[id]?.rows), id).toEqual(rounded(expected(asked)));
    }
  });
});
