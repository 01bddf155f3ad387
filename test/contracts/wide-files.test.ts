import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Contract, checkFile, profileFile, suggestContract } from '#contracts';
import { type DuckdbPool, openDuckdbPool } from '#store';

const COLUMNS = 1000;
const NARROW = 40;
const ROWS = 4;

let folder: string;
let duckdb: DuckdbPool;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-wide-'));
  // A process of its own with half of the default bound: that of a statement with all columns took three times as much.
  duckdb = openDuckdbPool({ memoryLimitMb: 256, size: 1, temporaryFolder: path.join(folder, 'duckdb') });
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

/** Words and numbers, now and then none; in the last row of a bad file now and then something else. */
function cell(row: number, column: number, isBad: boolean): string {
  if ((row + column) % 11 === 7) return isBad && row === ROWS - 1 ? 'odd' : '';
  return column % 4 === 3 ? String((row * 7 + column) % 13) : `word ${column % 7}`;
}

async function fileOf(columns: number, isBad: boolean): Promise<string> {
  const positions = Array.from({ length: columns }, (_, column) => column);
  const lines = Array.from({ length: ROWS }, (_, row) => positions.map((column) => cell(row, column, isBad)).join(','));
  const file = path.join(folder, `${columns}.csv`);
  await writeFile(file, `${[positions.map((column) => `c${column}`).join(','), ...lines].join('\n')}\n`);
  return file;
}

describe('a file of 1,000 columns', () => {
  it('is profiled and checked as its columns are in a narrow file, within the memory of that', async () => {
    const wide = await look(COLUMNS);
    const narrow = await look(NARROW);
    expect(wide.profile.columns.length).toBe(COLUMNS);
    expect(wide.profile.columns.slice(0, NARROW)).toEqual(narrow.profile.columns);
    expect(wide.result.columns.slice(0, NARROW)).toEqual(narrow.result.columns);
    const own = wide.result.violations.filter(({ column = '' }) => Number(column.slice(1)) < NARROW);
    expect(own).toEqual(narrow.result.violations);
    expect(own.length).toBeGreaterThan(0);
    expect(wide.result.rows).toEqual({ in: 4, good: 3, bad: 1, rejected: 0 });
  });
});

async function look(columns: number) {
  const profile = await profileFile({ path: await fileOf(columns, false), duckdb });
  const contract: Contract = suggestContract(profile);
  const file = await fileOf(columns, true);
  const { result } = await checkFile({ path: file, contract, folder: path.join(folder, 'out'), duckdb });
  return { profile, result };
}
