import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  foldPredictionCounts,
  forgetPredictions,
  pastPredictions,
  preparePredictions,
  refreshPerformance,
  requestAnswer,
  type StoreRequest,
  storeLabels,
  storePredictions,
} from '#ml';
import { driftAndPredictedNumbers, driftAndPredictions } from '#monitor';
import type { Database, Queryable } from '#store';
import { partitionDays } from '../../../src/ml/predictions/partitions.ts';
import { compileQuery } from '../../../src/monitor/dashboards/macros.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';

const DAY_MS = 86_400_000;
const NOW = Date.now();
const daysAgo = (days: number): Date => new Date(NOW - days * DAY_MS);

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
  // As if Weir had run since then: a partition for each day from three weeks ago on.
  for (const days of [21, 14, 7, 0]) await preparePredictions(database, { ageDaysMax: 14, now: daysAgo(days) });
});
afterAll(() => database.close());
beforeEach(() => database.query('truncate predictions, prediction_requests, labels'));

const partitionOf = (date: Date): string => `predictions_${date.toISOString().slice(0, 10).replaceAll('-', '')}`;

/** Stores rows that were predicted so many days ago. */
async function store(days: readonly number[], options: Partial<StoreRequest> = {}): Promise<readonly string[]> {
  const rows = days.map((day) => ({ day }));
  const predictions = days.map(() => ({ value: 'yes', probability: 0.8 }));
  const identities = days.map((day) => ({ rowId: `row ${day}` }));
  const request: StoreRequest = {
    model: 'boats',
    version: 1,
    source: 'api',
    rows,
    predictions,
    identities,
    ...options,
  };
  const stored = await storePredictions(database, request);
  for (const [index, { predictionId }] of stored.entries())
    await database.query('update predictions set at = $1 where id = $2', [daysAgo(days[index] ?? 0), predictionId]);
  return stored.map(({ predictionId }) => predictionId);
}

describe('the partitions of predictions', () => {
  it.each([
    [0.5, 1],
    [30, 1],
    [90, 3],
    [365, 13],
    [3650, 31],
    [null, 31],
  ])('are few, however long predictions are kept: for %j days they are %i days wide', (kept, days) => {
    expect(partitionDays(kept)).toBe(days);
  });

  it('hold each prediction by its day, and its counts by the minute', async () => {
    await store([0, 3]);
    await foldPredictionCounts(database);
    const misplaced = (table: string, time: string): string =>
      `select tableoid::regclass::text as name from ${table}
        where tableoid::regclass::text <> '${table}_' || to_char(${time} at time zone 'UTC', 'YYYYMMDD')`;
    expect(await database.query('select from predictions')).toHaveLength(2);
    expect(await database.query('select from prediction_counts_folded')).not.toEqual([]);
    expect(await database.query(misplaced('predictions', 'at'))).toEqual([]);
    expect(await database.query(misplaced('prediction_counts_folded', 'minute'))).toEqual([]);
  });

  it('are one list: pages, a row and a request find what lies in several of them', async () => {
    const ids = await store([9, 5, 1, 0], { request: 'key', bodyDigest: 'digest' });
    const pages: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await pastPredictions(database, { limit: 1, ...(cursor === null ? {} : { cursor }) });
      pages.push(...page.items.map(({ predictionId }) => predictionId));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(pages).toEqual(ids.toReversed());
    const row = await pastPredictions(database, { limit: 10, row: { model: 'boats', id: 'row 5' } });
    expect(row.items).toMatchObject([{ predictionId: ids[1] }]);
    expect((await requestAnswer(database, 'key'))?.predictions.map(({ predictionId }) => predictionId)).toEqual(ids);
  });

  it('find the prediction that a label is for, and count it', async () => {
    const ids = await store([9, 5, 1]);
    const labels = [
      { predictionId: ids[0], value: 'yes' },
      { predictionId: ids[1], value: 'no' },
    ];
    expect(await storeLabels(database, { model: 'boats', source: 'api', labels })).toMatchObject({ added: 2 });
    const unknown = [{ predictionId: '999999999', value: 'yes' }];
    await expect(storeLabels(database, { model: 'boats', source: 'api', labels: unknown })).rejects.toMatchObject({
      code: 'prediction_unknown',
    });
    await refreshPerformance(database);
    expect(
      await database.query(
        'select actual, number::integer from performance_quarters where is_labelled order by quarter',
      ),
    ).toEqual([
      { actual: 'yes', number: 1 },
      { actual: 'no', number: 1 },
    ]);
  });
});

