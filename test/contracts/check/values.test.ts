import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boolean, type Column, checkFile, checkRows, date, defineContract, integer, number } from '#contracts';
import type { DuckdbPool } from '#store';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

let duckdb: DuckdbPool;
let folder: string;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-values-'));
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

const contractOf = (column: Column) => defineContract({ name: 'one', columns: { row: integer(), a: column } });

/** How many rows of the file are good. */
async function goodIn(name: string, column: Column): Promise<number> {
  const checked = { path: path.join(folder, name), contract: contractOf(column), folder: path.join(folder, 'out') };
  const { result } = await checkFile({ ...checked, duckdb });
  expect(result.rows.rejected).toBe(0);
  return result.rows.good;
}

async function goodInText(cells: readonly string[], column: Column): Promise<number> {
  await writeFile(path.join(folder, 'in.csv'), `row,a\n${cells.map((cell, row) => `${row},${cell}\n`).join('')}`);
  return goodIn('in.csv', column);
}

async function goodInParquet(type: string, { cells, column }: { cells: readonly string[]; column: Column }) {
  const rows = cells.map((cell, row) => `(${row}, ${cell === '' ? 'null' : `'${cell}'`}::${type})`).join(', ');
  const file = path.join(folder, 'in.parquet');
  await duckdb.use((connection) =>
    connection.run(`copy (select * from (values ${rows}) v(row, a)) to '${file}' (format parquet)`),
  );
  return goodIn('in.parquet', column);
}

describe('the value of a cell', () => {
  const gaps = { nullable: true } as const;
  it.each([
    ['whole numbers with gaps', integer(gaps), 'double', ['1.0', '', '3.0'], 3],
    ['numbers that are not whole', integer(gaps), 'double', ['2.5', '', '-0.5'], 1],
    ['whole numbers of single precision', integer(gaps), 'float', ['16777216.0', '1.5'], 1],
    ['whole decimals', integer(gaps), 'decimal(20, 4)', ['12.0000', '12.0001', '9007199254740992.0000'], 1],
    ['bounds', integer({ min: 1, max: 3 }), 'double', ['1.0', '3.0', '0.0', '4.0'], 2],
    ['repeated whole numbers', integer({ unique: true }), 'double', ['1.0', '2.0', '1.0'], 2],
    ['zeros with and without a sign', number({ unique: true }), 'double', ['0.0', '-0.0', '1.0'], 2],
    ['truths with gaps', boolean(gaps), 'double', ['1.0', '', '0.0', '2.0'], 3],
    ['days as timestamps', date(gaps), 'timestamp', ['2026-03-01 00:00:00', '', '2026-03-01 00:00:01'], 2],
    ['days as instants', date(gaps), 'timestamptz', ['2026-03-01 00:00:00+00', '2026-03-01 12:00:00+00'], 1],
    ['days as nanoseconds', date(gaps), 'timestamp_ns', ['2026-03-01 00:00:00', '2026-03-01 00:00:00.000000001'], 1],
    ['days', date({ unique: true }), 'date', ['2026-03-01', '2026-03-02', '2026-03-01'], 2],
  ] as const)('is the same in Parquet and as its text: %s', async (_, column, type, cells, good) => {
    expect(await goodInParquet(type, { cells, column })).toBe(good);
    if (type !== 'timestamptz') expect(await goodInText(cells, column)).toBe(good);
  });

  it.each([
    ['whole numbers', integer(), ['1', '1.0', '1e2', '-0', '1.5', '9007199254740991', '9007199254740992'], 5],
    ['different whole numbers', integer({ unique: true }), ['1', '1.0', '10e-1', '2'], 2],
    ['numbers', number({ min: 0 }), ['-0', '0.1', '1e-7', '-0.1', '1e22'], 4],
    ['different numbers', number({ unique: true }), ['0.1', '1e-1', '0.10', '0', '-0.0'], 2],
    ['truths', boolean(), ['true', 'false'], 2],
    [
      'days',
      date(),
      ['"2026-03-01"', '"2026-03-01T00:00:00Z"', '"2026-03-01T00:00:00+01:00"', '"2026-03-01T01:00"'],
      2,
    ],
    ['different days', date({ unique: true }), ['"2026-03-01"', '"2026-03-01 00:00:00"', '"2026-03-02"'], 2],
  ] as const)('is the same as JSON to the API, as NDJSON and as CSV: %s', async (_, column, cells, good) => {
    const lines = cells.map((cell, row) => `{"row":${row},"a":${cell}}`);
    const rows = lines.map((line): unknown => JSON.parse(line));
    expect(checkRows(contractOf(column), rows).rows).toHaveLength(good);
    await writeFile(path.join(folder, 'in.ndjson'), `${lines.join('\n')}\n`);
    expect(await goodIn('in.ndjson', column)).toBe(good);
    expect(await goodInText(cells, column)).toBe(good);
  });
});
