import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { category, defineContract, number } from '#contracts';
import {
  type DashboardRows,
  dashboardRows,
  dashboards,
  dashboardsOf,
  driftAndPredictedNumbers,
  driftAndPredictions,
  ingestedData,
  type PanelRow,
} from '#monitor';
import type { Database } from '#store';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { at, seed, WINDOW } from './seed.ts';
import { seedNumbers } from './seed-numbers.ts';

let database: Database;
let numbers: Database;
let empty: Database;
beforeAll(async () => {
  [database, numbers, empty] = await Promise.all([createTestDatabase(), createTestDatabase(), createTestDatabase()]);
  await Promise.all([seed(database), seedNumbers(numbers)]);
});
afterAll(() => Promise.all([database.close(), numbers.close(), empty.close()]));

/** Rows of a chart as one number for each metric at a minute; `all` sums the window. */
function chart(rows: readonly PanelRow[]) {
  const valueAt = (time: string, metric: string) =>
    rows
      .filter((row) => row.time === new Date(at(time)).toISOString() && row.metric === metric)
      .map(({ value }) => value);
  const sum = (metric: string) =>
    rows.filter((row) => row.metric === metric).reduce((total, { value }) => total + Number(value), 0);
  const gaps = (metric: string) => rows.filter((row) => row.metric === metric && row.value === null).length;
  const metrics = [...new Set(rows.map(({ metric }) => metric))];
  return { valueAt, sum, gaps, metrics, buckets: new Set(rows.map(({ time }) => time)).size };
}
const value = (rows: readonly PanelRow[]) => {
  expect(rows).toHaveLength(1);
  return rows[0]?.value;
};
const byCategory = (rows: readonly PanelRow[]) => Object.fromEntries(rows.map((row) => [row.category, row.value]));

type Expectations = Readonly<Record<string, (rows: readonly PanelRow[]) => void>>;

