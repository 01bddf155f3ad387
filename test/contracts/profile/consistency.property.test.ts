import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ColumnProfile, type Profile, profileFile, QUANTILES } from '#contracts';
import type { DuckdbPool } from '#store';
import { propertyRuns } from '../../kills/choose-kills.ts';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

let duckdb: DuckdbPool;
let folder: string;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-consistency-'));
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

const total = (rows: readonly number[]): number => rows.reduce((sum, count) => sum + count, 0);

/** What holds of any column, whatever is in it. */
function expectConsistent({ columns, rows, correlations }: Profile): void {
  for (const column of columns) {
    const filled = rows - column.nulls;
    expect(column.nulls).toBeGreaterThanOrEqual(0);
    expect(filled).toBeGreaterThanOrEqual(0);
    expect(column.distinct).toBeLessThanOrEqual(filled);
    expect(column.distinct > 0).toBe(filled > 0);
    expectListed(column, filled);
    if (column.numbers !== undefined) expectNumbers(column.numbers, filled);
    if (column.lengths !== undefined) expect(column.lengths.min).toBeLessThanOrEqual(column.lengths.max);
    if (column.moments !== undefined) expect(column.moments.min <= column.moments.max).toBe(true);
  }
  for (const { value } of correlations) expect(Math.abs(value)).toBeLessThanOrEqual(1);
}

function expectListed({ top = [], distinct, distinctIsExact }: ColumnProfile, filled: number): void {
  const counts = top.map((each) => each.rows);
  expect(counts).toEqual([...counts].sort((a, b) => b - a));
  expect(new Set(top.map(({ value }) => value)).size).toBe(top.length);
  expect(total(counts)).toBeLessThanOrEqual(filled);
  expect(top.length).toBeLessThanOrEqual(distinct);
  if (top.length === distinct && distinctIsExact) expect(total(counts)).toBe(filled);
}

function expectNumbers(numbers: NonNullable<ColumnProfile['numbers']>, filled: number): void {
  const { min, max, mean, deviation, quantiles, zeros, negatives, histogram, bins } = numbers;
  expect(quantiles).toHaveLength(QUANTILES.length);
  const ascending = [min, ...quantiles, max];
  for (const [at, value] of ascending.entries()) {
    expect(Number.isFinite(value)).toBe(true);
    expect(value).toBeGreaterThanOrEqual(ascending[at - 1] ?? value);
  }
  expect(mean).toBeGreaterThanOrEqual(min);
  expect(mean).toBeLessThanOrEqual(max);
  expect(deviation).toBeGreaterThanOrEqual(0);
  expect(Number.isFinite(deviation)).toBe(true);
  expect(zeros + negatives).toBeLessThanOrEqual(filled);
  for (const rows of [histogram, bins.rows]) {
    expect(total(rows)).toBe(filled);
    expect(Math.min(...rows)).toBeGreaterThanOrEqual(0);
  }
  expect([bins.edges[0], bins.edges.at(-1)]).toEqual([min, max]);
  expect(bins.edges).toHaveLength(bins.rows.length + 1);
}

const double = fc.double({ noNaN: true, noDefaultInfinity: true });
const CELLS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  numbers: double,
  huge: fc.constantFrom(1.7e308, -1.7e308, 1e300, 0, 3),
  tiny: fc.constantFrom(5e-324, -5e-324, 1e-310, 0, -0),
  equal: fc.constant(0.1),
  near: fc.constantFrom(1, 1 + 2 ** -52, 1 - 2 ** -53),
  whole: fc.maxSafeInteger(),
  counts: fc.nat(6),
  texts: fc.string({ minLength: 1, maxLength: 4 }),
  long: fc.constantFrom('a'.repeat(300), 'b'.repeat(200), 'c'),
  truths: fc.boolean(),
  days: fc
    .date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })
    .map((day) => day.toISOString().slice(0, 10)),
  moments: fc
    .date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })
    .map((moment) => moment.toISOString()),
  mixed: fc.oneof(double, fc.string({ minLength: 1 }), fc.boolean()),
  empty: fc.constant(null),
};

describe('a profile', () => {
  it('agrees with itself, whatever the file holds', async () => {
    const row = fc.record(
      Object.fromEntries(Object.entries(CELLS).map(([name, cell]) => [name, fc.option(cell, { freq: 6 })])),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 150, size: 'max' }), async (rows) => {
        const file = path.join(folder, 'any.ndjson');
        await writeFile(file, rows.map((each) => `${JSON.stringify(each)}\n`).join(''));
        expectConsistent(await profileFile({ path: file, duckdb, folder }));
      }),
      { seed: 6, numRuns: propertyRuns(15) },
    );
  });

  it('agrees with itself where it estimates', async () => {
    const file = path.join(folder, 'many.parquet');
    const columns = `i as id, 'name ' || i as name, i % 30000 as some, case when i % 40000 = 0 then i end as few, ln(1 + i) as log,
      case when i % 3 = 0 then 0 else i end as "mostly"`;
    await duckdb.use((connection) =>
      connection.run(`copy (select ${columns} from range(600000) r(i)) to '${file}' (format parquet)`),
    );
    const profile = await profileFile({ path: file, duckdb, folder });
    expectConsistent(profile);
    const named = Object.fromEntries(profile.columns.map((column) => [column.name, column]));
    for (const [name, different] of Object.entries({ id: 600_000, name: 600_000, some: 30_000 })) {
      expect(named[name]?.distinctIsExact).toBe(false);
      expect(Math.abs((named[name]?.distinct ?? 0) / different - 1)).toBeLessThan(0.1);
    }
    expect(named.few).toMatchObject({ distinct: 15, distinctIsExact: true, numbers: { min: 0, max: 560_000 } });
    expect(named.mostly?.numbers?.bins.rows[0]).toBe(200_000);
    const proved = await profileFile({ path: file, duckdb, folder, provesUnique: true });
    expectConsistent(proved);
    expect(
      proved.columns.map(({ distinct, distinctIsExact }) => (distinctIsExact ? distinct : undefined)).slice(0, 2),
    ).toEqual([600_000, 600_000]);
  });
});