describe('forgetting predictions', () => {
  it('drops the partitions that are too old, with the keys of their requests, and deletes no prediction one by one', async () => {
    await store([12], { request: 'old', bodyDigest: 'digest' });
    await store([3], { request: 'new', bodyDigest: 'digest' });
    await database.query(`update prediction_requests r set at = p.at from predictions p where p.request = r.request`);
    await database.query(
      `create function refuse() returns trigger language plpgsql as $$ begin raise 'deleted row by row'; end $$;
       create trigger refuse before delete on predictions for each row execute function refuse()`,
    );
    expect(await forgetPredictions(database, { ageDaysMax: 7 })).toEqual({ predictions: 1, inUse: 0 });
    expect(await requestAnswer(database, 'old')).toBeUndefined();
    expect((await requestAnswer(database, 'new'))?.predictions).toHaveLength(1);
    const names = await database.query<{ name: string }>(
      `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'predictions'::regclass`,
    );
    expect(names.map(({ name }) => name)).not.toContain(partitionOf(daysAgo(9)));
    expect(names.map(({ name }) => name)).toContain(partitionOf(daysAgo(6)));
    await database.query('drop trigger refuse on predictions');
  });

  it('removes a key with its predictions: both have one time', async () => {
    await storePredictions(database, {
      ...{ model: 'boats', version: 1, source: 'api', rows: [{}], predictions: [{ value: 1 }] },
      ...{ request: 'key', bodyDigest: 'digest' },
    });
    expect(
      await database.query(
        'select from predictions p join prediction_requests r on r.request = p.request and r.at = p.at',
      ),
    ).toHaveLength(1);
  });
});

describe('what is read of a few days', () => {
  const [from, to] = [daysAgo(2), daysAgo(1)];
  const within = [daysAgo(2), daysAgo(1)].map(partitionOf);
  const partitionsIn = async (queryable: Queryable, sql: string, values: readonly unknown[]) => {
    const plan = await queryable.query<{ 'QUERY PLAN': string }>(`explain (costs off) ${sql}`, values);
    const text = plan.map((line) => line['QUERY PLAN']).join('\n');
    return [...new Set(text.match(/\bprediction\w*_\d{8}\b/g))].map((name) =>
      name.replace(/^prediction\w*_/, 'predictions_'),
    );
  };

  it('is looked for in their partitions only: past predictions', async () => {
    const asked: [string, readonly unknown[]][] = [];
    const noting = (queryable: Queryable): Queryable => ({
      query: (sql, values = []) => {
        asked.push([String(sql), values]);
        return queryable.query(sql, values);
      },
    });
    const transaction: Database['transaction'] = (work, options) =>
      database.transaction((tx) => work({ ...tx, ...noting(tx) }), options);
    await pastPredictions({ ...noting(database), transaction }, { limit: 10, from, toExclusive: to, source: 'api' });
    expect(asked).toHaveLength(2);
    for (const [sql, values] of asked)
      expect((await partitionsIn(database, sql, values)).sort()).toEqual(within.toSorted());
  });

  it.each([driftAndPredictions, driftAndPredictedNumbers])(
    'is looked for in their partitions only: $title',
    async ({ panels }) => {
      const read = new Map<string, readonly string[]>();
      for (const { id, sql } of panels) {
        const { text, values } = compileQuery(sql, { from, to });
        const found = await partitionsIn(database, text, values);
        if (found.length > 0) read.set(id, found);
      }
      // The last prediction is whenever it was.
      read.delete('since-last-prediction');
      expect(read.size).toBeGreaterThan(3);
      for (const [id, found] of read)
        expect({ id, outside: found.filter((name) => !within.includes(name)) }).toEqual({ id, outside: [] });
    },
  );
});
