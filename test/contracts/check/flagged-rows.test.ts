import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defineContract, integer, row } from '#contracts';
import type { DuckdbPool } from '#store';
import { bitsOf, compileCheck, ROWS_TABLE } from '../../../src/contracts/check/compile.ts';
import { findFlagged } from '../../../src/contracts/check/flagged-rows.ts';
import { matchHeader } from '../../../src/contracts/check/header.ts';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

/** More conditions than one mask has bits, some of them warnings, and a key. */
const contract = defineContract({
  name: 'numbers',
  columns: { n: integer({ unique: true }) },
  expectations: Array.from({ length: 40 }, (_, index) =>
    row(`not-a-multiple-of-${index + 2}`, {
      holds: `n % ${index + 2} <> 0`,
      columns: ['n'],
      severity: index % 3 === 0 ? 'warn' : 'fail',
    }),
  ),
});

let duckdb: DuckdbPool;
let folder: string;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-flagged-'));
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

describe('findFlagged', () => {
  it('finds the same in memory, for small files, as on disk, for large ones', async () => {
    const compiled = compileCheck(contract, {
      header: matchHeader(contract, ['n']),
      file: 'numbers.csv',
      recordBytesLongest: 10,
    });
    const numbers = 'select (i * 7919) % 3000 as weir_raw_0 from range(4000) t(i)';
    await duckdb.use(async (connection) => {
      const typed = compiled.createRows.replace(
        /read_csv\(.*\}\)/,
        `(select weir_raw_0::varchar as weir_raw_0 from (${numbers}))`,
      );
      expect(typed).toContain(ROWS_TABLE);
      await connection.run(typed);
      const small = await findFlagged(connection, { compiled, rows: 1, work: folder });
      const large = await findFlagged(connection, { compiled, rows: 1e9, work: folder });
      expect(compiled.maskCount).toBe(3);
      expect({
        ...Object.fromEntries(compiled.flags.flatMap(bitsOf).map((bit) => [`v${bit}`, 0])),
        ...small.counts,
      }).toEqual(large.counts);
      const lines = (await readFile(String(large.badRows), 'utf8')).trim().split('\n');
      expect(
        (small.badRows as readonly { row: number; masks: readonly number[] }[]).map(({ row: at, masks }) =>
          [at, ...masks].join(','),
        ),
      ).toEqual(lines);
      expect(lines.length).toBeGreaterThan(1000);
      expect(lines.length).toBeLessThan(4000);
    });
  });
});