const INGESTED: Expectations = {
  'invalid-share-now': (rows) => expect(value(rows)).toBe(36),
  'since-last-file': (rows) => expect(value(rows)).toBe(600),
  'files-missing-column': (rows) => expect(value(rows)).toBe(1),
  'undelivered-alerts': (rows) => expect(value(rows)).toBe(1),
  'file-count': (rows) => expect(value(rows)).toBe(3),
  'row-count': (rows) => expect(value(rows)).toBe(250),
  'quarantined-files': (rows) => expect(value(rows)).toBe(1),
  'quarantined-bytes': (rows) => expect(value(rows)).toBe(1),
  backlog: (rows) => expect(value(rows)).toBe(5),
  'backlog-over-time': (rows) => {
    const { valueAt, gaps } = chart(rows);
    expect([valueAt('10:03:00', 'waiting'), valueAt('10:04:00', 'waiting'), gaps('waiting')]).toEqual([[7], [5], 29]);
  },
  'oldest-quarantined': (rows) => expect(value(rows)).toBe(600),
  'files-again': (rows) => expect(value(rows)).toBe(0),
  'alerts-over-time': (rows) => {
    const { valueAt, sum, metrics } = chart(rows);
    expect(metrics).toEqual(['accepted', 'failed', 'suppressed']);
    expect([sum('accepted'), sum('failed'), sum('suppressed')]).toEqual([2, 2, 1]);
    expect([valueAt('10:11:00', 'failed'), valueAt('10:12:00', 'suppressed')]).toEqual([[2], [1]]);
  },
  'expectations-over-time': (rows) => {
    const { valueAt, sum, metrics, buckets } = chart(rows);
    expect(metrics).toEqual(['age in range in words', 'has fare in words', 'sex present in words']);
    expect([valueAt('10:02:00', 'age in range in words'), sum('age in range in words'), buckets]).toEqual([[1], 2, 31]);
  },
  files: (rows) => {
    const { valueAt, sum, metrics, buckets } = chart(rows);
    expect({ metrics, buckets }).toEqual({ metrics: ['pass', 'warn', 'fail', 'quarantined'], buckets: 31 });
    expect([valueAt('10:02:00', 'pass'), valueAt('10:02:00', 'fail'), valueAt('10:03:00', 'pass')]).toEqual([
      [1],
      [1],
      [0],
    ]);
    expect([sum('pass'), sum('warn'), sum('fail'), sum('quarantined')]).toEqual([1, 0, 1, 1]);
  },
  rows: (rows) => {
    const { valueAt, sum } = chart(rows);
    expect([valueAt('10:02:00', 'valid'), valueAt('10:02:00', 'invalid')]).toEqual([[160], [40]]);
    expect([valueAt('10:20:00', 'valid'), valueAt('10:20:00', 'invalid')]).toEqual([[0], [50]]);
    expect(sum('valid') + sum('invalid')).toBe(250);
  },
  'invalid-share': (rows) => {
    const { valueAt, gaps } = chart(rows);
    expect([valueAt('10:02:00', 'invalid'), valueAt('10:20:00', 'invalid')]).toEqual([[20], [100]]);
    expect(gaps('invalid')).toBe(29);
  },
  'problem-categories': (rows) => {
    const { valueAt, sum, metrics } = chart(rows);
    expect(metrics).toEqual(['missing-column', 'missing-value', 'out-of-range']);
    expect([sum('missing-column'), sum('missing-value'), sum('out-of-range')]).toEqual([1, 1, 2]);
    expect([valueAt('10:02:00', 'out-of-range'), valueAt('10:05:00', 'out-of-range')]).toEqual([[1], [0]]);
  },
  'missing-column': (rows) => {
    const { valueAt, sum, metrics } = chart(rows);
    expect(metrics).toEqual(['fare']);
    expect([valueAt('10:20:00', 'fare'), sum('fare')]).toEqual([[1], 1]);
  },
  'missing-values': (rows) => {
    const { valueAt, gaps, metrics } = chart(rows);
    expect(metrics).toEqual(['age', 'sex']);
    expect([valueAt('10:02:00', 'age'), valueAt('10:02:00', 'sex'), gaps('age')]).toEqual([[25], [5], 30]);
  },
  criticality: (rows) => expect(byCategory(rows)).toEqual({ high: 1, medium: 1, low: 0, none: 1 }),
  'alert-deliveries': (rows) =>
    expect(byCategory(rows)).toEqual({ accepted: 2, waiting: 1, failed: 1, 'no channel': 1 }),
  'ingest-runs': (rows) => {
    const { valueAt, sum } = chart(rows);
    expect([sum('succeeded'), sum('failed'), sum('skipped'), sum('cancelled')]).toEqual([1, 1, 1, 0]);
    expect(valueAt('10:03:00', 'skipped')).toEqual([1]);
  },
  'ingest-duration': (rows) => {
    const { valueAt, gaps } = chart(rows);
    expect([valueAt('10:02:00', 'median'), valueAt('10:02:00', '95 of 100')]).toEqual([[1000], [3000]]);
    expect(gaps('median')).toBe(30);
  },
  'broken-expectations': (rows) =>
    expect(rows).toEqual([
      {
        expectation: 'age in range in words',
        severity: 'fail',
        files: 2,
        rows: 34,
        trend: '→',
        'first seen': '2026-03-01T10:02:50.000Z',
        'last seen': '2026-03-01T10:20:00.000Z',
      },
      expect.objectContaining({ expectation: 'has fare in words', files: 1, rows: 50, trend: '↑' }),
      expect.objectContaining({ expectation: 'sex present in words', severity: 'warn', rows: 5, trend: '↓' }),
    ]),
  'latest-files': (rows) => {
    expect(rows.map(({ file }) => file)).toEqual(['quarantined.csv', 'mixed.csv', 'good.csv']);
    expect(rows[0]).toMatchObject({ rows: null, valid: null, invalid: null });
    expect(rows[1]).toEqual({
      'checked at': '2026-03-01T10:02:50.000Z',
      file: 'mixed.csv',
      verdict: 'fail',
      criticality: 'medium',
      rows: 100,
      valid: 60,
      invalid: 40,
      summary: 'mixed in words',
      link: '/reports/mixed',
    });
  },
};

