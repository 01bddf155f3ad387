import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Contract, defineContract, type Profile, type ProfileFileOptions, profileFile } from '#contracts';
import type { DuckdbPool } from '#store';
import {
  boolean,
  category,
  date,
  decimal,
  duration,
  integer,
  number,
  text,
  time,
  timestamp,
} from '../../../src/contracts/columns.ts';
import { seeded } from '../../../src/contracts/corrupt/random.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

/*
 * A CSV file of any form is profiled while it is read, and so is the canonical copy of an NDJSON file; the same texts as
 * Parquet, and those of CSV files for which there is no memory, are profiled by DuckDB. All must tell the same, but for the
 * rounding of sums.
 */

let duckdb: DuckdbPool;
let folder: string;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-readers-'));
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

const DIGITS_COMPARED = 9;
/** Columns whose numbers differ by less than the rounding of their sums, or whose squares are nothing. */
const ROUNDED = ['near', 'tiny'];

/** A profile to compare: without what names its file, and with sums as far as their rounding goes. */
function comparable({ columns, correlations, rows, rejected }: Profile): unknown {
  // Divided first, as means of few digits lie in the middle between two roundings.
  const rounded = (value: number): number => Number((value / Math.PI).toPrecision(DIGITS_COMPARED));
  const plain = {
    ...{ rows, rejected },
    columns: columns.map(({ numbers, ...column }) => {
      if (numbers === undefined) return column;
      const { mean, deviation, min, max, ...others } = numbers;
      // A deviation that is nothing beside the numbers is rounding alone.
      const size = Math.max(Math.abs(min), Math.abs(max));
      const visible = deviation < size * 1e-7 ? 0 : rounded(deviation);
      const meanVisible = Math.abs(mean) < size * 1e-7 ? 0 : rounded(mean);
      return { ...column, numbers: { ...others, min, max, mean: meanVisible, deviation: visible } };
    }),
    correlations: Object.fromEntries(
      correlations
        .filter(({ a, b }) => !ROUNDED.includes(a) && !ROUNDED.includes(b))
        .map(({ a, b, value }) => [`${a} ${b}`, Math.round(value * 1e6)]),
    ),
  };
  // JSON knows no zero with a sign.
  return JSON.parse(JSON.stringify(plain));
}

