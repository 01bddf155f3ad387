import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DuckdbPool } from '#store';
import { inProcessDuckdb } from '../duckdb-in-process.ts';
import { writeUnicodeTables } from './write-unicode-tables.ts';

const TABLES = '../../../src/contracts/patterns/unicode-tables.ts';

let duckdb: DuckdbPool;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
});
afterAll(() => duckdb.close());

describe('the tables of Unicode', () => {
  it('are those of the engine that reads files', async () => {
    const text = await duckdb.use(writeUnicodeTables);
    await expect(text).toMatchFileSnapshot(TABLES);
  });
});
