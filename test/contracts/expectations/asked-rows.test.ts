import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  alwaysNull,
  category,
  checkFile,
  columnsMatch,
  defineContract,
  divergenceBetween,
  type Expectation,
  fromOdcs,
  increasing,
  inRange,
  inSet,
  integer,
  lessThanColumn,
  meanBetween,
  momentBetween,
  nearReference,
  notNull,
  number,
  query,
  row,
  startsWith,
  text,
  timestamp,
  toOdcs,
  unique,
} from '#contracts';
import type { DuckdbPool } from '#store';
import type { Reference } from '../../../src/contracts/distribution/reference.ts';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

let duckdb: DuckdbPool;
let folder: string;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-asked-'));
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

const free = { nullable: true, role: 'meta' } as const;
const columns = {
  row: integer({ role: 'meta' }),
  n: number(free),
  m: number(free),
  t: text(free),
  c: category(['x', 'y'], free),
};

/** The result, and the numbers of the rows that are bad. */
async function check(expectations: readonly Expectation[], cells: readonly string[]) {
  const contract = defineContract({ name: 'asked', columns, expectations });
  // What a document says is what the contract says.
  const file = path.join(folder, 'in.csv');
  await writeFile(file, ['row,n,m,t,c', ...cells.map((line, at) => `${at},${line}`), ''].join('\n'));
  const options = { path: file, folder: path.join(folder, 'out'), duckdb };
  const { result, files } = await checkFile({ ...options, contract }, { nowMs: () => 0 });
  const bad = files.bad === undefined ? [] : (await readFile(files.bad, 'utf8')).trim().split('\n').slice(1);
  const again = await checkFile(
    { ...options, contract: fromOdcs(toOdcs(contract)), groupColumns: 1 },
    { nowMs: () => 0 },
  );
  expect(again.result).toEqual(result);
  return { result, bad: bad.map((line) => Number(line.split(',')[1])) };
}

/** So many rows, of which the first few have a number that is too large. */
const withLarge = (large: number, all: number): readonly string[] =>
  Array.from({ length: all }, (_, at) => `${at < large ? 100 : 1},1,a,x`);

describe('a tolerance', () => {
  const mostlySmall = inRange('n', { max: 10, atLeast: 0.9 });

  it('counts the rows that break the rule, and keeps them, while enough meet it', async () => {
    const { result, bad } = await check([mostlySmall], withLarge(2, 20));
    expect(bad).toEqual([]);
    expect(result).toMatchObject({ verdict: 'pass', violations: [], rows: { good: 20, bad: 0 } });
    expect(result.expectations.at(-1)).toMatchObject({
      rows: 2,
      sentence: 'n is at most 10 in at least 90 % of the rows',
    });
  });

  it('makes all of them bad once too few meet it', async () => {
    const { result, bad } = await check([mostlySmall], withLarge(3, 20));
    expect(bad).toEqual([0, 1, 2]);
    expect(result.violations).toMatchObject([{ expectation: 'in-range', rows: 3, severity: 'fail' }]);
  });

  it('only warns where its severity says so', async () => {
    const { result } = await check([inRange('n', { max: 10, atLeast: 0.9, severity: 'warn' })], withLarge(3, 20));
    expect(result).toMatchObject({ verdict: 'warn', rows: { good: 20, bad: 0 } });
  });

  it('of a key counts the later rows', async () => {
    const cells = ['1,,,', '1,,,', '2,,,', '3,,,'];
    expect((await check([unique('n', { atLeast: 0.75 })], cells)).result.verdict).toBe('pass');
    expect((await check([unique('n', { atLeast: 0.76 })], cells)).bad).toEqual([1]);
  });

  it('leaves rows bad that break another rule', async () => {
    const { bad, result } = await check([mostlySmall, notNull('t')], [...withLarge(1, 19), '100,1,,x']);
    expect(bad).toEqual([19]);
    expect(result.violations).toMatchObject([{ expectation: 'not-null', rows: 1 }]);
  });

  it('holds for files of more rows than fit in memory at once', async () => {
    const rows = 20_001;
    const few = await check([mostlySmall], withLarge(2000, rows));
    expect(few.result.rows).toMatchObject({ good: rows, bad: 0 });
    const many = await check([mostlySmall], withLarge(2001, rows));
    expect(many.result.rows.bad).toBe(2001);
  });

  it.each([
    ['all rows', () => notNull('n', { atLeast: 1 }), /share above 0 and below 1; got 1/],
    ['a percentage', () => notNull('n', { atLeast: 95 }), /share above 0 and below 1; got 95/],
  ])('is refused for %s', (_, make, message) => {
    expect(make).toThrow(
      expect.objectContaining({ code: 'expectation_invalid', message: expect.stringMatching(message) }),
    );
  });
});