const COLUMNS: Expectations = {
  'labelled-share': (rows) => expect(rows.map(({ value: share }) => share)).toEqual([50, 100, null]),
  'unusual-values': (rows) => {
    const { valueAt, gaps, metrics } = chart(rows);
    expect(metrics).toEqual(['unknown-category', 'out-of-range']);
    expect([valueAt('10:02:00', 'out-of-range'), valueAt('10:02:00', 'unknown-category')]).toEqual([[15], [0]]);
    expect([valueAt('10:20:00', 'out-of-range'), gaps('out-of-range')]).toEqual([[8], 29]);
  },
  'missing-values': (rows) => expect(chart(rows).valueAt('10:02:00', 'age')).toEqual([25]),
  drift: (rows) => {
    expect(rows.map(({ column, verdict, difference }) => [column, verdict, difference])).toEqual([
      ['age', 'drifted', 0.3],
      ['sex', 'drifted', 0.02],
      ['age', 'stable', 0.1],
      ['age', 'stable', 0.04],
      ['prediction', 'stable', 0.01],
      ['sex', 'stable', 0],
    ]);
    expect(rows[0]).toMatchObject({ threshold: 0.2, rows: 100, 'rows of': 'data', compared: 'distribution' });
  },
  'drift-over-time': (rows) => {
    const { metrics, valueAt } = chart(rows);
    expect(metrics).toEqual(['age', 'sex', 'prediction']);
    expect([valueAt('10:10:00', 'age')[0], valueAt('10:20:00', 'age')[0]]).toEqual([50, expect.closeTo(150, 9)]);
  },
};

const SERVED: Expectations = {
  'missing-drift': (rows) => {
    expect(chart(rows).metrics).toEqual(['age']);
    expect(chart(rows).valueAt('10:15:00', 'age')).toEqual([4]);
  },
  'training-and-serving': (rows) =>
    expect(rows).toEqual([
      {
        ...{ column: 'age', rows: 100, 'judged until': '2026-03-01T10:15:00.000Z' },
        ...{ 'training mean': 45.25, 'serving mean': 60.25, 'training median': 40, 'serving median': 60.5 },
        ...{ 'training 10 to 90 %': '20.000 to 60.000', 'serving 10 to 90 %': '30.000 to 70.000' },
      },
    ]),
  'values-outside-training': (rows) => {
    const { valueAt, metrics } = chart(rows);
    expect(metrics).toEqual(['age', 'sex']);
    expect([valueAt('10:15:00', 'age'), valueAt('10:15:00', 'sex')]).toEqual([[25], [2]]);
  },
  skew: (rows) => expect(rows).toEqual([{ time: '2026-03-01T10:15:00.000Z', metric: 'not repeated', value: 1 }]),
  'predict-latency': (rows) => {
    const { valueAt, gaps, metrics } = chart(rows);
    expect(metrics).toEqual(['median', '95 of 100', '99 of 100']);
    expect([valueAt('10:06:00', 'median'), valueAt('10:06:00', '95 of 100'), gaps('median')]).toEqual([[4], [100], 30]);
  },
  'request-errors': (rows) => {
    const { valueAt, gaps } = chart(rows);
    expect([valueAt('10:06:00', 'refused'), valueAt('10:06:00', 'failed'), gaps('refused')]).toEqual([[10], [10], 30]);
  },
  'refused-fields': (rows) => {
    const { valueAt, sum, metrics } = chart(rows);
    expect([metrics, valueAt('10:06:00', 'age'), sum('sex')]).toEqual([['age', 'sex'], [1], 1]);
  },
};

