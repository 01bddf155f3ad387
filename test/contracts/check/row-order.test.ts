import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { category, checkFile, defineContract, type Expectation, integer, row, text } from '#contracts';
import type { DuckdbPool } from '#store';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

let duckdb: DuckdbPool;
let folder: string;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-order-'));
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

const LARGE = 300_000;
/** Of less than a megabyte, and more than DuckDB handles at once. */
const SMALL = 8_000;
const BAD_EVERY = 97;
const CATEGORIES = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

/** The numbers of the bad rows of a file, whose ids are the numbers of its rows. */
async function badIds(
  expectations: readonly Expectation[],
  { categories, rows: count }: { readonly categories: readonly string[]; readonly rows: number },
): Promise<readonly number[]> {
  const file = path.join(folder, 'in.csv');
  const rows = Array.from({ length: count }, (_, id) => {
    return `${id},${id % BAD_EVERY === 0 ? 'z' : (categories[id % categories.length] ?? '')},${categories[(id * 31) % categories.length]}`;
  });
  await writeFile(file, ['id,kind,note', ...rows, ''].join('\n'));
  const columns = {
    id: integer(),
    kind: category(
      categories.filter((each) => each !== ''),
      { nullable: true },
    ),
    note: text({ nullable: true }),
  };
  const contract = defineContract({ name: 'x', columns, expectations });
  const { files } = await checkFile({ path: file, contract, folder: path.join(folder, 'out'), duckdb });
  const bad = await readFile(files.bad ?? '', 'utf8');
  const lines = bad.trimEnd().split('\n').slice(1);
  return lines.map((line) => Number(line.split(',')[1]));
}

describe.each([LARGE, SMALL])('%i rows that DuckDB checks', (rows) => {
  const expected = Array.from({ length: Math.ceil(rows / BAD_EVERY) }, (_, at) => at * BAD_EVERY);

  it.each([
    ['of many categories', [row('known', { holds: 'id >= 0' })], CATEGORIES],
    ['with a list in SQL', [row('known', { holds: `kind in ('a', 'b', 'c', 'd', 'e')` })], ['a', 'b']],
    ['with a subquery', [row('known', { holds: `kind in (select unnest(['a', 'b']))` })], ['a', 'b']],
    [
      'with two subqueries of the row',
      [
        row('noted', { holds: `note is null or note in (select note from (values (null)) t(x))` }),
        row('there', { holds: `kind is null or kind in (select kind from (values (null)) t(x))` }),
        row('known', { holds: `kind is null or kind <> 'z'` }),
      ],
      ['a', '', 'b'],
    ],
  ] as const)('keep their numbers, %s', async (_, expectations, categories) => {
    expect(await badIds(expectations, { categories, rows })).toEqual(expected);
  });
});
