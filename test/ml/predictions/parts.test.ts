import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type PredictedRows, requestAnswer, storeInParts } from '#ml';
import type { Database } from '#store';
import { createTestDatabase } from '../../postgres/create-test-database.ts';

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => database.query('truncate predictions, prediction_requests, prediction_counts_arrived'));

const GROUP = { model: 'boats', version: 1, source: 'api', request: undefined, bodyDigest: undefined } as const;
const KEYED = { ...GROUP, request: 'key', bodyDigest: 'digest' };

/** Parts of two rows each, numbered through; `before` is awaited before a part is predicted. */
async function* parts(
  count: number,
  before: (part: number) => Promise<unknown> = async () => undefined,
): AsyncGenerator<PredictedRows> {
  for (let part = 0; part < count; part += 1) {
    await before(part);
    const rows = [2 * part, 2 * part + 1].map((length) => ({ length }));
    yield { rows, predictions: rows.map(() => ({ value: 'yes', probability: 0.75 })), latencyMs: part };
  }
}

const stored = () =>
  database.query(`select (features ->> 'length')::integer as length, row_number from predictions order by id`);
const counted = () =>
  database.query(
    'select prediction, confidence, sum(number)::integer as number from prediction_counts_arrived group by 1, 2',
  );
describe('a request that is stored in parts', () => {
  it('has its rows in order, at one time, counted once', async () => {
    const answer = await storeInParts(database, { request: GROUP, parts: parts(3) });
    const predictions = answer !== undefined && 'predictions' in answer ? answer.predictions : [];
    expect(predictions.map(({ features }) => features)).toEqual([0, 1, 2, 3, 4, 5].map((length) => ({ length })));
    expect(new Set(predictions.map(({ at }) => at)).size).toBe(1);
    expect(await stored()).toEqual([0, 1, 2, 3, 4, 5].map((length) => ({ length, row_number: length })));
    expect(await counted()).toEqual([{ prediction: 'yes', confidence: 75, number: 6 }]);
  });

  it('hands on its parts in order, all of them', async () => {
    const given: unknown[] = [];
    const onPart = (part: readonly unknown[]): void => {
      given.push(...part);
    };
    const answer = await storeInParts(database, { request: KEYED, parts: parts(4), onPart });
    expect(answer).toEqual({ predictions: given });
    expect(given).toHaveLength(8);
  });

  it('is stored once for its key, whole, and answered again', async () => {
    const first = await storeInParts(database, { request: KEYED, parts: parts(3) });
    expect(await storeInParts(database, { request: KEYED, parts: parts(3) })).toEqual({
      bodyDigest: 'digest',
      ...first,
    });
    expect((await requestAnswer(database, 'key'))?.predictions).toHaveLength(6);
    expect(await stored()).toHaveLength(6);
    expect(await counted()).toEqual([{ prediction: 'yes', confidence: 75, number: 6 }]);
    expect(await storeInParts(database, { request: { ...KEYED, bodyDigest: 'other' }, parts: parts(1) })).toMatchObject(
      {
        conflict: { code: 'request_conflict' },
      },
    );
  });

  it('is stored as a whole or not at all, key included', async () => {
    const broken = parts(3, async (part) => {
      if (part === 2) throw new TypeError('the third part cannot be predicted');
    });
    await expect(storeInParts(database, { request: KEYED, parts: broken })).rejects.toThrow('the third part');
    expect(await stored()).toEqual([]);
    expect(await requestAnswer(database, 'key')).toBeUndefined();
    const unstorable = async function* (): AsyncGenerator<PredictedRows> {
      yield* parts(2);
      yield { rows: [{ length: '\0' }], predictions: [{ value: 'no' }] };
    };
    await expect(storeInParts(database, { request: GROUP, parts: unstorable() })).rejects.toThrow('cannot be stored');
    expect(await stored()).toEqual([]);
  });

  it('is refused before its second part when its model is not champion any more', async () => {
    let predicted = 0;
    const counting = parts(5, async () => {
      predicted += 1;
    });
    expect(
      await storeInParts(database, { request: { ...KEYED, whileChampion: true }, parts: counting }),
    ).toBeUndefined();
    expect(predicted).toBe(2);
    expect(await stored()).toEqual([]);
    expect(await requestAnswer(database, 'key')).toBeUndefined();
  });
});
