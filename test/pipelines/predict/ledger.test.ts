import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { beginFile, endFile, isConsumed, unrecognised } from '../../../src/pipelines/predict/ledger.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';

describe('the consumption ledger', () => {
  let database: Database;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.close());

  const begin = (path: string, digest: string, version = 1) =>
    beginFile(database, { path, digest, version, contract: 'c', runId: '1' });
  const end = (path: string, digest: string, rowCount = 1) =>
    endFile(database, { path, digest, rowCount, unfitCount: 0 });
  const known = (path: string, digest: string, identity?: string) => isConsumed(database, { path, digest, identity });

  it('knows a file by name and content together', async () => {
    await begin('a.csv', 'one');
    await end('a.csv', 'one');
    expect(await known('a.csv', 'one')).toBe(true);
    expect(await known('a.csv', 'two')).toBe(false);
    expect(await known('b.csv', 'one')).toBe(false);
  });

  it('does not take a file that was begun for one that was predicted', async () => {
    await begin('begun.csv', 'one');
    expect(await known('begun.csv', 'one', 'identity')).toBe(false);
    expect(await unrecognised(database, [{ path: 'begun.csv', identity: 'identity' }])).toEqual(['begun.csv']);
  });

  it('finishes a file with the model version that began it', async () => {
    await begin('c.csv', 'one', 3);
    expect(await begin('c.csv', 'one', 4)).toEqual({ version: 3, contract: 'c' });
  });

  it('keeps what it said first when a file ends twice', async () => {
    await begin('d.csv', 'three');
    await end('d.csv', 'three', 1);
    await end('d.csv', 'three', 99);
    const entries = await database.query(`select row_count from consumed_files where path = 'd.csv'`);
    expect(entries).toEqual([{ row_count: '1' }]);
  });

  it('recognises a file by its identity once that was trusted, until it is another', async () => {
    await begin('e.csv', 'five');
    await end('e.csv', 'five');
    expect(await known('e.csv', 'five')).toBe(true);
    expect(await unrecognised(database, [{ path: 'e.csv', identity: 'i1' }])).toEqual(['e.csv']);
    expect(await known('e.csv', 'five', 'i1')).toBe(true);
    const asked = [
      { path: 'e.csv', identity: 'i1' },
      { path: 'e.csv', identity: 'i2' },
      { path: 'f.csv', identity: 'i1' },
    ];
    expect([...(await unrecognised(database, asked))].sort()).toEqual(['e.csv', 'f.csv']);
  });

  it('asks nothing when there is nothing to ask', async () => {
    expect(await unrecognised(database, [])).toEqual([]);
  });
});
