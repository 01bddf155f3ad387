import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  boolean,
  type Column,
  category,
  checkFile,
  checkRows,
  date,
  decimal,
  defineContract,
  duration,
  integer,
  number,
  text,
  time,
  timestamp,
} from '#contracts';
import type { DuckdbPool } from '#store';
import { toField } from '../../../src/contracts/scan/fields.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

let duckdb: DuckdbPool;
let folder: string;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-oracle-'));
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

/** A column and values for it, right and wrong, as JSON has them. */
interface Case {
  readonly column: Column;
  readonly values: fc.Arbitrary<unknown>;
}

const NO_NUMBER = fc.constantFrom(
  'abc',
  'NaN',
  'inf',
  '1_000',
  ' 1',
  '1 ',
  '0x1A',
  '1,5',
  '１',
  '-',
  '.',
  'true ',
  'no',
);
const DECIMALS = fc.constantFrom(
  ...[
    '12.50',
    '12.5',
    '012.500',
    '-.5',
    '5.',
    '12.505',
    '1e1',
    '+3',
    '40',
    '-20.00',
    '-20.01',
    '99999999999999999999.99',
  ],
);
const PATTERNS = [
  '[a-c]+',
  '.*',
  'a.b?',
  '\\w{1,3}',
  '\\s*x\\s*',
  '[^\\s]+',
  '\\d+|é',
  '(ab|a)(c|bcd)?',
  '[.]\\.',
  '\\S+',
  '[a-z]*[^\\n]',
];
const WORDS = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 6 }),
    fc.string({
      unit: fc.constantFrom(
        'a',
        'b',
        'c',
        'd',
        'é',
        '👍',
        ' ',
        '\n',
        '\r',
        '\t',
        '\u2028',
        '\u00a0',
        '"',
        ',',
        '.',
        'x',
        '1',
        '\v',
      ),
      maxLength: 6,
    }),
  )
  .filter((word) => !word.includes('\0') && !/\p{Surrogate}/u.test(word));
const DAYS = fc
  .tuple(fc.integer({ min: 0, max: 9999 }), fc.integer({ min: 0, max: 13 }), fc.integer({ min: 0, max: 32 }))
  .map(([year, month, day]) =>
    [String(year).padStart(4, '0'), String(month).padStart(2, '0'), String(day).padStart(2, '0')].join('-'),
  );
const REAL_DAYS = fc
  .date({ min: new Date('0001-01-02T00:00:00Z'), max: new Date('9999-12-30T00:00:00Z'), noInvalidDate: true })
  .map((day) => day.toISOString().slice(0, 10));
const TIMES = fc.constantFrom(
  'T10:00:00Z',
  ' 10:00:00',
  'T10:00',
  'T12:00:00+02:00',
  'T12:00+0200',
  'T24:00:00',
  'T10:00:60',
  'T10:00:00.5Z',
  'T10:00:00.500000Z',
  'T10:00:00+15:00',
  '',
  'T1:00',
  'T09:59:59.1234567',
  'T00:00:00',
  ' 00:00:00.000Z',
);

