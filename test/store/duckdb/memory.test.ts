import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Duckdb, type DuckdbPool, type DuckdbPoolOptions, openDuckdbPool } from '#store';
import { maybeResidentBytes } from '../../../src/store/duckdb/resident-memory.ts';

const MB = 2 ** 20;
/** The bound of a process is its 64 MB for buffers and 256 MB for the rest. */
const LIMITS: DuckdbPoolOptions = { memoryLimitMb: 64, threads: 1, size: 1 };
const ENDLESS = 'select count(*) from range(100000000) a, range(100000000) b';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-duckdb-memory-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function withPool(work: (pool: DuckdbPool) => Promise<void>, options: DuckdbPoolOptions = {}): Promise<void> {
  const pool = openDuckdbPool({ ...LIMITS, temporaryFolder: folder, ...options });
  await work(pool).finally(() => pool.close());
}

/** The processes of DuckDB that this process has started. */
async function children(): Promise<readonly number[]> {
  const pids = (await readFile(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8')).split(' ').filter(Boolean);
  const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return pids.filter((_, at) => commands[at]?.includes('/duckdb/child.')).map(Number);
}

const ownChild = async (duckdb: Duckdb): Promise<number | undefined> => {
  await duckdb.run('select 1');
  return (await children())[0];
};

describe('maybeResidentBytes', () => {
  it('says what a process holds, and nothing of one that is gone', async () => {
    expect(Math.abs(((await maybeResidentBytes(process.pid)) ?? 0) - process.memoryUsage.rss())).toBeLessThan(64 * MB);
    const gone = spawn(process.execPath, ['-e', '']);
    await once(gone, 'close');
    expect(await maybeResidentBytes(gone.pid ?? 0)).toBeUndefined();
  });
});

describe('a pool', () => {
  it('starts no process before the first use', async () => {
    await withPool(async (pool) => {
      expect(await children()).toEqual([]);
      expect(await pool.use((duckdb) => duckdb.all('select 1 as n'))).toEqual([{ n: 1 }]);
      expect((await children()).length).toBe(1);
    });
  });

  it('ends a process that holds more than it may, as seen from outside, and serves those who wait by a new one', async () => {
    const looks = new Set<() => void>();
    let seen = 320 * MB;
    const pool = openDuckdbPool(
      { ...LIMITS, temporaryFolder: folder },
      {
        maybeResidentBytes: async () => seen,
        repeat: (look) => {
          looks.add(look);
          return () => looks.delete(look);
        },
      },
    );
    let first: number | undefined;
    let begun = (): void => {};
    const hasBegun = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const greedy = pool.use(async (duckdb) => {
      first = await ownChild(duckdb);
      begun();
      return duckdb.all(ENDLESS);
    });
    const waiting = pool.use(ownChild);
    await hasBegun;
    // Exactly what it may hold does not end it: the message below has the next look's figure.
    for (const look of looks) look();
    await Promise.resolve();
    seen = 321 * MB;
    for (const look of looks) look();
    await expect(greedy).rejects.toMatchObject({
      code: 'duckdb_memory',
      message:
        'The DuckDB process took 321 MB of memory and was ended; expected 320 MB at most. Give it less to do at once, or raise duckdb.memoryLimitMb.',
    });
    seen = 100 * MB;
    expect(await waiting).not.toBe(first);
    await pool.close();
    expect(looks.size).toBe(0);
  });

  it('replaces a process after as many uses as it is told', async () => {
    await withPool(
      async (pool) => {
        const pids: (number | undefined)[] = [];
        for (let use = 0; use < 5; use++) pids.push(await pool.use(ownChild));
        expect(new Set(pids.slice(0, 2)).size).toBe(1);
        expect(new Set(pids.slice(2, 4)).size).toBe(1);
        expect(new Set(pids).size).toBe(3);
      },
      { replaceAfter: 2 },
    );
  });
});

describe.skipIf(process.platform !== 'linux')('the limit of the operating system', () => {
  it('refuses a process more than 2 GB beyond its bound at once, and the next work has a new process', async () => {
    await withPool(async (pool) => {
      let first: number | undefined;
      const work = pool.use(async (duckdb) => {
        first = await ownChild(duckdb);
        expect(await readFile(`/proc/${first}/limits`, 'utf8')).toMatch(/^Max data size +2491416576 +2491416576 /m);
        return duckdb.all("select length(repeat('a', 3000000000)) as n");
      });
      await expect(work).rejects.toMatchObject({
        code: 'duckdb_memory',
        message:
          'The DuckDB process was refused more memory by the operating system; expected 320 MB at most. Give it less to do at once, or raise duckdb.memoryLimitMb.',
      });
      expect(await pool.use(ownChild)).not.toBe(first);
    });
  });

  it('makes the process the first to go when the machine has no memory left', async () => {
    await withPool(async (pool) => {
      const pid = await pool.use(ownChild);
      expect(await readFile(`/proc/${pid}/oom_score_adj`, 'utf8')).toBe('500\n');
    });
  });
});
