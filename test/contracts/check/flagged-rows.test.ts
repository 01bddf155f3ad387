import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defineContract, integer, row } from '#contracts';
import type { DuckdbPool } from '#store';
import { compileGroup } from '../../../src/contracts/check/compile.ts';
import { type FlaggedRows, findFlagged } from '../../../src/contracts/check/flagged-rows.ts';
import { bitsOf, ROWS_TABLE } from '../../../src/contracts/check/flags.ts';
import { LateRows } from '../../../src/contracts/check/late-rows.ts';
import { matchHeader } from '../../../src/contracts/check/match-header.ts';
import { placedExpectations } from '../../../src/contracts/check/placed-expectations.ts';
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
    const placed = placedExpectations(contract, header);
    const [group] = planGroups(placed, { contract, header, groupColumns: 100 }).groups;
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
      const pairsOf = async (found: FlaggedRows): Promise<readonly number[]> => {
        const late = new LateRows([found], compiled.flags);
        // Asked for in pieces, as blocks of a file ask for them.
        const pairs = [...(await late.before(1500)), ...(await late.before(1501)), ...(await late.before(4000))];
        await late.close();
        return pairs;
      };
      const small = await find(1, 1);
      const large = await find(1e9, 1);
      expect(typeof small.rows).toBe('object');
      expect(typeof large.rows).toBe('string');
      expect(compiled.masks).toEqual([0, 1, 2]);
      expect({
        ...Object.fromEntries(compiled.flags.flatMap(bitsOf).map((bit) => [`v${bit}`, 0])),
        ...small.counts,
      }).toEqual(large.counts);
      const pairs = await pairsOf(small);
      expect(await pairsOf(large)).toEqual(pairs);
      const rows = pairs.filter((_, at) => at % 2 === 0);
      expect(rows).toEqual(rows.toSorted((a, b) => a - b));
      const counted = compiled.flags.map(
        ({ bit }) => pairs.filter((other, at) => at % 2 === 1 && other === bit).length,
      );
      expect(counted).toEqual(compiled.flags.map(({ bit }) => large.counts[`v${bit}`]));
      expect(new Set(rows).size).toBeGreaterThan(1000);
    });
  });
});
