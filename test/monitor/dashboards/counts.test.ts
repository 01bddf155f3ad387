import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { foldPredictionCounts, forgetPredictions, storePredictions } from '#ml';
import { dashboardRows, driftAndPredictions, startFolding } from '#monitor';
import type { Database } from '#store';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { seed, WINDOW } from './seed.ts';

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(() =>
  database.query(
    'truncate predictions, prediction_requests, prediction_counts_arrived, prediction_counts_folded, prediction_confidences_folded, prediction_hours_folded, confidence_hours_folded',
  ),
);

const store = (values: readonly (string | number)[], probability?: number) =>
  storePredictions(database, {
    model: 'boats',
    version: 1,
    source: 'api',
    rows: values.map((_, index) => ({ length: index })),
    predictions: values.map((value) => (probability === undefined ? { value } : { value, probability })),
  });
const counted = (): Promise<readonly { prediction: string; number: number }[]> =>
  database.query(
    'select prediction, sum(number)::integer as number from prediction_counts group by 1 order by prediction collate "C"',
  );
const rowsOf = async (table: string): Promise<number> => {
  const [row] = await database.query<{ count: number }>(`select count(*)::integer as count from ${table}`);
  return row?.count ?? 0;
};

describe('the counts of predictions', () => {
  it('are right at once, before and after they are folded, and when they are folded again', async () => {
    await store(['yes', 'yes', 'no'], 0.9);
    await store([12.5]);
    const all = [
      { prediction: '12.5', number: 1 },
      { prediction: 'no', number: 1 },
      { prediction: 'yes', number: 2 },
    ];
    expect(await counted()).toEqual(all);
    await foldPredictionCounts(database);
    expect(await counted()).toEqual(all);
    expect(await rowsOf('prediction_counts_arrived')).toBe(0);
    await store(['yes'], 0.9);
    await foldPredictionCounts(database);
    await foldPredictionCounts(database);
    expect(await counted()).toEqual([...all.slice(0, 2), { prediction: 'yes', number: 3 }]);
    expect(
      await database.query('select confidence, sum(number)::integer as number from prediction_confidences group by 1'),
    ).toEqual([{ confidence: 90, number: 4 }]);
  });

  it('count each prediction once while many store and many fold', async () => {
    const storing = Array.from({ length: 40 }, (_, index) => store([`class ${index % 7}`, 'yes'], 0.5));
    const folding = Array.from({ length: 20 }, () => foldPredictionCounts(database));
    await Promise.all([...storing, ...folding]);
    const numbers = await counted();
    expect(numbers.reduce((total, { number }) => total + number, 0)).toBe(80);
    expect(numbers.at(-1)).toEqual({ prediction: 'yes', number: 40 });
  });

  it('count nothing of a transaction that was rolled back', async () => {
    const failing = database.transaction(async (tx) => {
      await tx.query(
        `insert into predictions (model, model_version, source, features, prediction, row_number) values ('boats', 1, 'api', '{}', '"yes"', 0)`,
      );
      throw new Error('stop');
    });
    await expect(failing).rejects.toThrow('stop');
    expect(await counted()).toEqual([]);
  });

  it('take a text that no index would', async () => {
    await store(['y'.repeat(100_000)]);
    await foldPredictionCounts(database);
    expect(await counted()).toEqual([{ prediction: 'y'.repeat(200), number: 1 }]);
  });

  it('are forgotten with the predictions', async () => {
    await store(['old'], 0.7);
    await foldPredictionCounts(database);
    await store(['older'], 0.7);
    for (const [table, at] of [
      ['predictions', 'at'],
      ['prediction_counts_arrived', 'minute'],
      ['prediction_counts_folded', 'minute'],
      ['prediction_confidences_folded', 'minute'],
      ['prediction_hours_folded', 'hour'],
      ['confidence_hours_folded', 'hour'],
    ])
      await database.query(`update ${table} set ${at} = ${at} - interval '31 days'`);
    await store(['new'], 0.7);
    expect(await forgetPredictions(database, { ageDaysMax: 30 })).toMatchObject({ predictions: 2 });
    expect(await counted()).toEqual([{ prediction: 'new', number: 1 }]);
    expect(await rowsOf('prediction_confidences_folded')).toBe(0);
  });
});

describe('the dashboard', () => {
  it('shows the same before and after the counts are folded', async () => {
    await seed(database);
    const before = await dashboardRows(database, driftAndPredictions, WINDOW);
    await foldPredictionCounts(database);
    expect(await dashboardRows(database, driftAndPredictions, WINDOW)).toEqual(before);
    expect(before.panels.predictions?.rows).toEqual([{ value: 30 }]);
  });
});

describe('folding', () => {
  it('starts at once, continues after each pause, also after an error, and ends when stopped', async () => {
    const waiting: (() => void)[] = [];
    const errors: unknown[] = [];
    let cancelled = 0;
    const after = (_: number, callback: () => void) => {
      waiting.push(callback);
      return () => {
        cancelled += 1;
      };
    };
    await store(['yes']);
    const folding = startFolding(database, { after, onError: (error) => errors.push(error) });
    await expect.poll(() => waiting.length).toBe(1);
    expect(await rowsOf('prediction_counts_arrived')).toBe(0);
    // Where the next predictions belong.
    expect(await database.query(`select from pg_inherits where inhparent = 'predictions'::regclass`)).toHaveLength(2);

    await database.query('alter table prediction_counts_folded rename to away');
    await store(['yes']);
    waiting[0]?.();
    await expect.poll(() => waiting.length).toBe(2);
    expect(errors).toHaveLength(1);
    await database.query('alter table away rename to prediction_counts_folded');

    waiting[1]?.();
    await expect.poll(() => waiting.length).toBe(3);
    expect(await counted()).toEqual([{ prediction: 'yes', number: 2 }]);
    expect(await rowsOf('prediction_counts_arrived')).toBe(0);
    await folding.stop();
    expect(cancelled).toBeGreaterThan(0);
  });
});
