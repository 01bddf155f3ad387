import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as contracts from '#contracts';
import {
  type CheckFileOptions,
  type Column,
  checkFile,
  date,
  defineContract,
  type Expectation,
  integer,
  number,
  text,
  timestamp,
} from '#contracts';
import type { DuckdbPool } from '#store';
import * as family from '../../../src/contracts/expectations/index.ts';
import { ruleSchema } from '../../../src/contracts/interchange/rule-schema.ts';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

let duckdb: DuckdbPool;
let folder: string;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-expect-'));
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

type Columns = Readonly<Record<string, Column>>;
const all = { nullable: true, role: 'meta' } as const;
const N: Columns = { n: number(all) };
const T: Columns = { t: text(all) };
const NM: Columns = { n: number(all), m: number(all) };
const TU: Columns = { t: text(all), u: text(all) };

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
    { ...options, folder: path.join(folder, 'out'), duckdb },
    { nowMs: () => 0 },
  );
  const bad = files.bad === undefined ? [] : (await readFile(files.bad, 'utf8')).trim().split('\n').slice(1);
  return { result, bad };
}

/** An expectation of rows: its cells, and which of them it is to find. */
type RowCase = readonly [Expectation, Columns, readonly (readonly string[])[], readonly number[]];
const one = (...cells: readonly string[]): readonly (readonly string[])[] => cells.map((cell) => [cell]);

const ROW_CASES: readonly RowCase[] = [
  [contracts.notNull('n'), N, one('1', '', '0'), [1]],
  [contracts.alwaysNull('t'), T, one('', 'x'), [1]],
  [contracts.ofType('n', { kind: 'number' }), N, one('1', '', '1.5'), []],
  [contracts.inRange('n', { min: 0, max: 1 }), N, one('0', '1', '-0.001', '1.001', ''), [2, 3]],
  [contracts.inSet('t', { values: ['a', "o'b"] }), T, one('a', "o'b", 'c', ''), [2]],
  [contracts.notInSet('t', { values: ['n/a', '-'] }), T, one('a', 'n/a', '-', ''), [1, 2]],
  [contracts.unique('n'), N, one('1', '01', '2', '', '', '1.0'), [1, 5]],
  [
    contracts.uniqueTogether(['n', 'm']),
    NM,
    [
      ['1', '1'],
      ['1', '2'],
      ['1', '1'],
      ['1', ''],
      ['1', ''],
    ],
    [2],
  ],
  [contracts.matchesPattern('t', { pattern: '[a-c]+' }), T, one('abc', 'abcd', ''), [1]],
  [contracts.notMatchesPattern('t', { pattern: '[0-9]' }), T, one('abc', 'a1', ''), [1]],
  [contracts.lengthBetween('t', { min: 2, max: 3 }), T, one('é👍', 'a', 'abcd', ''), [1, 2]],
  [contracts.startsWith('t', { prefix: 'a%' }), T, one('a%b', 'ab', ''), [1]],
  [contracts.endsWith('t', { suffix: "'b" }), T, one("a'b", 'b', ''), [1]],
  [contracts.trimmed('t'), T, one('a b', ' a', 'a\t', ' ', ''), [1, 2, 3]],
  [contracts.multipleOf('n', { step: 0.1 }), N, one('0.3', '-12.7', '0.35', ''), [2]],
  [
    contracts.momentBetween('d', { min: '2026-01-01', max: '2026-12-31' }),
    { d: date(all) },
    one('2026-01-01', '2026-12-31', '2025-12-31', '2027-01-01', ''),
    [2, 3],
  ],
  [
    contracts.momentBetween('d', { max: '2026-01-01T12:00:00+02:00' }),
    { d: timestamp(all) },
    one('2026-01-01T10:00:00Z', '2026-01-01T10:00:01Z'),
    [1],
  ],
  [contracts.uuid('t'), T, one('123e4567-e89b-12d3-a456-426614174000', '123e4567', ''), [1]],
  [contracts.email('t'), T, one('a.b+c@example.co.uk', 'a@b', 'a b@c.de', '@c.de', ''), [1, 2, 3]],
  [
    contracts.webAddress('t'),
    T,
    one('https://a.b/c?d#e', 'http://a:80', 'ftp://a', 'https://u:p@h', 'a.b', ''),
    [2, 3, 4],
  ],
  [contracts.ipAddress('t'), T, one('127.0.0.1', '256.0.0.1', '::1', '01.2.3.4', ''), [1, 3]],
  [
    contracts.decimalDigits('n', { precision: 4, scale: 2 }),
    N,
    one('12.34', '-99.99', '1.2', '1.230', '123', '1.234', '1e2', '0.001', '0', ''),
    [4, 5, 6, 7],
  ],
  [
    contracts.timeOfDay('t'),
    T,
    one('23:59', '07:30:00.5+02:00', '00:00:00Z', '24:00', '7:30', '12:60', '12:00:60', '12', ''),
    [3, 4, 5, 6, 7],
  ],
  [
    contracts.duration('t'),
    T,
    one('P1Y2M', 'PT36H', 'P3W', 'PT0.5S', 'P1DT1M', 'P', 'P1DT', 'PT', '1D', 'P1W2D', 'PT1', 'P-1D', ''),
    [5, 6, 7, 8, 9, 10, 11],
  ],
  [contracts.json('t'), T, one('{"a":[1]}', '1', '{a:1}', ''), [2]],
  [
    contracts.lessThanColumn('n', { other: 'm' }),
    NM,
    [
      ['1', '2'],
      ['2', '2'],
      ['3', '2'],
      ['', '1'],
      ['1', ''],
    ],
    [1, 2],
  ],
  [
    contracts.lessThanColumn('n', { other: 'm', orEqual: true }),
    NM,
    [
      ['2', '2'],
      ['3', '2'],
    ],
    [1],
  ],
  [
    contracts.equalsColumn('t', { other: 'u' }),
    TU,
    [
      ['a', 'a'],
      ['a', 'b'],
      ['', ''],
      ['', 'a'],
    ],
    [1, 3],
  ],
  [
    contracts.requiredWhen('t', { when: `u = 'x'`, columns: ['u'] }),
    TU,
    [
      ['', 'x'],
      ['', 'y'],
      ['a', 'x'],
      ['', ''],
    ],
    [0],
  ],
  [
    contracts.someNotNull(['t', 'u']),
    TU,
    [
      ['', ''],
      ['a', ''],
      ['a', 'b'],
    ],
    [0],
  ],
  [
    contracts.someNotNull(['t', 'u'], { min: 1, max: 1 }),
    TU,
    [
      ['', ''],
      ['a', ''],
      ['a', 'b'],
    ],
    [0, 2],
  ],
  [
    contracts.addsUp('m', { parts: ['n', 'row'] }),
    NM,
    [
      ['0.1', '0.1'],
      ['0.2', '1.2'],
      ['0.2', '2.3'],
      ['', '1'],
    ],
    [2],
  ],
  [
    contracts.row('either', { holds: 'n > 0 or m > 0', columns: ['n', 'm'] }),
    NM,
    [
      ['1', '0'],
      ['0', '0'],
      ['', '0'],
      ['', '1'],
    ],
    [1],
  ],
];

