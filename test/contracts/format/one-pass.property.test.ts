import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  boolean,
  checkFile,
  date,
  defineContract,
  type Expectation,
  type FileFormat,
  inRange,
  integer,
  number,
  text,
  unique,
  uniqueTogether,
} from '#contracts';
import type { DuckdbPool } from '#store';
import { seeded } from '../../../src/contracts/corrupt/random.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';
import { inProcessDuckdb } from '../duckdb-in-process.ts';
import { isSound, STRUCTURES } from './random-format.ts';
import { writeTable } from './write-table.ts';

let duckdb: DuckdbPool;
let folder: string;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-one-pass-'));
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

const COLUMNS = {
  id: integer({ role: 'id', unique: true }),
  amount: number({ nullable: true }),
  day: date({ nullable: true, severity: 'warn' }),
  paid: boolean({ nullable: true, severity: 'warn' }),
  note: text({ nullable: true }),
};
const NAMES = Object.keys(COLUMNS);
const EXPECTATIONS = [
  inRange('amount', { max: 100, severity: 'warn' }),
  unique('note', { severity: 'warn' }),
  uniqueTogether(['note', 'amount', 'day']),
];
const CELLS = [
  ['1', '2', '3', '44', '5.5', 'x', ''],
  ['1', '1.5', '1,5', '1.000', '1.000,5', '250', 'NA', ''],
  ['2026-01-31', '31.01.2026', '2026-02-30', '-', ''],
  ['true', 'ja', 'NEIN', '0', 'maybe', 'NA', ''],
  ['a', 'b', ' a ', 'x;y|z,', 'q"r', 'two\nlines', 'back\\slash', '', '#1', 'é'],
];

const VALUES = fc.record(
  {
    nulls: fc.constant(['NA', '-']),
    decimal: fc.constant(','),
    thousands: fc.constant('.'),
    dates: fc.constant(['dd.MM.yyyy']),
    booleans: fc.constant({ true: ['ja'], false: ['nein'] }),
  },
  { requiredKeys: [] },
);
const FORMATS: fc.Arbitrary<FileFormat> = fc
  .tuple(STRUCTURES, fc.option(VALUES, { nil: {} }))
  .map(([structure, values]) => ({ ...structure, ...values }))
  .filter((format) => isSound(format) && (format.thousands === undefined || format.decimal !== undefined));
const ROWS = fc.array(fc.tuple(...CELLS.map((cells) => fc.constantFrom(...cells))), { minLength: 1, maxLength: 25 });
const FRAGMENTS = ['"', '\n', '\r\n', '\r', '\\', '\0', '#', ',', ';', "'", '\ufffd', '//', 'a'];

/** Some bytes are put where they do not belong. */
function broken(file: string, { seed, breaks }: { readonly seed: number; readonly breaks: number }): string {
  const random = seeded(seed);
  let text = file;
  for (let time = 0; time < breaks; time++) {
    const at = random.below(text.length + 1);
    text = text.slice(0, at) + random.pick(FRAGMENTS) + text.slice(at + random.below(2));
  }
  return text;
}

async function checked(file: string, format: FileFormat, expectations: readonly Expectation[]) {
  const contract = defineContract({ name: 'any', columns: COLUMNS, expectations, format });
  const options = { path: file, contract, folder: path.join(folder, 'out'), duckdb, keepsLines: true };
  const { result, files } = await checkFile(options);
  // A cell may stay in quotes that it does not need.
  const read = async (part: string | undefined) =>
    part === undefined
      ? undefined
      : (await readFile(part, 'utf8')).replaceAll(/(?<=[,\n])"([^",\r\n]*)"(?=[,\n])/g, '$1');
  const columns = result.columns.map((column) => ({ ...column, mean: column.mean?.toPrecision(9) }));
  const parts = await Promise.all([files.good, files.bad, files.rejected, files.lines].map(read));
  return { ...result, durationMs: 0, columns, parts };
}

/** With expectations of which only the SQL is known, a file is written in the default form first. */
const asSql = ({ rule: _, ...expectation }: Expectation): Expectation => expectation;

describe('a file in any form', () => {
  it('is checked in one pass as it is when it is rewritten first, texts and lines of bad rows included', async () => {
    const seen = { good: 0, bad: 0, rejected: 0 };
    const property = fc.asyncProperty(
      fc.record({
        ...{ format: FORMATS, rows: ROWS, lineEnd: fc.constantFrom('\n', '\r\n') },
        ...{ breaks: fc.constantFrom(0, 0, 1, 4), seed: fc.nat(), commentEvery: fc.constantFrom(0, 3) },
      }),
      async ({ format: drawn, rows, lineEnd, breaks, seed, commentEvery }) => {
        // The names of the columns are one word each.
        const format = { ...drawn, headerRows: Math.min(1, drawn.headerRows ?? 1) };
        const written = writeTable({ names: NAMES, rows }, format, { lineEnd, commentEvery });
        const file = path.join(folder, 'in.csv');
        await writeFile(file, broken(written, { seed, breaks }));
        const found = await checked(file, format, EXPECTATIONS);
        expect(await checked(file, format, EXPECTATIONS.map(asSql))).toEqual(found);
        seen.good += found.rows.good;
        seen.bad += found.rows.bad;
        seen.rejected += found.rows.rejected;
      },
    );
    const runs = propertyRuns(150);
    await fc.assert(property, { numRuns: runs, seed: 20261201 });
    expect(Math.min(seen.good, seen.bad, seen.rejected)).toBeGreaterThan(runs / 2);
  });
});