const CASES: fc.Arbitrary<Case> = fc
  .record({
    nullable: fc.boolean(),
    unique: fc.boolean(),
    a: fc.integer({ min: -20, max: 20 }),
    b: fc.integer({ min: 0, max: 20 }),
    pattern: fc.constantFrom(...PATTERNS),
    which: fc.integer({ min: 0, max: 9 }),
  })
  .map(({ nullable, unique, a, b, pattern, which }): Case => {
    const options = { nullable, unique };
    const bounds = { min: a, max: a + b };
    const few = fc.integer({ min: -25, max: 45 });
    const cases: readonly Case[] = [
      {
        column: number({ ...options, ...bounds }),
        values: fc.oneof(few, fc.double({ noNaN: true, noDefaultInfinity: true }), NO_NUMBER, fc.constant(-0)),
      },
      {
        column: integer({ ...options, ...bounds }),
        values: fc.oneof(
          few,
          fc.maxSafeInteger(),
          fc.double({ min: -3, max: 3, noNaN: true }).filter((value) => !Number.isInteger(value)),
          NO_NUMBER,
        ),
      },
      {
        column: decimal({ ...options, ...bounds, precision: 24, scale: 2 }),
        values: fc.oneof(few.map(String), few, fc.double({ min: -30, max: 50, noNaN: true }), DECIMALS, NO_NUMBER),
      },
      {
        column: time({ ...options, min: '06:00', max: '18:30:15.5' }),
        values: fc.constantFrom(
          '06:00',
          '05:59:59.999',
          '18:30:15.500',
          '18:30:15.5000001',
          '18:30:16',
          '24:00',
          '6:00',
          'x',
        ),
      },
      {
        column: duration({ ...options, min: '-PT1H', max: 'P1D' }),
        values: fc.constantFrom('PT24H', 'P1D', '-PT60M', '-PT61M', 'PT0S', 'PT25H', 'P1M', 'P1Y', 'PT', 'x', 'P1W'),
      },
      { column: boolean(options), values: fc.oneof(fc.boolean(), fc.constantFrom('yes', 'wahr', '2')) },
      {
        column: category(['a', 'b ', "c'd", 'é'], options),
        values: fc.oneof(fc.constantFrom('a', 'b ', "c'd", 'é'), fc.constantFrom('A', 'b', 'e\u0301', 'd')),
      },
      { column: text({ ...options, pattern, lengthMin: 1, lengthMax: 5 }), values: WORDS },
      {
        column: date(options),
        values: fc.oneof(
          REAL_DAYS,
          DAYS,
          REAL_DAYS.map((day) => `${day}T00:00:00`),
          fc.constantFrom(
            '2026-1-1',
            'today',
            '2024-02-29',
            '2023-02-29',
            '2024-02-29 00:00:00.000Z',
            '2024-02-29T00:00:01',
          ),
        ),
      },
      {
        column: timestamp(options),
        values: fc.tuple(fc.oneof(REAL_DAYS, DAYS, fc.constant('2026-03-29')), TIMES).map((parts) => parts.join('')),
      },
    ];
    return cases[which]!;
  });

const TABLES = fc.array(CASES, { minLength: 1, maxLength: 4 }).chain((cases) =>
  fc.record({
    columns: fc.constant(cases.map(({ column }) => column)),
    rows: fc.array(
      fc.tuple(
        ...cases.map(({ values }) =>
          fc.oneof({ arbitrary: values, weight: 8 }, { arbitrary: fc.constant(null), weight: 1 }),
        ),
      ),
      { minLength: 1, maxLength: 25 },
    ),
  }),
);

function cellOf(value: unknown): string {
  if (value === null) return '';
  return Object.is(value, -0) ? '-0' : String(value);
}

describe('the check of files and the check of JSON rows', () => {
  it('agree on which rows of any data are bad, under any contract', async () => {
    const seen = { good: 0, bad: 0 };
    const property = fc.asyncProperty(TABLES, async ({ columns, rows }) => {
      const names = columns.map((_, index) => `c${index}`);
      const contract = defineContract({
        name: 'any',
        columns: {
          row: integer({ role: 'meta' }),
          ...Object.fromEntries(columns.map((column, index) => [`c${index}`, column])),
        },
      });
      const lines = rows.map((cells, row) => [row, ...cells.map((cell) => toField(cellOf(cell), ','))].join(','));
      const file = path.join(folder, 'in.csv');
      await writeFile(file, `${['row', ...names].join(',')}\n${lines.join('\n')}\n`);
      const { result, files } = await checkFile({ path: file, contract, folder: path.join(folder, 'out'), duckdb });
      const sound = files.good === undefined ? 0 : result.rows.good;
      const { indexes } = checkRows(
        contract,
        rows.map((cells, row) => ({ row, ...Object.fromEntries(cells.map((cell, at) => [`c${at}`, cell])) })),
      );
      const found = files.good === undefined ? [] : firstNumbers(await readFile(files.good, 'utf8'), result.rows.good);
      expect(result.rows.rejected).toBe(0);
      expect(found).toEqual(indexes);
      seen.good += sound;
      seen.bad += result.rows.bad;
    });
    const files = propertyRuns(150);
    await fc.assert(property, { numRuns: files, seed: 20260101 });
    expect(Math.min(seen.good, seen.bad)).toBeGreaterThan(files / 2);
  });
});

/** Numbers of the rows in a file whose first column counts up; cells with line ends are stepped over by knowing that. */
function firstNumbers(content: string, count: number): readonly number[] {
  const starts = [...content.matchAll(/^(\d+),/gm)].map(([, digits]) => Number(digits));
  const rising: number[] = [];
  for (const start of starts) if (start > (rising.at(-1) ?? -1)) rising.push(start);
  expect(rising).toHaveLength(count);
  return rising;
}
