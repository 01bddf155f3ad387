import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkFile, defineContract, number, profileFile, query } from '#contracts';
import { type DuckdbPool, openDuckdbPool } from '#store';

/** Rows and columns of files that made a process grow to gigabytes when all columns were in one statement. */
const ROWS = 3;
const PROFILED = 1_000;
const CHECKED = 4_000;
const WIDEST = 9_074;
const FILES = 40;
/** Buffers of 64 MB and 256 MB for the rest: what is ended at 320 MB shows here as a file that cannot be checked. */
const LIMITS = { memoryLimitMb: 64, threads: 1, size: 1 };

let folder: string;
let duckdb: DuckdbPool;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-held-'));
  duckdb = openDuckdbPool({ ...LIMITS, temporaryFolder: path.join(folder, 'duckdb') });
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

const namesOf = (columns: number): readonly string[] => Array.from({ length: columns }, (_, at) => `c${at}`);

async function numbersFile(columns: number, rows = ROWS): Promise<string> {
  const lines = Array.from({ length: rows }, (_, row) => namesOf(columns).map((_, at) => (row * 7.5 + at) % 13));
  const file = path.join(folder, `${columns}.csv`);
  await writeFile(file, `${[namesOf(columns), ...lines].join('\n')}\n`);
  return file;
}

const contractOf = (columns: number) =>
  defineContract({
    name: 'wide',
    columns: Object.fromEntries(namesOf(columns).map((name) => [name, number({ min: 0, max: 12.5 })])),
  });

describe('a process of DuckDB with 320 MB', () => {
  it('profiles 1,000 columns of numbers', async () => {
    const { rows, columns } = await profileFile({ path: await numbersFile(PROFILED), duckdb });
    expect([rows, columns.length]).toEqual([ROWS, PROFILED]);
  });

  it.each([CHECKED, WIDEST])('checks %d columns of numbers', async (columns) => {
    const { result } = await checkFile({
      ...{ path: await numbersFile(columns), contract: contractOf(columns), duckdb },
      folder: path.join(folder, 'out'),
    });
    expect(result).toMatchObject({ verdict: 'pass', rows: { in: ROWS, good: ROWS, bad: 0, rejected: 0 } });
    expect(result.columns.length).toBe(columns);
  });

  it('checks file after file, among them what takes too much, and keeps what it could not check', async () => {
    const file = await numbersFile(60, 50);
    const content = await readFile(file, 'utf8');
    const plain = contractOf(60);
    // A median keeps its values where DuckDB's own limit does not see them.
    const sql = 'select median(range) > 0 as ok from range(200000000)';
    const heavy = defineContract({ ...plain, expectations: [query('heavy', { sql, sentence: 'it is heavy' })] });
    const verdicts: string[] = [];
    for (let at = 0; at < FILES; at++) {
      const contract = at % 10 === 9 ? heavy : plain;
      const { result } = await checkFile({ path: file, contract, folder: path.join(folder, 'out'), duckdb });
      verdicts.push(result.verdict);
      expect(await readFile(file, 'utf8')).toBe(content);
    }
    const nine = Array.from({ length: 9 }, () => 'pass');
    expect(verdicts).toEqual(Array.from({ length: FILES / 10 }, () => [...nine, 'quarantined']).flat());
  });
});