/** An expectation of the whole file: cells for which it holds, and cells for which it does not. */
type FileCase = readonly [Expectation, Columns, readonly (readonly string[])[], readonly (readonly string[])[]];
const FAIL = { severity: 'fail' } as const;
const hundred = Array.from({ length: 100 }, (_, index) => [String(index)]);
const reference = {
  kind: 'number',
  rows: 1000,
  edges: [0, 25, 50, 75, 100],
  shares: [0.25, 0.25, 0.25, 0.25],
} as const;

const FILE_CASES: readonly FileCase[] = [
  [contracts.rowCountBetween({ min: 2, max: 3 }), N, one('1', '2'), one('1')],
  [contracts.columnsMatch({ order: true }), N, one('1'), []],
  [contracts.columnCountBetween({ min: 2, max: 2 }), N, one('1'), []],
  [contracts.meanBetween('n', { min: 1, max: 2, ...FAIL }), N, one('1', '3', ''), one('5', '6')],
  [contracts.medianBetween('n', { max: 2, ...FAIL }), N, one('1', '2', '900'), one('1', '3', '4')],
  [
    contracts.quantileBetween('n', { quantile: 0.9, max: 90, ...FAIL }),
    N,
    hundred,
    hundred.map(([cell]) => [`${Number(cell) * 2}`]),
  ],
  [contracts.deviationBetween('n', { min: 1, ...FAIL }), N, one('1', '5'), one('1', '1.1')],
  [contracts.smallestBetween('n', { min: 1, ...FAIL }), N, one('1', '5'), one('0', '5')],
  [contracts.largestBetween('n', { max: 5, ...FAIL }), N, one('1', '5'), one('0', '6')],
  [contracts.sumBetween('n', { max: 5, ...FAIL }), N, one('1', '4'), one('1', '5')],
  [contracts.distinctCountBetween('t', { max: 2, ...FAIL }), T, one('a', 'b', 'a', ''), one('a', 'b', 'c')],
  [contracts.distinctShareBetween('t', { min: 0.6, ...FAIL }), T, one('a', 'b', 'a', ''), one('a', 'a')],
  [contracts.nullShareBetween('t', { max: 0.5, ...FAIL }), T, one('a', ''), one('a', '', '')],
  [
    contracts.outlierShareBetween('n', { max: 0.01, ...FAIL }),
    N,
    hundred,
    [...hundred.slice(0, 50), ...one('9999', '-9999')],
  ],
  [
    contracts.correlationBetween('n', { other: 'm', min: 0.9, ...FAIL }),
    NM,
    [
      ['1', '2'],
      ['2', '4'],
      ['3', '6.1'],
    ],
    [
      ['1', '2'],
      ['2', '4'],
      ['3', '1'],
    ],
  ],
  [contracts.shareBetween('few-old', { where: 'n > 90', max: 0.1, ...FAIL }), N, hundred, one('91', '95', '3')],
  [contracts.increasing('n', FAIL), N, one('1', '', '1', '2'), one('1', '3', '2')],
  [contracts.increasing('n', { strictly: true, ...FAIL }), N, one('1', '2'), one('1', '1')],
  [contracts.decreasing('n', FAIL), N, one('2', '', '2', '1'), one('2', '3', '1')],
  [contracts.decreasing('n', { strictly: true, ...FAIL }), N, one('2', '1'), one('1', '1')],
  [contracts.stepsBetween('n', { min: 1, max: 1, ...FAIL }), N, one('4', '', '5', '6'), one('4', '5', '7')],
  [
    contracts.stepsBetween('d', { max: 24, unit: 'hours', ...FAIL }),
    { d: date(all) },
    one('2026-03-01', '2026-03-02'),
    one('2026-03-01', '2026-03-03'),
  ],
  [
    contracts.stepsBetween('d', { max: 1.5, unit: 'hours', ...FAIL }),
    { d: timestamp(all) },
    one('2026-03-01T00:00:00Z', '2026-03-01T01:30:00Z'),
    one('2026-03-01T00:00:00Z', '2026-03-01T01:30:01Z'),
  ],
  [
    contracts.meanBetween('n', { max: 2, by: ['m'], ...FAIL }),
    NM,
    [
      ['1', '1'],
      ['3', '1'],
      ['2', '2'],
      ['', ''],
    ],
    [
      ['1', '1'],
      ['1', '1'],
      ['2.5', '2'],
    ],
  ],
  [
    contracts.rowCountBetween({ max: 1, by: ['t', 'u'] }),
    TU,
    [
      ['a', 'b'],
      ['a', 'c'],
      ['', ''],
    ],
    [
      ['a', ''],
      ['a', ''],
      ['b', 'b'],
    ],
  ],
  [
    contracts.fresherThan('d', { hours: 48, ...FAIL }),
    { d: timestamp(all) },
    [[new Date().toISOString()], ['2020-01-01T00:00:00Z']],
    one('2020-01-01T00:00:00Z'),
  ],
  [contracts.containsAll('t', { values: ['a', 'b'], ...FAIL }), T, one('a', 'b', 'c'), one('a', '')],
  [contracts.categoryShares('t', { shares: { a: 0.5 }, tolerance: 0.1, ...FAIL }), T, one('a', 'b', ''), one('a', 'a')],
  [
    contracts.query('one-x', {
      sql: `select count(*) = 1 as ok, count(*) as observed from rows where t = 'x'`,
      sentence: 'one x',
    }),
    T,
    one('x', 'y'),
    one('x', 'x'),
  ],
  [
    contracts.nearReference('n', { reference, ...FAIL }),
    N,
    hundred,
    hundred.map(([cell]) => [`${90 + Number(cell) / 10}`]),
  ],
  ...(['kolmogorov-smirnov', 'chi-square', 'jensen-shannon', 'l-infinity'] as const).map(
    (measure): FileCase => [
      contracts.divergenceBetween('n', { reference, measure, max: 0.2, ...FAIL }),
      N,
      hundred,
      hundred.map(([cell]) => [`${50 + Number(cell) / 2}`]),
    ],
  ),
  [
    contracts.nearReference('t', { reference: { kind: 'category', rows: 500, shares: { a: 0.5, b: 0.5 } }, ...FAIL }),
    T,
    hundred.map(([cell]) => [Number(cell) % 2 ? 'a' : 'b']),
    hundred.map(([cell]) => [Number(cell) % 2 ? 'a' : 'new']),
  ],
];

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
    const named: Readonly<Record<string, string>> = { either: 'row', 'few-old': 'share-between', 'one-x': 'query' };
    const tested = new Set([...cased].map((name) => named[name] ?? name));
    const documentation = await readFile(path.join(import.meta.dirname, '../../../docs/expectations.md'), 'utf8');
    expect(members.filter((member) => !tested.has(member))).toEqual([]);
    expect(Object.keys(family).filter((name) => !documentation.includes(`\`${name}(`))).toEqual([]);
    expect(members.length).toBeGreaterThanOrEqual(30);
  });

  it('states each member as plain data, from which its SQL is made', () => {
    for (const [{ rule, name }] of [...ROW_CASES, ...FILE_CASES]) {
      const written: unknown = JSON.parse(JSON.stringify(rule));
      expect(written, name).toEqual(rule);
      expect(ruleSchema.parse(written), name).toEqual(rule);
    }
  });

  it.each([
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