describe('a condition', () => {
  const cells = ['1,2,a,x', '5,2,b,x', ',2,b,y', '5,2,,', '5,,ab,y'];

  it.each([
    ['of SQL', inRange('n', { max: 3, where: `c = 'x'` }), [1]],
    ['that another expectation states', inRange('n', { max: 3, where: inSet('c', { values: ['y'] }) }), [4]],
    ['of a text', notNull('n', { where: startsWith('t', { prefix: 'b' }) }), [2]],
    ['about what is empty', inRange('n', { max: 3, where: alwaysNull('t') }), [3]],
    ['between columns', notNull('t', { where: lessThanColumn('m', { other: 'n' }) }), [3]],
    ['in SQL of an expectation', notNull('t', { where: row('large', { holds: 'n > 4', columns: ['n'] }) }), [3]],
    ['on a rule between columns', lessThanColumn('n', { other: 'm', where: `c = 'x'` }), [1]],
    ['on a rule in SQL', row('small', { holds: 'n < 3', where: notNull('c') }), [1, 4]],
    ['on a key', unique('m', { where: `t = 'b'` }), [2]],
    ['on a key, by another expectation', unique('m', { where: inSet('c', { values: ['x'] }) }), [1]],
  ])('%s asks only the rows where it holds', async (_, expectation, bad) => {
    expect((await check([expectation], cells)).bad).toEqual(bad);
  });

  it.each([
    ['the mean', meanBetween('n', { max: 3, where: `c = 'x'`, severity: 'fail' }), 'pass'],
    [
      'the mean of others',
      meanBetween('n', { max: 3, where: inSet('c', { values: ['y'] }), severity: 'fail' }),
      'fail',
    ],
    ['the order', increasing('n', { strictly: true, where: `c = 'x'`, severity: 'fail' }), 'pass'],
    ['the order of all', increasing('n', { strictly: true, severity: 'fail' }), 'fail'],
  ])('restricts %s to the rows where it holds', async (_, expectation, verdict) => {
    expect((await check([expectation], cells)).result.verdict).toBe(verdict);
  });

  it.each([
    ['a header', () => columnsMatch({ where: 'true' }), /no where, as it is not about rows/],
    ['an empty text', () => notNull('n', { where: ' ' }), /SQL/],
    ['the whole file', () => notNull('n', { where: query('q', { sql: 'select 1', sentence: 's' }) }), /got "q"/],
    ['another condition', () => notNull('n', { where: notNull('m', { where: 'true' }) }), /got "not-null"/],
  ])('is refused for %s', (_, make, message) => {
    expect(make).toThrow(
      expect.objectContaining({ code: 'expectation_invalid', message: expect.stringMatching(message) }),
    );
  });
});

describe('a divergence', () => {
  it.each([
    [
      'divergence-between',
      (reference: Reference) => divergenceBetween('c', { reference, measure: 'l-infinity', max: 0.1 }),
    ],
    ['near-reference', (reference: Reference) => nearReference('c', { reference })],
  ])('%s tells values apart that the column does not name', async (_, make) => {
    const reference = { kind: 'category', rows: 400, shares: { x: 0.5, u: 0.25, v: 0.25 } } as const;
    const contract = defineContract({
      name: 'unnamed',
      columns: { c: category(['x', 'y'], { severity: 'warn' }) },
      expectations: [make(reference)],
    });
    const file = path.join(folder, 'unnamed.csv');
    await writeFile(file, `c\n${'x\nx\nu\nv\n'.repeat(100)}`);
    const { result } = await checkFile({ path: file, contract, folder: path.join(folder, 'out'), duckdb });
    expect(result.violations.map(({ expectation }) => expectation)).toEqual(['in-set']);
  });
});

describe('a bound that is excluded', () => {
  it('is refused itself', async () => {
    const cells = ['0,,,', '0.1,,,', '4.9,,,', '5,,,'];
    const { bad, result } = await check(
      [inRange('n', { min: 0, max: 5, excludesMin: true, excludesMax: true })],
      cells,
    );
    expect(bad).toEqual([0, 3]);
    expect(result.expectations.at(-1)?.sentence).toBe('n is more than 0 and less than 5');
  });

  it('is refused itself, of a moment too', async () => {
    const options = { min: '2026-01-01', max: '2026-01-02', excludesMin: true, excludesMax: true };
    const contract = defineContract({
      name: 'moments',
      columns: { at: timestamp() },
      expectations: [momentBetween('at', options)],
    });
    const file = path.join(folder, 'moments.csv');
    const moments = ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.000001Z', '2026-01-02T00:00:00Z'];
    await writeFile(file, `at\n${moments.join('\n')}\n`);
    const { result } = await checkFile({ path: file, contract, folder: path.join(folder, 'out'), duckdb });
    expect(result.rows).toMatchObject({ good: 1, bad: 2 });
    expect(result.violations[0]?.sentence).toBe('at is after 2026-01-01 and before 2026-01-02');
  });

  it.each([
    ['is not there', () => inRange('n', { min: 0, excludesMax: true })],
    ['leaves no number', () => inRange('n', { min: 1, max: 1, excludesMin: true })],
    ['leaves no moment', () => momentBetween('n', { min: '2026-01-01', max: '2026-01-01', excludesMin: true })],
  ])('is refused when it is written down and %s', (_, make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'expectation_invalid' }));
  });
});