const challenged =
  (value: number) =>
  (rows: readonly PanelRow[]): void =>
    expect(rows).toEqual([
      { time: '2026-03-01T10:15:00.000Z', metric: 'passengers@2', value: expect.closeTo(value, 9) },
    ]);

const DRIFT: Expectations = {
  ...COLUMNS,
  ...SERVED,
  challenger: challenged(7),
  performance: (rows) => {
    const { valueAt } = chart(rows);
    expect([valueAt('10:00:00', 'real'), valueAt('10:00:00', 'estimated')]).toEqual([[75], [80]]);
    expect([valueAt('10:15:00', 'real'), valueAt('10:30:00', 'estimated')]).toEqual([[null], [null]]);
  },
  'confidence-shares': (rows) => {
    const third = (count: number) => expect.closeTo((100 * count) / 30, 9);
    expect(rows.map(({ value: share }) => share)).toEqual([0, 0, 0, 0, 0, 0, third(2), 0, third(1), third(27)]);
    expect([rows[0]?.low, rows[9]?.high]).toEqual([0, 100]);
  },
  predictions: (rows) => expect(value(rows)).toBe(30),
  'constant-prediction': (rows) => expect(value(rows)).toBe(90),
  'distinct-predictions': (rows) => expect(value(rows)).toBe(2),
  'since-last-prediction': (rows) => expect(value(rows)).toBe(23 * 60),
  'predictions-by-source': (rows) => {
    const { valueAt, sum } = chart(rows);
    expect([valueAt('10:05:00', 'scheduled'), valueAt('10:07:00', 'webapp'), valueAt('10:06:00', 'scheduled')]).toEqual(
      [[29], [1], [0]],
    );
    expect([sum('webapp'), sum('scheduled'), sum('api')]).toEqual([1, 29, 0]);
  },
  'class-shares': (rows) =>
    expect(rows).toEqual([
      { category: 'no', metric: 'predicted now', value: 90 },
      { category: 'no', metric: 'predicted for test rows', value: 70 },
      { category: 'no', metric: 'real in test rows', value: 60 },
      { category: 'yes', metric: 'predicted now', value: 10 },
      { category: 'yes', metric: 'predicted for test rows', value: 30 },
      { category: 'yes', metric: 'real in test rows', value: 40 },
    ]),
  'most-frequent-share': (rows) => {
    const { valueAt, gaps } = chart(rows);
    expect(valueAt('10:05:00', 'most frequent')[0]).toBeCloseTo((100 * 27) / 29, 9);
    expect([valueAt('10:07:00', 'most frequent'), gaps('most frequent')]).toEqual([[100], 29]);
  },
  confidence: (rows) => {
    const { valueAt, gaps } = chart(rows);
    expect([valueAt('10:05:00', 'median'), valueAt('10:07:00', 'least certain tenth')]).toEqual([[90], [80]]);
    expect(gaps('median')).toBe(29);
  },
  'model-versions': (rows) => {
    const { valueAt, sum, metrics } = chart(rows);
    expect([metrics, valueAt('10:05:00', 'version 1'), sum('version 1')]).toEqual([['version 1'], [29], 30]);
  },
  'predict-runs': (rows) => {
    const { valueAt, sum } = chart(rows);
    expect([sum('succeeded'), sum('skipped'), sum('failed')]).toEqual([1, 2, 0]);
    expect(valueAt('10:06:00', 'skipped')).toEqual([2]);
  },
  columns: (rows) =>
    expect(rows).toEqual([
      // 100 rows of mean 40 and 50 of mean 70, weighted by the cells that have a value.
      { column: 'age', files: 2, mean: 50, 'earlier mean': 30, 'missing %': 25, 'earlier missing %': 0 },
      { column: 'sex', files: 2, mean: null, 'earlier mean': null, 'missing %': 5, 'earlier missing %': 10 },
    ]),
  promotions: (rows) =>
    expect(rows).toEqual([
      {
        at: '2026-03-01T08:00:00.000Z',
        model: 'passengers',
        alias: 'champion',
        version: 1,
        'instead of': null,
        actor: 'train',
        reason: 'the first',
      },
    ]),
  'latest-predictions': (rows) => {
    expect(rows).toHaveLength(30);
    expect(rows[0]).toEqual({
      at: '2026-03-01T10:07:00.000Z',
      source: 'webapp',
      version: 1,
      prediction: 'yes',
      'probability %': 80,
      'latency ms': null,
      features: '{"age":40}',
    });
  },
};

