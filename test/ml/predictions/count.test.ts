import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { storePredictions } from '#ml';
import type { Database } from '#store';
import { propertyRuns } from '../../kills/choose-kills.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const classes = fc.oneof(
  fc.constantFrom('yes', 'no', '', '12', 'two words', `long ${'🙂'.repeat(199)}`, `long ${'🙂'.repeat(300)}`),
  fc.string({ maxLength: 250 }).filter((text) => !text.includes('\0')),
);
// Halves of a percent are rounded to the even one.
const probabilities = fc.oneof(
  fc.constantFrom(0, 1, 0.125, 0.375, 0.005, 0.015, 0.5),
  fc.double({ min: 0, max: 1, noNaN: true }),
);
const predictions = fc.array(fc.record({ value: classes, probability: probabilities }, { requiredKeys: ['value'] }), {
  minLength: 1,
  maxLength: 30,
});

// What the trigger of the table does for rows that are not counted by who stores them.
const COUNTED = `
  select date_trunc('minute', at) as minute, model, model_version, source, left(prediction #>> '{}', 200) as prediction,
         round(100 * probability)::smallint as confidence, count(*) as number, jsonb_typeof(prediction) = 'number' as is_number
    from predictions group by 1, 2, 3, 4, 5, 6, 8`;

it('predictions of classes are counted when they are stored as the table counts them', async () => {
  await fc.assert(
    fc.asyncProperty(predictions, fc.boolean(), async (given, hasKey) => {
      await database.query('truncate predictions, prediction_requests, prediction_counts_arrived');
      const rows = given.map((_, row) => ({ row }));
      const key = hasKey ? { request: 'key', bodyDigest: 'digest' } : {};
      const stored = await storePredictions(database, {
        ...{ model: 'boats', version: 1, source: 'api', rows, predictions: given },
        ...key,
      });
      expect(stored.map(({ features, prediction }) => [features, prediction])).toEqual(
        given.map(({ value }, row) => [{ row }, value]),
      );
      const arrived = await database.query('select * from prediction_counts_arrived');
      expect(new Set(arrived.map((row) => JSON.stringify(row)))).toEqual(
        new Set((await database.query(COUNTED)).map((row) => JSON.stringify(row))),
      );
    }),
    { numRuns: propertyRuns(60) },
  );
});
