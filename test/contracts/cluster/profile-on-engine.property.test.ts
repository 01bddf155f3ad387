import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Contract,
  category,
  date,
  decimal,
  defineContract,
  duration,
  integer,
  list,
  maybeFindPartitions,
  number,
  type Profile,
  profileOnEngine,
  profilePartitions,
  text,
  time,
  timestamp,
} from '#contracts';
import type { DuckdbPool, SqlEngine } from '#store';
import { propertyRuns } from '../../kills/choose-kills.ts';
import { canTestSpark, type SparkServer, startSpark } from '../../spark/sail.ts';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

/** Columns by name, with texts that are values of their kind, and some that are none. */
const CELLS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  id: fc.integer({ min: -50, max: 5000 }).map(String),
  amount: fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.constantFrom('0', '-0', '1e3', '0.1', '7', 'odd', '1e308', '-2.5e-300'),
    fc.integer({ min: 0, max: 300 }).map((each) => String(each / 4)),
  ),
  price: fc.integer({ min: -9999, max: 9999 }).map((cents) => (cents / 100).toFixed(2)),
  sort: fc.constantFrom('a', 'b', 'ü', '"x, y"', 'A'),
  day: fc.constantFrom('2026-03-01', '1969-12-31', '2024-02-29', '0001-01-01', '2026-02-30'),
  at: fc.constantFrom('2026-03-01T12:00:00Z', '2026-03-01T12:00:00.5+02:00', '1960-01-01 00:00:01', '2026-03-01T12:00'),
  open: fc.constantFrom('12:30', '12:30:01.25', '00:00', '24:00'),
  takes: fc.constantFrom('PT1H', '-PT90M', 'P1DT0.5S', 'PT'),
  tags: fc.constantFrom('"[1,2]"', '"[""a""]"', '[', '[]'),
  flag: fc.constantFrom('true', 'FALSE', '1', '0'),
  note: fc.oneof(
    fc.constantFrom('n1', 'n2', 'été', '😀'),
    fc.integer({ min: 1, max: 400 }).map((size) => 'x'.repeat(size)),
  ),
};
const NAMES = Object.keys(CELLS);

const CONTRACT = defineContract({
  name: 'any',
  columns: {
    id: integer(),
    amount: number(),
    price: decimal({ precision: 8, scale: 2 }),
    sort: category(['a', 'b']),
    day: date(),
    at: timestamp(),
    open: time(),
    takes: duration(),
    tags: list(text()),
  },
});

const PART = fc.record({
  columns: fc.shuffledSubarray(NAMES, { minLength: 1 }),
  rows: fc.array(
    fc.record(
      Object.fromEntries(NAMES.map((name) => [name, fc.option(CELLS[name] as fc.Arbitrary<string>, { nil: '' })])),
    ),
    {
      maxLength: 250,
    },
  ),
});

describe.runIf(canTestSpark())('profileOnEngine', () => {
  let duckdb: DuckdbPool;
  let server: SparkServer;
  let engine: SqlEngine;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'weir-profile-engine-'));
    duckdb = await inProcessDuckdb();
    server = await startSpark();
    engine = await server.open();
  });
  afterAll(async () => {
    await engine?.close();
    await server?.stop();
    await duckdb.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function both(texts: readonly string[], options: { readonly contract?: Contract } = {}) {
    const raw = path.join(folder, 'raw');
    await rm(raw, { recursive: true, force: true });
    await mkdir(raw);
    for (const [index, content] of texts.entries()) await writeFile(path.join(raw, `${index}.csv`), content);
    const found = await maybeFindPartitions(raw);
    if (found === undefined) throw new Error('Expected a folder.');
    const work = path.join(folder, 'work');
    const here = await profilePartitions({ ...found, duckdb, folder, ...options });
    const there = await profileOnEngine(engine, { ...found, duckdb, folder: work, ...options });
    expect(await readdir(work)).toEqual([]);
    return [rounded(here), rounded(there)] as const;
  }

  it('gives the profile of one machine, with a contract and without', async () => {
    const property = fc.asyncProperty(
      fc.array(PART, { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      async (parts, hasContract) => {
        const texts = parts.map(({ columns, rows }) =>
          [columns, ...rows.map((row) => columns.map((name) => row[name] ?? ''))]
            .map((cells) => `${cells.join(',')}\n`)
            .join(''),
        );
        const [here, there] = await both(texts, hasContract ? { contract: CONTRACT } : {});
        expect(there).toEqual(here);
      },
    );
    await fc.assert(property, { numRuns: propertyRuns(12), seed: 20261201, endOnFailure: true });
  });

  it('lists and estimates as one machine does where there are many values', async () => {
    const rows = Array.from(
      { length: 30_000 },
      (_, row) => `${row},${(row * 7919) % 1200},k${row % 1001},${row / 8}\n`,
    );
    const [here, there] = await both([
      `a,b,c,d\n${rows.slice(0, 9000).join('')}`,
      `a,b,c,d\n${rows.slice(9000).join('')}`,
    ]);
    const exact = ({ columns, ...rest }: Profile) => ({
      ...rest,
      columns: columns.map(({ distinct, distinctIsExact, ...column }) =>
        distinctIsExact ? { distinct, ...column } : column,
      ),
    });
    expect(exact(there)).toEqual(exact(here));
    for (const { distinct, distinctIsExact } of there.columns.filter((_, place) => place % 3 === 0)) {
      expect(distinctIsExact).toBe(false);
      expect(Math.abs(distinct - 30_000)).toBeLessThan(3000);
    }
  });
});

/** Sums of doubles differ in their last digits by the order in which they are added. */
function rounded(found: Profile): Profile {
  // As it is printed: zero has no sign then.
  const profile: Profile = JSON.parse(JSON.stringify(found));
  const near = (value: number): number => Number(value.toPrecision(9));
  return {
    ...profile,
    columns: profile.columns.map(({ numbers, ...column }) =>
      numbers === undefined
        ? column
        : { ...column, numbers: { ...numbers, mean: near(numbers.mean), deviation: near(numbers.deviation) } },
    ),
    correlations: profile.correlations
      .map(({ value, ...pair }) => ({ ...pair, value: Number(value.toFixed(6)) }))
      .sort((one, other) => `${one.a} ${one.b}`.localeCompare(`${other.a} ${other.b}`)),
  };
}
