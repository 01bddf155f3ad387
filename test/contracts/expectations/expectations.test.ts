import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as contracts from '#contracts';
import {
  type CheckFileOptions,
  checkFile,
  date,
  defineContract,
  type Expectation,
  integer,
  number,
  text,
} from '#contracts';
import type { DuckdbPool } from '#store';
import * as family from '../../../src/contracts/expectations/index.ts';
import { ruleSchema } from '../../../src/contracts/interchange/rule-schema.ts';
import { inProcessDuckdb } from '../duckdb-in-process.ts';
import { FILE_CASES, reference } from './file-cases.ts';
import { all, type Columns, N, one, ROW_CASES, T } from './row-cases.ts';

let duckdb: DuckdbPool;
let folder: string;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-expect-'));
  await writeFile(path.join(folder, 'others.csv'), 'key\na\nb\n');
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

async function check(
  expectation: Expectation,
  { columns, rows }: { columns: Columns; rows: readonly (readonly string[])[] },
) {
  // A column that tells rows apart keeps rows of empty cells from being blank lines.
  const contract = defineContract({
    name: 'one',
    columns: { row: integer(), ...columns },
    expectations: [expectation],
  });
  const file = path.join(folder, 'in.csv');
  const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;
  const lines = rows.map((cells, index) => [String(index), ...cells.map(quoted)].join(','));
  await writeFile(file, `${[Object.keys(contract.columns).join(','), ...lines].join('\n')}\n`);
  const outcome = await outcomeOf({ path: file, contract });
  // Columns in groups of their own are asked about in as many statements, and give the same.
  expect(await outcomeOf({ path: file, contract, groupColumns: 1 })).toEqual(outcome);
  expect(outcome.result.violations.every(({ expectation: name }) => name === expectation.name)).toBe(true);
  return { result: outcome.result, bad: outcome.bad.map((line) => Number(line.split(',')[1])) };
}

async function outcomeOf(options: Pick<CheckFileOptions, 'path' | 'contract' | 'groupColumns'>) {
  const { result, files } = await checkFile(
    { ...options, references: { others: path.join(folder, 'others.csv') }, folder: path.join(folder, 'out'), duckdb },
    { nowMs: () => 0 },
  );
  const bad = files.bad === undefined ? [] : (await readFile(files.bad, 'utf8')).trim().split('\n').slice(1);
  return { result, bad };
}

describe('forColumns', () => {
  const columns = { q1: number(all), name: text(all), q2: number(all) };

  it('states the same of every column whose name matches, whatever the flags of the pattern', () => {
    const made = contracts.forColumns(columns, /^q\d$/gy, (name) => [
      contracts.inRange(name, { min: 1 }),
      contracts.notNull(name),
    ]);
    expect(made.map(({ name, column }) => [column, name])).toEqual([
      ['q1', 'in-range'],
      ['q1', 'not-null'],
      ['q2', 'in-range'],
      ['q2', 'not-null'],
    ]);
  });

  it('refuses a pattern that no column matches', () => {
    expect(() => contracts.forColumns(columns, /^x/, (name) => contracts.notNull(name))).toThrow(/q1, name, q2/);
  });
});

describe('an expectation of rows', () => {
  it.each(ROW_CASES.map(([expectation, ...rest]) => [expectation.name, expectation, ...rest] as const))(
    '%s finds the rows that do not meet it, and passes what is missing unless it asks for that',
    async (_, expectation, columns, rows, expected) => {
      const { bad, result } = await check(expectation, { columns, rows });
      expect(bad).toEqual(expected);
      expect(result.verdict).toBe(expected.length > 0 ? 'fail' : 'pass');
    },
  );
});

describe('an expectation of the whole file', () => {
  it.each(FILE_CASES.map(([expectation, ...rest]) => [expectation.name, expectation, ...rest] as const))(
    '%s tells a file that meets it from one that does not',
    async (_, expectation, columns, fine, wrong) => {
      expect((await check(expectation, { columns, rows: fine })).result.verdict).toBe('pass');
      if (wrong.length === 0) return;
      const { result, bad } = await check(expectation, { columns, rows: wrong });
      expect(result.verdict).toBe('fail');
      expect(result.violations[0]?.sentence).toMatch(/; found /);
      // Nothing of a file that is wrong as a whole may pass for good.
      expect(bad).toHaveLength(wrong.length);
    },
  );

  it('columns-match names the columns that are odd', async () => {
    const contract = defineContract({
      name: 'one',
      columns: { a: number(), b: number() },
      expectations: [contracts.columnsMatch({ order: true })],
    });
    const file = path.join(folder, 'odd.csv');
    await writeFile(file, 'b,a,c\n1,2,3\n');
    const { result } = await checkFile({ path: file, contract, folder: path.join(folder, 'out'), duckdb });
    expect(result.violations.find(({ expectation }) => expectation === 'columns-match')?.sentence).toMatch(
      /found b, a, c$/,
    );
  });

  it('names the first groups that break it, and how many do', async () => {
    const rows = ['e', 'd', 'c', 'b', ''].map((cell, at) => [cell, String(5 + at)]);
    const expectation = contracts.largestBetween('n', { max: 5, by: ['t'] });
    const columns = { t: text(all), n: number(all) };
    const { result } = await check(expectation, { columns, rows });
    expect(result.violations[0]?.sentence).toBe(
      'the largest n is at most 5, in each group of t; found 4 groups not: (empty) 9.0, b 8.0, c 7.0',
    );
  });

  it('is a warning, and leaves the rows good, unless it is told otherwise', async () => {
    const { result, bad } = await check(contracts.meanBetween('n', { max: 1 }), { columns: N, rows: one('5') });
    expect(result).toMatchObject({ verdict: 'warn', rows: { good: 1, bad: 0 } });
    expect(bad).toEqual([]);
  });
});

