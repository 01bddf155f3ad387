import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  boolean,
  category,
  checkFile,
  columnsMatch,
  containsAll,
  date,
  defineContract,
  distinctCountBetween,
  divergenceBetween,
  type Expectation,
  email,
  endsWith,
  equalsColumn,
  inRange,
  inSet,
  integer,
  largestBetween,
  lengthBetween,
  lessThanColumn,
  matchesPattern,
  meanBetween,
  momentBetween,
  multipleOf,
  nearReference,
  notInSet,
  notMatchesPattern,
  notNull,
  nullShareBetween,
  number,
  ofType,
  rowCountBetween,
  someNotNull,
  sumBetween,
  text,
  timestamp,
  trimmed,
  unique,
  uniqueTogether,
  uuid,
} from '#contracts';
import type { DuckdbPool } from '#store';
import { toField } from '../../../src/contracts/scan/fields.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

let duckdb: DuckdbPool;
let folder: string;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-rules-'));
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

const optional = { nullable: true, severity: 'warn' } as const;
const COLUMNS = {
  n: number(optional),
  m: number(optional),
  i: integer(optional),
  t: text(optional),
  u: text(optional),
  c: category(['a', 'b'], optional),
  b: boolean(optional),
  at: timestamp(optional),
  day: date(optional),
};
type Name = keyof typeof COLUMNS;

/** Of a value that the column does not name, and with rows of values that it does not name itself. */
const TRAINED = { kind: 'category', rows: 40, shares: { a: 0.5, b: 0.3, e: 0.2 } } as const;
const NAMED = { kind: 'category', rows: 40, shares: { a: 0.5, c: 0.3 } } as const;

const EXPECTATIONS: readonly Expectation[] = [
  notNull('n'),
  inRange('n', { min: -1.5, max: 3 }),
  inRange('i', { max: 2 }),
  ofType('t', { kind: 'integer' }),
  ofType('u', { kind: 'timestamp' }),
  inSet('i', { values: [1, 2, 3] }),
  inSet('t', { values: ['a', '1', 'é'] }),
  notInSet('n', { values: [1] }),
  lengthBetween('t', { min: 1, max: 2 }),
  matchesPattern('t', { pattern: '[a-c]+|é?' }),
  matchesPattern('u', { pattern: '[^a]*|.b' }),
  notMatchesPattern('t', { pattern: '[b\\n]|"$' }),
  email('u'),
  endsWith('u', { suffix: 'b' }),
  trimmed('t'),
  uuid('u'),
  multipleOf('n', { step: 0.5 }),
  momentBetween('at', { min: '2026-01-01', max: '2026-06-01T12:00:00Z' }),
  momentBetween('day', { min: '2026-01-02' }),
  lessThanColumn('n', { other: 'm' }),
  lessThanColumn('at', { other: 'day', orEqual: true }),
  equalsColumn('t', { other: 'u' }),
  someNotNull(['t', 'u'], {}),
  unique('n', { severity: 'warn' }),
  unique('t'),
  unique('day', { severity: 'warn', atLeast: 0.5 }),
  uniqueTogether(['t', 'c']),
  uniqueTogether(['at', 'b', 'i']),
  inRange('m', { min: 0, atLeast: 0.6 }),
  rowCountBetween({ min: 8, severity: 'warn' }),
  meanBetween('i', { max: 1 }),
  sumBetween('i', { max: 20, severity: 'fail' }),
  largestBetween('i', { max: 5 }),
  nullShareBetween('at', { max: 0.2 }),
  distinctCountBetween('i', { min: 3 }),
  containsAll('c', { values: ['a', 'b'] }),
  nearReference('c', { reference: TRAINED, indexMax: 0.1 }),
  divergenceBetween('c', { reference: TRAINED, measure: 'l-infinity', max: 0.2 }),
  divergenceBetween('c', { reference: NAMED, measure: 'chi-square', max: 0.5, severity: 'fail' }),
  columnsMatch({}),
];

const CELLS: Readonly<Record<Name, readonly string[]>> = {
  n: ['1', '01', '1.0', '-0', '0', '2.5', '1e3', '-2', 'x', '1,5', ''],
  m: ['1', '2', '-1', '0.5', 'NaN', ''],
  i: ['1', '1.0', '2', '7', '0', '1.5', '9007199254740993', 'y', ''],
  t: ['a', 'ab', 'é', '1', ' a', 'a\nb', 'say "a"', 'a,b', '123', ''],
  u: ['a', 'b', 'ab', '2026-01-01T00:00:00Z', '6f9619ff-8b86-d011-b42d-00cf4fc964ff', ''],
  c: ['a', 'b', 'c', 'd', 'a', ''],
  b: ['true', 'TRUE', '1', '0', 'maybe', ''],
  at: [
    '2026-01-01T00:00:00Z',
    '2026-01-01 01:00:00+01:00',
    '2026-07-01T00:00',
    '2025-12-31T23:59:59.999999Z',
    'now',
    '',
  ],
  day: ['2026-01-01', '2026-01-02', '2026-01-01T00:00:00Z', '2026-02-30', ''],
};

const NAMES = Object.keys(COLUMNS) as readonly Name[];
const ROWS = fc.array(fc.tuple(...NAMES.map((name) => fc.constantFrom(...CELLS[name]))), {
  minLength: 1,
  maxLength: 30,
});

/** What a check finds, without its time and with means to nine digits, which may be summed in another order. */
async function checked(file: string, expectations: readonly Expectation[]) {
  const contract = defineContract({ name: 'any', columns: COLUMNS, expectations });
  const { result, files } = await checkFile({ path: file, contract, folder: path.join(folder, 'out'), duckdb });
  const read = (part: string | undefined) => (part === undefined ? undefined : readFile(part, 'utf8'));
  const columns = result.columns.map((column) => ({ ...column, mean: column.mean?.toPrecision(9) }));
  return { ...result, durationMs: 0, columns, good: await read(files.good), bad: await read(files.bad) };
}

/** The same expectation, of which only its SQL is known. */
function asSql({ rule: _, ...expectation }: Expectation): Expectation {
  return expectation;
}

describe('the rules of expectations', () => {
  it('mean the same to one pass over the bytes as to SQL, also when only some of them are SQL', async () => {
    const seen = { good: 0, bad: 0 };
    const property = fc.asyncProperty(
      fc.shuffledSubarray([...EXPECTATIONS], { minLength: 1, maxLength: 8 }),
      ROWS,
      async (expectations, rows) => {
        const file = path.join(folder, 'in.csv');
        const lines = rows.map((cells) => cells.map((cell) => toField(cell, ',')).join(','));
        await writeFile(file, `${NAMES.join(',')}\n${lines.join('\n')}\n`);
        const found = await checked(file, expectations);
        expect(await checked(file, expectations.map(asSql))).toEqual(found);
        const mixed = expectations.map((each, at) => (at % 2 === 0 ? each : asSql(each)));
        expect(await checked(file, mixed)).toEqual(found);
        seen.good += found.rows.good;
        seen.bad += found.rows.bad;
      },
    );
    const runs = propertyRuns(60);
    await fc.assert(property, { numRuns: runs, seed: 20261130 });
    expect(Math.min(seen.good, seen.bad)).toBeGreaterThan(runs);
  });
});