/** Shares of a histogram, by metric, from its lowest bin on. */
const bins = (rows: readonly PanelRow[], metric: string) =>
  rows.filter((row) => row.metric === metric).map(({ low, high, value: share }) => [low, high, share]);

// The seeded classes are still there: they count as predictions and are no numbers.
const NUMBERS: Expectations = {
  ...COLUMNS,
  ...SERVED,
  challenger: challenged(0.07),
  'prediction-band': (rows) => {
    const { valueAt, gaps, metrics } = chart(rows);
    expect(metrics).toEqual(['test rows, 90th percentile', 'mean', 'median', 'test rows, 10th percentile']);
    expect(metrics.map((metric) => valueAt('10:20:00', String(metric)))).toEqual([[300], [720.5 / 4], [150], [100]]);
    expect([gaps('mean'), gaps('test rows, 10th percentile')]).toEqual([30, 0]);
  },
  performance: (rows) => {
    const { valueAt } = chart(rows);
    expect([valueAt('10:15:00', 'real'), valueAt('10:15:00', 'estimated')]).toEqual([[2.5], [4]]);
    expect(valueAt('10:00:00', 'real')).toEqual([null]);
  },
  predictions: (rows) => expect(value(rows)).toBe(34),
  'average-prediction': (rows) => expect(value(rows)).toBe(720.5 / 4),
  'average-error': (rows) => expect(value(rows)).toBe(10),
  'since-last-prediction': (rows) => expect(value(rows)).toBe(9.5 * 60),
  'predictions-by-source': (rows) => expect(chart(rows).sum('scheduled')).toBe(33),
  'predicted-over-time': (rows) => {
    const { valueAt, gaps, metrics } = chart(rows);
    expect(metrics).toEqual(['90th percentile', 'average', '10th percentile']);
    expect(metrics.map((metric) => valueAt('10:20:00', String(metric)))).toEqual([[320.5], [720.5 / 4], [100]]);
    expect(gaps('average')).toBe(30);
  },
  'number-shares': (rows) => {
    expect(bins(rows, 'predicted now')).toEqual([
      [null, 100, 0],
      [100, 200, 75],
      [200, 300, 0],
      [300, null, 25],
    ]);
    expect(bins(rows, 'predicted for test rows').map(([, , share]) => share)).toEqual([0, 60, 30, 10]);
    expect(bins(rows, 'real in test rows').map(([, , share]) => share)).toEqual([10, 50, 30, 10]);
  },
  'error-shares': (rows) => {
    const third = expect.closeTo(100 / 3, 9);
    expect(bins(rows, 'now').map(([, , share]) => share)).toEqual([0, third, third, third]);
    expect(bins(rows, 'on test rows')[0]).toEqual([null, -10, 10]);
  },
  'errors-over-time': (rows) => {
    const { valueAt, gaps } = chart(rows);
    expect([valueAt('10:20:00', 'mean absolute error'), gaps('mean absolute error')]).toEqual([[10], 30]);
    expect(valueAt('10:20:00', 'mean error')[0]).toBeCloseTo(10 / 3, 9);
  },
  'model-versions': (rows) => expect(chart(rows).sum('version 1')).toBe(34),
  'predict-runs': (rows) => expect(chart(rows).sum('succeeded')).toBe(1),
  columns: (rows) => expect(rows).toHaveLength(2),
  promotions: (rows) => expect(rows.map(({ model }) => model)).toEqual(['houses', 'passengers']),
  'latest-predictions': (rows) => expect([rows[0]?.prediction, rows.at(-1)?.prediction]).toEqual([320.5, null]),
};