describe('the family of expectations', () => {
  it('has a case here and a line in the documentation for each member', async () => {
    const members = Object.keys(family).map((member) =>
      member.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    );
    const cased = new Set(
      [...ROW_CASES, ...FILE_CASES].map(([{ name }]) =>
        name.replace(/^quantile-.*/, 'quantile-between').replace(/^n-less-than-m$/, 'less-than-column'),
      ),
    );
    const named: Readonly<Record<string, string>> = {
      either: 'row',
      'same-length': 'satisfies',
      'few-old': 'share-between',
      'one-x': 'query',
    };
    const tested = new Set([...cased].map((name) => named[name] ?? name));
    const documentation = await readFile(path.join(import.meta.dirname, '../../../docs/expectations.md'), 'utf8');
    expect(members.filter((member) => !tested.has(member))).toEqual([]);
    expect(Object.keys(family).filter((name) => !documentation.includes(`\`${name}(`))).toEqual([]);
    expect(members.length).toBeGreaterThanOrEqual(30);
  });

  it('states each member as plain data, from which its SQL is made', () => {
    for (const [{ rule, name, holds }] of [...ROW_CASES, ...FILE_CASES]) {
      // Data can name a function, and not be it.
      if (holds !== undefined) continue;
      const written: unknown = JSON.parse(JSON.stringify(rule));
      expect(written, name).toEqual(rule);
      expect(ruleSchema().parse(written), name).toEqual(rule);
    }
  });

  it.each([
    [
      'a JSON schema as the condition of a mean',
      { ...T, ...N },
      contracts.meanBetween('n', { max: 1, where: contracts.matchesJsonSchema('t', { schema: { type: 'null' } }) }),
      /a JSON schema is tested row by row/,
    ],
    [
      'a JSON schema as the condition of a key',
      T,
      contracts.unique('t', { where: contracts.matchesJsonSchema('t', { schema: { type: 'null' } }) }),
      /a JSON schema is tested row by row/,
    ],
    [
      'a mean of texts',
      T,
      contracts.meanBetween('t', { max: 1 }),
      /needs numbers in "t", which is a column of kind text/,
    ],
    ['a range of texts', T, contracts.inRange('t', { max: 1 }), /needs numbers in "t"/],
    ['a sum of texts', { ...N, ...T }, contracts.addsUp('n', { parts: ['t'] }), /needs numbers in "t"/],
    [
      'moments among numbers',
      N,
      contracts.momentBetween('n', { min: '2026-01-01' }),
      /needs dates or timestamps in "n"/,
    ],
    ['hours between numbers', N, contracts.stepsBetween('n', { min: 1, unit: 'hours' }), /needs dates or timestamps/],
    ['steps of days without a unit', { n: date() }, contracts.stepsBetween('n', { min: 1 }), /needs numbers in "n"/],
    ['bins of texts', T, contracts.nearReference('t', { reference }), /needs numbers in "t"/],
    [
      'a condition on texts',
      { ...N, ...T },
      contracts.notNull('n', { where: contracts.inRange('t', { max: 1 }) }),
      /in "t"/,
    ],
    [
      'shares of more than all rows',
      T,
      contracts.categoryShares('t', { shares: { a: 0.7, b: 0.6 }, tolerance: 0.1 }),
      /more than 1 together/,
    ],
  ] as const)('refuses %s when a contract is defined', (_, columns, expectation, message) => {
    expect(() => defineContract({ name: 'one', columns, expectations: [expectation] })).toThrow(
      expect.objectContaining({ code: 'expectation_invalid', message: expect.stringMatching(message) }),
    );
  });

  it.each([
    ['a share beyond one', () => contracts.nullShareBetween('n', { min: 1.5 })],
    ['outliers by group', () => contracts.outlierShareBetween('n', { max: 0.1, by: ['t'] })],
    [
      'a distance of categories that have no order',
      () =>
        contracts.divergenceBetween('t', {
          reference: { kind: 'category', rows: 5, shares: { a: 1 } },
          measure: 'kolmogorov-smirnov',
          max: 1,
        }),
    ],
    ['more digits than a double has', () => contracts.decimalDigits('n', { precision: 16, scale: 2 })],
    ['more digits behind the point than in all', () => contracts.decimalDigits('n', { precision: 2, scale: 3 })],
    ['no bound', () => contracts.inRange('n', {})],
    ['bounds in the wrong order', () => contracts.meanBetween('n', { min: 2, max: 1 })],
    ['a share above one', () => contracts.shareBetween('x', { where: 'true', max: 2 })],
    ['no values', () => contracts.inSet('t', { values: [] })],
    ['a step of nothing', () => contracts.multipleOf('n', { step: 0 })],
    ['a quantile beyond one', () => contracts.quantileBetween('n', { quantile: 2, max: 1 })],
    ['a moment that is none', () => contracts.momentBetween('d', { min: 'yesterday' })],
    ['a name with spaces', () => contracts.row('my rule', { holds: 'true' })],
    ['an empty condition', () => contracts.row('rule', { holds: ' ' })],
    ['one column to be unique together', () => contracts.uniqueTogether(['n'])],
  ])('refuses %s when it is written down', (_, make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'expectation_invalid' }));
  });
});
