import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkFile, defineContract, type Evolution, inRange, integer, text } from '#contracts';
import type { DuckdbPool } from '#store';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

let duckdb: DuckdbPool;
let folder: string;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-evolution-'));
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

async function check(evolution: Evolution, content: string) {
  const contract = defineContract({ name: 'x', columns: { a: integer(), b: text({ nullable: true }) }, evolution });
  const file = path.join(folder, 'in.csv');
  await writeFile(file, content);
  const { result, files } = await checkFile({ path: file, contract, folder: path.join(folder, 'out'), duckdb });
  const good = files.good === undefined ? undefined : await readFile(files.good, 'utf8');
  return { verdict: result.verdict, names: result.violations.map(({ expectation }) => expectation), good };
}

const SAME = 'a,b\n1,x\n';
const EXTRA = 'c,a,b\n"y\nz",1,x\n';
const ORDER = 'b,a\nx,1\n';
const SPELLING = 'A,b\n1,x\n';

describe('a file whose columns have changed', () => {
  const INHERITED = ['constructor', 'toString', '__proto__', 'hasOwnProperty', 'valueOf'];

  it.each(INHERITED)('has one more when it is called %s, as every object inherits', async (name) => {
    const content = `a,b,${name}\n1,x,2\n`;
    expect(await check('strict', content)).toEqual({ verdict: 'fail', names: ['no-extra-column'], good: undefined });
    expect(await check('discard', content)).toEqual({ verdict: 'warn', names: ['no-extra-column'], good: SAME });
  });

  it('may have columns of such names where the contract knows them, and lacks those it does not have', async () => {
    const columns = Object.fromEntries(INHERITED.map((name) => [name, integer()]));
    const contract = defineContract({
      name: 'x',
      columns,
      evolution: 'freeze',
      expectations: [inRange('valueOf', { max: 1 })],
    });
    const file = path.join(folder, 'inherited.csv');
    const checked = async (names: readonly string[], cells: string) => {
      await writeFile(file, `${names.join(',')}\n${cells}\n`);
      const { result } = await checkFile({ path: file, contract, folder: path.join(folder, 'out'), duckdb });
      return result.violations.map(({ expectation, column }) => `${column}: ${expectation}`);
    };
    expect(await checked(INHERITED, '1,1,1,1,1')).toEqual([]);
    expect(await checked(INHERITED, '1,1,x,1,2')).toEqual(['__proto__: of-type', 'valueOf: in-range']);
    expect(await checked(INHERITED.slice(1), '1,1,1,1')).toEqual(['constructor: column-present']);
  });

  it.each([
    ['evolve', EXTRA, 'warn', ['no-extra-column'], EXTRA],
    ['evolve', ORDER, 'pass', [], ORDER],
    ['evolve', SPELLING, 'warn', ['column-spelling'], SAME],
    ['discard', EXTRA, 'warn', ['no-extra-column'], SAME],
    ['strict', EXTRA, 'fail', ['no-extra-column'], undefined],
    ['strict', ORDER, 'pass', [], ORDER],
    ['freeze', EXTRA, 'fail', ['no-extra-column'], undefined],
    ['freeze', ORDER, 'fail', ['column-order'], undefined],
    ['freeze', SPELLING, 'fail', ['column-spelling'], undefined],
    ['freeze', SAME, 'pass', [], SAME],
  ] as const)('under %s, %j is %s for %j', async (evolution, content, verdict, names, good) => {
    expect(await check(evolution, content)).toEqual({ verdict, names, good });
  });
});