describe.each([
  [ingestedData, INGESTED, () => database],
  [driftAndPredictions, DRIFT, () => database],
  [driftAndPredictedNumbers, NUMBERS, () => numbers],
] as const)('the dashboard $title', (dashboard, expectations, seeded) => {
  let answer: DashboardRows;
  beforeAll(async () => {
    answer = await dashboardRows(seeded(), dashboard, WINDOW);
  });

  it('has an expectation for each panel', () => {
    expect(Object.keys(expectations).sort()).toEqual(dashboard.panels.map(({ id }) => id).sort());
    expect(Object.keys(answer.panels)).toEqual(dashboard.panels.map(({ id }) => id));
  });

  it.each(dashboard.panels.map(({ id }) => id))('counts what was seeded in %s', (id) => {
    const panel = answer.panels[id];
    expect(panel?.error).toBeUndefined();
    expectations[id]?.(panel?.rows ?? []);
  });

  it.each(dashboard.windows)(
    'has no error over $label with no data at all, and no number that is not a count',
    async ({ minutes }) => {
      const window = { from: new Date(WINDOW.to.getTime() - minutes * 60_000), to: WINDOW.to };
      const { panels } = await dashboardRows(empty, dashboard, window);
      for (const { id, kind } of dashboard.panels) {
        expect(panels[id]?.error, id).toBeUndefined();
        if (kind === 'stat') expect([null, 0], id).toContain(panels[id]?.rows[0]?.value ?? null);
        if (kind === 'table') expect(panels[id]?.rows, id).toEqual([]);
        if (kind === 'timeseries')
          expect(
            panels[id]?.rows.every((row) => row.value === null),
            id,
          ).toBe(true);
        if (kind === 'bars')
          expect(
            panels[id]?.rows.every((row) => row.value === 0),
            id,
          ).toBe(true);
      }
    },
  );
});

describe('the dashboards', () => {
  it('counts whole files where a bucket is longer than a minute', async () => {
    const window = { from: new Date('2026-02-28T10:30:00Z'), to: WINDOW.to };
    const { panels } = await dashboardRows(database, ingestedData, window);
    const { valueAt } = chart(panels.files?.rows ?? []);
    expect(valueAt('10:00:00', 'pass')).toEqual([1]);
  });

  it('counts a file that comes again after quarantine, and no longer waits for it', async () => {
    const window = { from: WINDOW.from, to: new Date(at('11:45:00')) };
    const { panels } = await dashboardRows(database, ingestedData, window);
    // It was quarantined again five minutes before.
    expect(value(panels['oldest-quarantined']?.rows ?? [])).toBe(300);
    expect(value(panels['files-again']?.rows ?? [])).toBe(1);
  });

  it('takes the first bucket whole, though the window begins inside it', async () => {
    const window = { from: new Date(at('10:02:30')), to: WINDOW.to };
    const { panels } = await dashboardRows(database, ingestedData, window);
    expect(chart(panels.files?.rows ?? []).valueAt('10:02:00', 'pass')).toEqual([1]);
  });

  it('show no classes where the label is a number, and no averages of classes', () => {
    const columns = { price: number({ role: 'label' }), kind: category(['flat', 'house']) };
    expect(dashboardsOf(defineContract({ name: 'houses', columns }))).toEqual([ingestedData, driftAndPredictedNumbers]);
    const classes = { ...columns, price: category(['low', 'high'], { role: 'label' }) };
    expect(dashboardsOf(defineContract({ name: 'houses', columns: classes }))).toEqual([
      ingestedData,
      driftAndPredictions,
    ]);
  });

  it('has ids of their own', () => {
    expect(new Set(dashboards.map(({ id }) => id)).size).toBe(dashboards.length);
  });
});
