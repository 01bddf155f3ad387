import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { recordConsumed, unconsumed } from '../../../src/pipelines/predict/ledger.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';

describe('the consumption ledger', () => {
  let database: Database;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.close());

  it('knows a file by name and content together', async () => {
    const file = { path: 'a.csv', digest: 'one' };
    await recordConsumed(database, { files: [{ ...file, rowCount: 3 }], runId: '1' });
    const fresh = await unconsumed(database, [
      file,
      { path: 'a.csv', digest: 'two' },
      { path: 'b.csv', digest: 'one' },
    ]);
    expect(fresh).toEqual([
      { path: 'a.csv', digest: 'two' },
      { path: 'b.csv', digest: 'one' },
    ]);
  });

  it('takes the same file twice without a second entry', async () => {
    const file = { path: 'c.csv', digest: 'three', rowCount: 1 };
    await recordConsumed(database, { files: [file], runId: '1' });
    await recordConsumed(database, { files: [{ ...file, rowCount: 99 }], runId: '2' });
    const entries = await database.query(`select run_id, row_count from consumed_files where path = 'c.csv'`);
    expect(entries).toEqual([{ run_id: '1', row_count: '1' }]);
  });

  it('asks nothing when there is nothing to ask', async () => {
    expect(await unconsumed(database, [])).toEqual([]);
  });
});
