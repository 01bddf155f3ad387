import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judgeWindow, saveWindow } from '#monitor';
import type { Database } from '#store';
import { samplePredictions, sampleRows } from '../../../src/monitor/drift/reference.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

/** Weights of `from` up to 100 rows on, every tenth row of a size of its own. */
const rowsFrom = (from: number, odd: string) =>
  Array.from({ length: 100 }, (_, index) => ({
    weight: from + index,
    secret: index,
    size: index % 10 === 0 ? odd : 'small',
  }));
const predictions = Array.from({ length: 100 }, (_, index) => ({ value: index }));
const reference = {
  features: sampleRows({ weight: 'number', secret: 'number', size: 'category' }, rowsFrom(1, 'large')),
  predictions: samplePredictions(predictions),
  importance: {},
};
const judged = judgeWindow(
  reference,
  { rows: rowsFrom(41, 'huge'), predictions },
  { sensitive: new Set(['secret']), label: 'price' },
);

describe('a judged window', () => {
  it('has means and percentiles of numbers beside those of training, and the share that training did not have', async () => {
    const scores = judged.scores.map((score) => ({ ...score, driftedWindows: 0, isSustained: false }));
    await saveWindow(database, {
      ...{ model: 'shop', version: 1, stream: 'predictions', status: 'judged', rows: 100, sentence: 's', runId: '1' },
      ...{ from: new Date('2026-03-01T10:00:00Z'), to: new Date('2026-03-01T11:00:00Z') },
      ...{ sustained: { k: 2, n: 3 }, scores, unjudged: [], files: [] },
    });
    const stored = await database.query(
      `select column_name as name, reference_mean as before, current_mean as now, reference_quantiles as quantiles_before,
              current_quantiles as quantiles, outside_share as outside
         from drift_scores where reference_mean is not null or outside_share is not null order by 1`,
    );
    const same = { before: 49.5, now: 49.5, quantiles_before: [9, 49, 89], quantiles: [9, 49, 89], outside: 0 };
    expect(stored).toEqual([
      { name: 'prediction', ...same },
      // A sensitive column: no value of it, and a share is none.
      { name: 'secret', before: null, now: null, quantiles_before: null, quantiles: null, outside: 0 },
      { name: 'size', before: null, now: null, quantiles_before: null, quantiles: null, outside: 0.1 },
      {
        ...{ name: 'weight', before: 50.5, now: 90.5, quantiles_before: [10, 50, 90], quantiles: [50, 90, 130] },
        outside: 0.4,
      },
    ]);
  });

  it('has them once for each column', () => {
    const withNumbers = judged.scores.filter(({ numbers }) => numbers !== undefined);
    expect(withNumbers.map(({ column, kind }) => [column, kind])).toEqual([
      ['weight', 'distribution'],
      ['prediction', 'distribution'],
    ]);
  });
});
