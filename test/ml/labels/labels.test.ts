import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { copyLabels, type GivenLabel, type StoreLabels, storeLabels } from '#ml';
import type { Database } from '#store';
import { createTestDatabase } from '../../postgres/create-test-database.ts';

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => database.query('truncate labels, predictions'));

const store = (labels: readonly GivenLabel[], options: Partial<StoreLabels> = {}) =>
  storeLabels(database, { model: 'boats', source: 'api', labels, ...options });
const day = (number: number): Date => new Date(Date.UTC(2026, 0, number));
const labelsNow = async (model = 'boats') => text(Readable.from(copyLabels(database, model)));
const predict = async (rowId: string | null): Promise<string> => {
  const [row] = await database.query<{ id: string }>(
    `insert into predictions (model, model_version, source, features, prediction, row_number, row_id)
     values ('boats', 1, 'api', '{}', '"yes"', 0, $1) returning id`,
    [rowId],
  );
  return row?.id ?? '';
};

describe('labels', () => {
  it('are stored once, however often they are sent', async () => {
    const labels = [
      { rowId: 'a', value: 'yes' },
      { rowId: 'b', value: 'no' },
    ];
    expect(await store(labels)).toEqual({ added: 2, corrected: 0, unchanged: 0 });
    expect(await store(labels)).toEqual({ added: 0, corrected: 0, unchanged: 2 });
    expect(await store([...labels, { rowId: 'a', value: 'yes', observedAt: day(3) }])).toMatchObject({ unchanged: 3 });
    expect(await labelsNow()).toBe('id,value\na,yes\nb,no\n');
  });

  it('are corrected by a later value, and keep the earlier one with its time', async () => {
    await store([{ rowId: 'a', value: 1, observedAt: day(1) }]);
    expect(await store([{ rowId: 'a', value: 2, observedAt: day(3) }])).toMatchObject({ corrected: 1 });
    expect(await labelsNow()).toBe('id,value\na,2\n');
    // What was so between the two changes nothing that is known of today.
    expect(await store([{ rowId: 'a', value: 3, observedAt: day(2) }])).toMatchObject({ corrected: 1 });
    expect(await labelsNow()).toBe('id,value\na,2\n');
    const kept = await database.query('select value, observed_at from labels order by observed_at');
    expect(kept).toEqual([1, 3, 2].map((value, index) => ({ value, observed_at: day(index + 1) })));
  });

  it('of one row that come together are all kept, and the newest counts', async () => {
    const labels = [2, 1].map((number) => ({ rowId: 'a', value: `of day ${number}`, observedAt: day(number) }));
    expect(await store(labels)).toEqual({ added: 1, corrected: 1, unchanged: 0 });
    expect(await labelsNow()).toBe('id,value\na,of day 2\n');
  });

  it('by the id of a prediction are labels of its row, where the row has an id', async () => {
    const [withRow, without] = [await predict('a'), await predict(null)];
    await store([{ predictionId: withRow, value: 'yes' }]);
    expect(await store([{ rowId: 'a', value: 'yes' }])).toMatchObject({ unchanged: 1 });
    expect(await store([{ predictionId: without, value: 'no' }])).toMatchObject({ added: 1 });
    expect(await store([{ predictionId: without, value: 'no' }])).toMatchObject({ unchanged: 1 });
    expect(await labelsNow()).toBe('id,value\na,yes\n');
  });

  it('of another model are others', async () => {
    await store([{ rowId: 'a', value: 'yes' }]);
    expect(await store([{ rowId: 'a', value: 'no' }], { model: 'cars' })).toMatchObject({ added: 1 });
    expect(await labelsNow()).toBe('id,value\na,yes\n');
  });

  it('that two senders give at once are stored once', async () => {
    const labels = Array.from({ length: 50 }, (_, index) => ({ rowId: String(index), value: 'yes' }));
    const all = await Promise.all([store(labels), store(labels), store(labels)]);
    expect(all.map(({ added }) => added).toSorted()).toEqual([0, 0, 50]);
    expect(await database.query('select from labels')).toHaveLength(50);
  });

  it.each([
    ['that name nothing', { value: 'yes' }, /Label 1: expected either the id of a row or the id of a prediction/],
    ['that name both', { rowId: 'a', predictionId: '1', value: 'yes' }, /either the id of a row or/],
    ['of a prediction that no number names', { predictionId: '1e3', value: 'yes' }, /a whole number; got "1e3"/],
    [
      'of a prediction that does not exist',
      { predictionId: '999', value: 'yes' },
      /There is no prediction 999 of boats/,
    ],
    ['with a NUL', { rowId: 'a\0', value: 'yes' }, /holds a NUL/],
  ])('%s are refused, and none of the others is stored', async (_, label, message) => {
    await expect(store([{ rowId: 'z', value: 'yes' }, label])).rejects.toThrow(message);
    expect(await database.query('select from labels')).toEqual([]);
  });
});
