import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { performanceByDay, storeLabels } from '#ml';
import type { Database } from '#store';
import { createTestDatabase } from '../../postgres/create-test-database.ts';

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => database.query(`truncate ${TABLES}`));

/** What predictions, labels and what is computed of them are in. */
const TABLES =
  'predictions, labels, prediction_counts_arrived, performance_quarters, performance_stale, labels_arrived, label_delays';

const day = (number: number): Date => new Date(Date.UTC(2026, 0, number));
const bounds = [1, 2, 3, 4].map(day);

/** One prediction on each of the days, for the rows `day-0`, `day-1` and so on. */
async function predict(values: Readonly<Record<number, readonly (string | number)[]>>, model = 'boats'): Promise<void> {
  for (const [number, list] of Object.entries(values))
    for (const [index, value] of list.entries())
      await database.query(
        `insert into predictions (at, model, model_version, source, features, prediction, row_number, row_id)
         values ($1, $2, 1, 'api', '{}', $3, 0, $4)`,
        [day(Number(number)), model, JSON.stringify(value), `${number}-${index}`],
      );
}

const label = (labels: Readonly<Record<string, string | number>>) =>
  storeLabels(database, {
    model: 'boats',
    source: 'api',
    labels: Object.entries(labels).map(([rowId, value]) => ({ rowId, value, observedAt: day(9) })),
  });

describe('performance by day', () => {
  it('is the accuracy of classes whose label is known, on the day they were predicted', async () => {
    await predict({ 1: ['yes', 'yes', 'no', 'no'], 3: ['yes', 'no'], 4: ['yes'] });
    await predict({ 1: ['no'] }, 'cars');
    await label({ '1-0': 'yes', '1-1': 'no', '1-2': 'no', '4-0': 'no' });
    const found = await performanceByDay(database, { model: 'boats', bounds });
    expect(found.days).toMatchObject([
      { predictions: 4, labelled: 3, metrics: { accuracy: { value: 2 / 3 } } },
      { predictions: 0, labelled: 0, metrics: {} },
      { predictions: 2, labelled: 0, metrics: {} },
    ]);
    expect(found.total).toEqual({ ...found.days[0], predictions: 6 });
    expect(found.isComplete).toBe(true);
    // Wilson's interval of 2 in 3.
    const { low = 1, high = 0 } = found.total.metrics.accuracy ?? {};
    expect([low, high].map((bound) => bound.toFixed(3))).toEqual(['0.208', '0.939']);
  });

  it('follows a label that is corrected', async () => {
    await predict({ 2: ['yes'] });
    for (const [value, accuracy] of [['no', 0] as const, ['yes', 1] as const]) {
      await storeLabels(database, { model: 'boats', source: 'api', labels: [{ rowId: '2-0', value }] });
      const { total } = await performanceByDay(database, { model: 'boats', bounds });
      expect(total).toMatchObject({ labelled: 1, metrics: { accuracy: { value: accuracy } } });
    }
  });

  it('is RMSE, MAE and mean error of numbers, with intervals from five rows on', async () => {
    const errors = [3, -1, 0, 2, 1];
    await predict({ 1: errors.map((error) => 10 + error), 2: [12] });
    await label(Object.fromEntries([...errors.map((_, index) => [`1-${index}`, 10]), ['2-0', 10]]));
    const { days } = await performanceByDay(database, { model: 'boats', bounds });
    const { rmse, mae, mean_error: bias } = days[0]?.metrics ?? {};
    expect(rmse?.value).toBeCloseTo(Math.sqrt(3));
    expect(mae?.value).toBeCloseTo(1.4);
    // Mean 1, deviation √2.5, the quantile of Student's t with four degrees of freedom 2.776.
    expect(bias?.value).toBeCloseTo(1);
    expect(bias?.low).toBeCloseTo(1 - 2.776 * Math.sqrt(2.5 / 5), 1);
    expect(bias?.high).toBeCloseTo(1 + 2.776 * Math.sqrt(2.5 / 5), 1);
    // An error is never below zero, nor is its bound.
    expect(rmse?.low).toBe(0);
    expect(days[1]?.metrics).toEqual({ rmse: { value: 2 }, mae: { value: 2 }, mean_error: { value: 2 } });
  });

  it('is empty without predictions', async () => {
    const nothing = { predictions: 0, labelled: 0, metrics: {} };
    const found = await performanceByDay(database, { model: 'boats', bounds });
    expect(found).toEqual({ days: [nothing, nothing, nothing], total: nothing, versions: [], isComplete: true });
  });
});
