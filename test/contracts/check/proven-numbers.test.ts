import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkFile, defineContract, number, row, sumBetween } from '#contracts';
import type { Duckdb, DuckdbPool } from '#store';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

let duckdb: DuckdbPool;
let folder: string;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-proven-'));
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

const contract = defineContract({
  name: 'numbers',
  columns: { n: number({ nullable: true }), m: number({ nullable: true }) },
  expectations: [row('small', { holds: 'n < 100' }), sumBetween('n', { max: -1 })],
});

/** Numbers in all their forms; the last two have more digits than are kept. */
const FORMS = [
  ...['1', '-2.5', '+3', '.5', '7.', '1e1', '2E-1', '-0', '007', ''],
  ...['0.1000000000000000055511151231257827', '123456789012345678901234567890'],
];

async function checked(cells: readonly string[]) {
  const said: string[] = [];
  const listening: DuckdbPool = {
    ...duckdb,
    use: (work, options) =>
      duckdb.use((connection) => {
        const heard: Duckdb = {
          ...connection,
          run: (sql) => {
            said.push(sql);
            return connection.run(sql);
          },
          all: (sql) => connection.all(sql),
          close: () => connection.close(),
        };
        return work(heard);
      }, options),
  };
  const file = path.join(folder, 'in.csv');
  await writeFile(file, `n,m\n${cells.map((cell) => `${cell},1\n`).join('')}`);
  const { result, files } = await checkFile({
    path: file,
    contract,
    folder: path.join(folder, 'out'),
    duckdb: listening,
  });
  const bad = await readFile(files.bad ?? '', 'utf8');
  const table = result.violations.find(({ expectation }) => expectation.startsWith('sum'))?.sentence;
  return { bad, table, isMatched: said.some((sql) => sql.includes('regexp_full_match("weir_raw_0"')) };
}

describe('a column of numbers that a pass has proven', () => {
  it('has the values for SQL that its texts have, without another look at their forms', async () => {
    const { bad, table, isMatched } = await checked(FORMS);
    expect(isMatched).toBe(false);
    expect(bad).toContain('123456789012345678901234567890,1,small');
    expect(bad.trimEnd().split('\n')).toHaveLength(2);
    expect(table).toContain('found 1.23457e+29');
  });

  it.each(['inf', 'nan', '1_000', ' 12', '1e999', '0x10'])(
    'is not one with a cell %j, which SQL reads as null',
    async (cell) => {
      const { bad, isMatched } = await checked([...FORMS, cell]);
      expect(isMatched).toBe(true);
      expect(bad).toContain(`${cell},1,n: of-type\n`);
    },
  );
});
