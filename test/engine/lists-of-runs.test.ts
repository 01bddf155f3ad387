import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listRuns } from '#engine';
import type { Database } from '#store';
import { createTestDatabase } from '../postgres/create-test-database.ts';
import { plansOf } from '../postgres/plans-of.ts';

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.query(`insert into runs (pipeline, state, trigger, settled_at)
    select 'ingest', 'succeeded', 'schedule', clock_timestamp() from generate_series(1, 20000)`);
  await database.query('analyze runs');
});
afterAll(() => database.close());

describe('a list of many runs', () => {
  it.each<[string, NonNullable<Parameters<typeof listRuns>[1]>, number]>([
    ['of a state that none has', { state: 'failed' }, 0],
    ['of a state that all have', { state: 'succeeded' }, 50],
    ['of a pipeline that none is of', { pipeline: 'train' }, 0],
    ['of a pipeline and a state that none has', { pipeline: 'ingest', state: 'failed' }, 0],
    ['sorted by state', { sort: '-state' }, 50],
    ['sorted by trigger', { sort: 'trigger' }, 50],
    ['sorted by pipeline', { sort: 'pipeline' }, 50],
    ['sorted by duration', { sort: '-took' }, 50],
  ])('reads no more than it shows: %s', async (_, asked, count) => {
    const plans = await plansOf(database, async (queryable) =>
      expect((await listRuns(queryable, asked)).items).toHaveLength(count),
    );
    expect(plans).toMatch(/Index (Only )?Scan.* using runs_/);
    expect(plans).not.toMatch(/Seq Scan|Sort/);
  });
});
