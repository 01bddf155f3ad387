import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defineContract, integer, row } from '#contracts';
import type { DuckdbPool } from '#store';
import { compileGroup } from '../../../src/contracts/check/compile.ts';
import { badRowsOf, type FlaggedRows, findFlagged } from '../../../src/contracts/check/flagged-rows.ts';
import { bitsOf, ROWS_TABLE } from '../../../src/contracts/check/flags.ts';
import { matchHeader } from '../../../src/contracts/check/match-header.ts';
import { planGroups } from '../../../src/contracts/check/plan-groups.ts';
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
    const header = matchHeader(contract, ['n']);
    const [group] = planGroups(contract, { header, groupColumns: 100 }).groups;
    if (group === undefined) throw new Error('Expected a group.');
    const compiled = compileGroup(group, { contract, header, file: 'numbers.csv', recordBytesLongest: 10 });
    const numbers = 'select (i * 7919) % 3000 as weir_raw_0 from range(4000) t(i)';
    await duckdb.use(async (connection) => {
      const typed = compiled.createRows.replace(
        /read_csv\(.*\}\)/,
        `(select weir_raw_0::varchar as weir_raw_0 from (${numbers}))`,
      );
      expect(typed).toContain(ROWS_TABLE);
      await connection.run(typed);
      const find = (rows: number, groups: number): Promise<FlaggedRows> =>
        findFlagged(connection, { compiled, rows, groups, work: folder });
      const bad = async (found: FlaggedRows): Promise<readonly string[]> => {
        const lines: string[] = [];
        for await (const { row: at, flags } of badRowsOf([found], compiled.flags))
          lines.push([at, ...flags.map(({ expectation }) => expectation.name)].join(' '));
        return lines;
      };
      const small = await find(1, 1);
      const large = await find(1e9, 1);
      expect(compiled.masks).toEqual([0, 1, 2]);
      expect({
        ...Object.fromEntries(compiled.flags.flatMap(bitsOf).map((bit) => [`v${bit}`, 0])),
        ...small.counts,
      }).toEqual(large.counts);
      const lines = await bad(small);
      expect(await bad(large)).toEqual(lines);
      // One of several groups keeps warnings too, which belong to rows that another group finds bad.
      expect(await bad(await find(1e9, 2))).toEqual(lines);
      expect(lines.length).toBeGreaterThan(1000);
      expect(lines.length).toBeLessThan(4000);
    });
  });
});
