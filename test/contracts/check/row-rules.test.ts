import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addsUp,
  boolean,
  checkFile,
  checkRows,
  date,
  defineContract,
  type Expectation,
  email,
  equalsColumn,
  inRange,
  inSet,
  integer,
  lengthBetween,
  lessThanColumn,
  matchesJsonSchema,
  meanBetween,
  momentBetween,
  multipleOf,
  notInSet,
  notNull,
  number,
  row,
  someNotNull,
  startsWith,
  text,
  unique,
  uniqueTogether,
} from '#contracts';
import type { DuckdbPool } from '#store';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

let duckdb: DuckdbPool;
let folder: string;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-row-rules-'));
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

const free = { nullable: true, role: 'meta' } as const;
const columns = {
  row: integer({ role: 'meta' }),
  ...{ n: number(free), m: number(free), t: text(free), u: text(free), d: date(free), b: boolean(free) },
};
const contractWith = (expectations: readonly Expectation[]) => defineContract({ name: 'rows', columns, expectations });

const ROWS = [
  { n: 1, m: 2, t: 'a@b.de', u: 'a@b.de', d: '2026-01-01', b: true },
  { n: 2.5, m: 2, t: 'x', u: null, d: '2026-06-01', b: false },
  { n: null, m: 4.5, t: null, u: 'x', d: null, b: null },
  { n: 1, m: 2, t: 'a@b.de', u: 'ab', d: '2027-01-01', b: true },
  { n: -3, m: null, t: 'abc', u: 'abc', d: '2025-12-31', b: null },
].map((cells, at) => ({ row: at, ...cells }));

const EXPECTATIONS: readonly Expectation[] = [
  inRange('n', { min: 0, max: 2, excludesMax: true }),
  momentBetween('d', { min: '2026-01-01', max: '2026-12-31' }),
  multipleOf('n', { step: 1 }),
  inSet('n', { values: [1, 2.5] }),
  notInSet('t', { values: ['x'] }),
  email('t'),
  matchesJsonSchema('t', { schema: { type: 'number' } }),
  startsWith('u', { prefix: 'a' }),
  lengthBetween('t', { max: 3 }),
  notNull('m'),
  someNotNull(['t', 'u'], { min: 2 }),
  lessThanColumn('n', { other: 'm' }),
  equalsColumn('t', { other: 'u' }),
  addsUp('m', { parts: ['n', 'n'] }),
  unique('t'),
  uniqueTogether(['n', 'm']),
  notNull('n', { where: inSet('u', { values: ['x'] }) }),
  inRange('n', { max: 0, where: lessThanColumn('n', { other: 'm' }) }),
];

describe('checkRows', () => {
  it.each(EXPECTATIONS.map((expectation) => [expectation.sentence, expectation] as const))(
    'refuses the rows of JSON that a check of a file refuses: %s',
    async (sentence, expectation) => {
      const contract = contractWith([expectation]);
      const names = Object.keys(columns);
      const lines = ROWS.map((cells) => names.map((name) => (cells as Record<string, unknown>)[name] ?? '').join(','));
      const file = path.join(folder, 'in.csv');
      await writeFile(file, `${names.join(',')}\n${lines.join('\n')}\n`);
      const { files } = await checkFile({ path: file, contract, folder: path.join(folder, 'out'), duckdb });
      const bad = files.bad === undefined ? [] : (await readFile(files.bad, 'utf8')).trim().split('\n').slice(1);
      const { problems, indexes } = checkRows(contract, ROWS);
      expect(bad.length).toBeGreaterThan(0);
      expect(problems.map((problem) => problem.row)).toEqual(bad.map((line) => Number(line.split(',')[1])));
      expect(indexes).toEqual(ROWS.map((cells) => cells.row).filter((at) => !problems.some((each) => each.row === at)));
      expect(problems[0]?.expected).toBe(sentence);
    },
  );

  it('says which column a rule is about, and which values came', () => {
    const { problems } = checkRows(contractWith([inRange('n', { max: 1 }), lessThanColumn('n', { other: 'm' })]), ROWS);
    expect(problems).toEqual([
      { row: 1, field: 'n', expected: 'n is at most 1', got: '2.5' },
      { row: 1, field: 'n', expected: 'n is less than m', got: 'n 2.5, m 2' },
    ]);
  });

  it('goes on counting keys over rows that are given a few at a time', () => {
    const { problems } = checkRows(contractWith([unique('u')]), [...ROWS, { ...ROWS[0], row: 5 }]);
    expect(problems).toMatchObject([{ row: 5, field: 'u', got: '"a@b.de"' }]);
  });

  it.each([
    ['only warns', inRange('n', { max: 0, severity: 'warn' })],
    ['tolerates some rows', inRange('n', { max: 0, atLeast: 0.5 })],
    ['is in SQL', row('small', { holds: 'n < 0' })],
    ['is about the whole file', meanBetween('n', { max: 0, severity: 'fail' })],
    ['is about how a number is written', lengthBetween('n', { min: 9 })],
    ['is asked where a number is written so', notNull('u', { where: startsWith('n', { prefix: '2' }) })],
  ])('leaves to files what %s', (_, expectation) => {
    expect(checkRows(contractWith([expectation]), ROWS).problems).toEqual([]);
  });

  it('asks nothing of an optional field that is not there', () => {
    const contract = defineContract({
      name: 'optional',
      columns: { a: number(), b: number({ optional: true, nullable: true }) },
      expectations: [notNull('b'), equalsColumn('a', { other: 'b' })],
    });
    const { problems } = checkRows(contract, [{ a: 1 }, { a: 1, b: null }, { a: 1, b: 1 }]);
    expect(problems.map((problem) => problem.row)).toEqual([1, 1]);
  });
});
