import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  checkFile,
  checkRows,
  defineContract,
  type Evolution,
  fromOdcs,
  inEnvironment,
  inRange,
  integer,
  text,
  toJsonSchema,
  toOdcs,
} from '#contracts';
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

describe('a column that is optional', () => {
  const contract = defineContract({
    name: 'optional',
    columns: { a: integer(), b: integer({ optional: true, min: 0 }) },
    expectations: [inRange('b', { max: 5 })],
    evolution: 'strict',
  });

  async function checkOptional(content: string) {
    const file = path.join(folder, 'optional.csv');
    await writeFile(file, content);
    const { result } = await checkFile({ path: file, contract, folder: path.join(folder, 'out'), duckdb });
    return {
      verdict: result.verdict,
      names: result.expectations.map(({ expectation }) => expectation),
      rows: result.rows,
    };
  }

  it('may be lacking, and what names it is not asked then', async () => {
    expect(await checkOptional('a\n1\n')).toMatchObject({ verdict: 'pass', names: ['not-null', 'of-type'] });
  });

  it('is checked like any other where it is', async () => {
    const { verdict, rows } = await checkOptional('a,b\n1,1\n2,\n3,-1\n4,6\n');
    expect({ verdict, good: rows.good, bad: rows.bad }).toEqual({ verdict: 'fail', good: 1, bad: 3 });
  });

  it('may be lacking in a row of JSON, which has null there', () => {
    expect(checkRows(contract, [{ a: 1 }, { a: 1, b: 2 }, { a: 1, b: null }, { a: 1, b: -1 }])).toMatchObject({
      rows: [
        { a: 1, b: null },
        { a: 1, b: 2 },
      ],
      problems: [
        { row: 2, field: 'b' },
        { row: 3, field: 'b' },
      ],
    });
    expect(toJsonSchema(contract).required).toEqual(['a']);
  });

  it('stays so in a document', () => {
    expect(fromOdcs(toOdcs(contract)).columns).toEqual(contract.columns);
  });

  it('is refused where rows are named by it', () => {
    expect(() => integer({ role: 'id', optional: true })).toThrow(/cannot be optional/);
  });
});

describe('inEnvironment', () => {
  const contract = defineContract({
    name: 'two',
    columns: {
      a: integer(),
      b: integer({ environments: ['training'] }),
      c: text({ environments: ['serving', 'training'] }),
    },
    expectations: [inRange('b', { max: 5 }), inRange('a', { max: 5 })],
    environments: ['training', 'serving', 'archive'],
  });

  it.each([
    ['training', ['a', 'b', 'c'], ['b', 'a']],
    ['serving', ['a', 'c'], ['a']],
    ['archive', ['a'], ['a']],
  ])('gives for %s the columns that its files have, and what is asked of them', (environment, columns, asked) => {
    const own = inEnvironment(contract, environment);
    expect(Object.keys(own.columns)).toEqual(columns);
    expect(own.expectations.map(({ column }) => column)).toEqual(asked);
  });

  it('says which environments there are', () => {
    expect(() => inEnvironment(contract, 'serve')).toThrow(/got "serve", and it has training, serving, archive/);
    const plain = defineContract({ name: 'plain', columns: { a: integer() } });
    expect(() => inEnvironment(plain, 'serving')).toThrow(/it has none/);
  });

  it('is refused where a column is in an environment that the contract does not have', () => {
    const columns = { a: integer({ environments: ['trainnig'] }) };
    expect(() => defineContract({ name: 'x', columns, environments: ['training'] })).toThrow(
      /in the environment "trainnig"/,
    );
  });

  it('stays the same in a document', () => {
    const again = fromOdcs(toOdcs(contract));
    expect([again.environments, again.columns]).toEqual([contract.environments, contract.columns]);
  });
});