const cell = (value: string): string => (/[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

type Row = Readonly<Record<string, string | null>>;

async function profiles(rows: readonly Row[], contract?: Contract): Promise<readonly unknown[]> {
  const names = Object.keys(rows[0] ?? {});
  const files = { csv: path.join(folder, 'any.csv'), ndjson: path.join(folder, 'any.ndjson') };
  const lines = rows.map((row) => names.map((name) => cell(row[name] ?? '')).join(','));
  await writeFile(files.csv, [names.join(','), ...lines, ''].join('\n'));
  await writeFile(files.ndjson, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const parquet = path.join(folder, 'any.parquet');
  const read = `read_json('${files.ndjson}', format = 'newline_delimited', columns = {${names.map((name) => `'${name}': 'varchar'`).join(', ')}})`;
  await duckdb.use((connection) => connection.run(`copy (select * from ${read}) to '${parquet}' (format parquet)`));
  const found: unknown[] = [];
  const options = { duckdb, folder, ...(contract && { contract }) };
  const profiled = async (file: string, more: Partial<ProfileFileOptions> = {}): Promise<void> => {
    found.push(comparable(await profileFile({ path: file, ...options, ...more })));
  };
  await profiled(files.csv);
  await profiled(parquet);
  await profiled(files.ndjson);
  await profiled(files.csv, { memoryBytesMax: 0 });
  const other = path.join(folder, 'other.csv');
  const otherCell = (value: string): string => `'${value.replaceAll("'", "''")}'`;
  const written = rows.map((row) => `${names.map((name) => otherCell(row[name] ?? '')).join('::')}::`);
  await writeFile(other, ['A table', `${names.map(otherCell).join('::')}::`, ...written, ''].join('\n'));
  const form = { delimiter: '::', quote: "'", skipLines: 1, hasTrailingDelimiter: true } as const;
  const inForm = contract && { contract: { ...contract, format: form } };
  const known = { delimiter: '::', format: form, kinds: [], reasons: [] };
  await profiled(other, inForm ?? { found: known });
  return found;
}

const double = fc.double({ noNaN: true, noDefaultInfinity: true }).map(String);
const texts = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }).filter((each) => !/[\0\r]/.test(each));
const moment = fc.date({ min: new Date('0001-01-02'), max: new Date('9999-12-30'), noInvalidDate: true });
const CELLS: Readonly<Record<string, fc.Arbitrary<string | null>>> = {
  numbers: double,
  plain: fc.integer({ min: -40, max: 40 }).map((value) => String(value / 4)),
  huge: fc.constantFrom('1.7e308', '-1.7e308', '1e300', '0', '3'),
  tiny: fc.constantFrom('5e-324', '-5e-324', '1e-310', '0', '-0', '-0.0'),
  beyond: fc.constantFrom('1e999', '-1e999', '7', '2.5'),
  prices: fc.integer({ min: -9_999_999, max: 9_999_999 }).map((cents) => (cents / 100).toFixed(2)),
  units: fc
    .bigInt({ min: -(10n ** 18n) + 1n, max: 10n ** 18n - 1n })
    .map((each) => `${each / 10_000n}.${String(each).slice(-4).replace('-', '0').padStart(4, '0')}`),
  clocks: fc.nat(86_399_999).map((each) => new Date(each).toISOString().slice(11, 23)),
  lengths: fc.oneof(
    fc.nat(5000).map((each) => `PT${each}M`),
    fc.constantFrom('P2W', '-PT0.5S', 'P1DT2H', 'P1M'),
  ),
  equal: fc.constant('0.1'),
  near: fc.constantFrom('1', '1.0000000000000002', '0.99999999999999989'),
  skewed: fc.oneof({ weight: 9, arbitrary: fc.constant('0') }, { weight: 1, arbitrary: fc.nat().map(String) }),
  whole: fc.maxSafeInteger().map(String),
  counts: fc.nat(6).map(String),
  spelled: fc.constantFrom('1', '01', '1.0', '1e0', '+1', '2'),
  texts,
  long: fc.constantFrom('a'.repeat(300), 'b'.repeat(200), 'c', 'é'.repeat(150)),
  truths: fc.constantFrom('true', 'False', '1', '0', '1.0'),
  ones: fc.constantFrom('1', '0'),
  days: moment.map((day) => day.toISOString().slice(0, 10)),
  midnights: fc.constantFrom('2026-01-01', '2026-01-02T00:00:00Z'),
  moments: moment.map((each) => each.toISOString()),
  fine: fc.nat(999_999).map((part) => `2026-03-01 12:00:00.${String(part).padStart(6, '0')}+02:00`),
  mixed: fc.oneof(double, texts, fc.constantFrom('true', '2026-01-01')),
  empty: fc.constant(null),
};

const row = fc.record(
  Object.fromEntries(Object.entries(CELLS).map(([name, each]) => [name, fc.option(each, { freq: 6 })])),
);
const rows = fc.array(row, { minLength: 1, maxLength: 120, size: 'max' });

const contract = defineContract({
  name: 'any',
  columns: {
    numbers: number({ nullable: true }),
    mixed: number({ nullable: true }),
    texts: category(['a', 'b'], { nullable: true }),
    whole: integer({ nullable: true }),
    plain: integer({ nullable: true }),
    truths: boolean({ nullable: true }),
    midnights: date({ nullable: true }),
    days: timestamp({ nullable: true }),
    fine: timestamp({ nullable: true }),
    near: text({ nullable: true }),
    prices: decimal({ precision: 9, scale: 2, nullable: true }),
    units: decimal({ precision: 18, scale: 4, nullable: true }),
    counts: decimal({ precision: 18, scale: 7, nullable: true }),
    clocks: time({ nullable: true }),
    lengths: duration({ nullable: true }),
  },
});

describe('a profile', () => {
  it('tells the same whoever reads the file', async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (given) => {
        const [csv, ...others] = await profiles(given);
        for (const other of others) expect(csv).toEqual(other);
      }),
      { seed: 7, numRuns: propertyRuns(3), endOnFailure: true },
    );
  });

  it('tells the same by the kinds of a contract, whatever the cells are', async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (given) => {
        const [csv, ...others] = await profiles(given, contract);
        for (const other of others) expect(csv).toEqual(other);
      }),
      { seed: 8, numRuns: propertyRuns(3), endOnFailure: true },
    );
  });

  it('tells the same of many rows, whose words are counted block by block: few, many, and first few and then many', async () => {
    const random = seeded(9);
    const day = (days: number): string => new Date(Date.UTC(1930, 0, 1 + days)).toISOString().slice(0, 10);
    const columns: Readonly<Record<string, (row: number) => string>> = {
      id: String,
      far: () => String(random.below(2 ** 40) - 2 ** 39),
      number: () => String(random.next() * 1000 - 300),
      some: () => (random.next() * 50).toFixed(2),
      late: (row) => (row < 30_000 ? 'same' : `text ${row}`),
      early: (row) => (row > 5000 ? `${row % 3}x` : `text ${row}`),
      text: () => `é${random.below(30_000)}`,
      day: () => day(random.below(40_000)),
      moment: (row) => new Date(Date.UTC(2026, 0, 1) + row * 997).toISOString(),
      clock: () => `${String(random.below(24)).padStart(2, '0')}:${String(random.below(60)).padStart(2, '0')}`,
      truth: () => String(random.next() < 0.2),
    };
    const lines = Array.from({ length: 60_000 }, (_, row) =>
      Object.values(columns)
        .map((cellOf) => (random.next() < 0.02 ? '' : cellOf(row)))
        .join(','),
    );
    const file = path.join(folder, 'many.csv');
    await writeFile(file, `${[Object.keys(columns).join(','), ...lines].join('\n')}\n`);
    const options = { path: file, duckdb, folder };
    const bySql = await profileFile({ ...options, memoryBytesMax: 0 });
    expect(comparable(await profileFile(options))).toEqual(comparable(bySql));
  });
});
