import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkFile, defineContract, integer, profileFile, query, readGoodRows } from '#contracts';
import { type DuckdbPool, openDuckdbPool } from '#store';

// A median keeps its values where DuckDB's own limit does not see them: these are 1.6 GB.
const TOO_MUCH = 'select median(range) > 0 as ok from range(200000000)';
const CSV = 'id\n1\n2\n';

let folder: string;
let file: string;
let duckdb: DuckdbPool;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-too-large-'));
  file = path.join(folder, 'in.csv');
  await writeFile(file, CSV);
  duckdb = openDuckdbPool({ memoryLimitMb: 64, threads: 1, size: 1, temporaryFolder: path.join(folder, 'duckdb') });
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

describe('a file that takes more memory than DuckDB may have', () => {
  it('is quarantined with the reason and kept, and the next file is checked', async () => {
    const contract = (sql: string) =>
      defineContract({
        name: 'x',
        columns: { id: integer() },
        expectations: [query('heavy', { sql, sentence: 'it is heavy' })],
      });
    const out = path.join(folder, 'out');
    const { result, files } = await checkFile({ path: file, contract: contract(TOO_MUCH), folder: out, duckdb });
    expect(result).toMatchObject({ verdict: 'quarantined', rows: { in: 0, good: 0, bad: 0, rejected: 0 } });
    expect(result.violations.map(({ sentence }) => sentence)).toEqual([
      expect.stringMatching(
        /^the file \(columns: 1, rows: 2\) takes too much memory to check: The DuckDB process (took \d+ MB of memory and was ended|was refused more memory by the operating system); expected 320 MB at most\. .*raise duckdb\.memoryLimitMb\.$/,
      ),
    ]);
    expect(files).toEqual({});
    expect(await readdir(out)).toEqual(['check.json']);
    expect(await readFile(file, 'utf8')).toBe(CSV);
    const next = await checkFile({ path: file, contract: contract('select true as ok'), folder: out, duckdb });
    expect(next.result.verdict).toBe('pass');
  });

  it('cannot be profiled, with a code and the reason', async () => {
    // What the pass has memory for is profiled without DuckDB.
    await expect(profileFile({ path: file, memoryBytesMax: 0, duckdb: greedy() })).rejects.toMatchObject({
      name: 'ContractError',
      code: 'file_too_large',
      message: expect.stringMatching(
        /in\.csv" takes too much memory to profile: The DuckDB process (took|was refused)/,
      ),
    });
    expect((await profileFile({ path: file, memoryBytesMax: 0, duckdb })).rows).toBe(2);
  });

  it('cannot be read as good rows, with the same code and a reason', async () => {
    const contract = defineContract({ name: 'x', columns: { id: integer() } });
    await expect(readGoodRows({ file, contract, duckdb: greedy(), pageRows: 10 }, () => {})).rejects.toMatchObject({
      name: 'ContractError',
      code: 'file_too_large',
      message: expect.stringMatching(/in\.csv" takes too much memory to read: The DuckDB process (took|was refused)/),
    });
  });
});

/** Asks for too much, whatever it is asked. */
function greedy(): DuckdbPool {
  return {
    ...duckdb,
    use: (work, options) =>
      duckdb.use((connection) => work({ ...connection, all: () => connection.all(TOO_MUCH) }), options),
  };
}
