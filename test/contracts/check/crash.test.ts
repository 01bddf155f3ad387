import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkFile, defineContract, deviationBetween, integer, number, row, text } from '#contracts';
import { type DuckdbPool, openDuckdbPool } from '#store';
import { forkProgram } from '../../programs/programs.ts';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

const ROWS = 60_000;
const columns = { id: integer({ unique: true }), t: text() };
const contract = defineContract({ name: 'x', columns });
/** With SQL, which only DuckDB can answer. */
const asking = defineContract({ name: 'x', columns, expectations: [row('positive', { holds: 'id >= 0' })] });

let folder: string;
let source: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-crash-'));
  source = path.join(folder, 'in.csv');
  const rows = Array.from({ length: ROWS }, (_, index) =>
    index % 100 === 7 ? `x${index},"t"` : `${index},"t${index}"`,
  );
  await writeFile(source, `id,t\n${rows.join('\n')}\n`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Whether the work, in a process of its own, was killed just before it gave a file or folder its name for the n-th time. */
async function isKilledAtRename(
  at: number,
  { work, into }: { work: 'check' | 'split'; into: string },
): Promise<boolean> {
  const [exitCode, signal] = await once(forkProgram('die-at-rename', [work, source, into, String(at)]), 'exit');
  expect(signal ?? exitCode).toBeOneOf(['SIGKILL', 0]);
  return signal === 'SIGKILL';
}

const linesIn = async (...file: readonly string[]): Promise<number> =>
  (await readFile(path.join(...file), 'utf8')).split('\n').length - 2;

describe('a killed check', () => {
  it('leaves all of its files or nothing that looks like a result, wherever it is hit', async () => {
    const out = path.join(folder, 'out');
    await mkdir(out);
    let at = 0;
    for (let isKilled = true; isKilled; ) {
      // What another file left: its parts must not pass for those of this one, nor the other way round.
      const former = { 'check.json': '{"rows":{"good":1,"bad":2}}', 'good.csv': 'id\n1\n', 'bad.csv': 'id\nx\ny\n' };
      for (const [name, content] of Object.entries(former)) await writeFile(path.join(out, name), content);
      at += 1;
      isKilled = await isKilledAtRename(at, { work: 'check', into: out });
      if (!(await readdir(out)).includes('check.json')) continue;
      const { rows } = JSON.parse(await readFile(path.join(out, 'check.json'), 'utf8'));
      expect([await linesIn(out, 'good.csv'), await linesIn(out, 'bad.csv')]).toEqual([rows.good, rows.bad]);
      if (!isKilled) expect(rows).toEqual({ in: ROWS, good: ROWS - ROWS / 100, bad: ROWS / 100, rejected: 0 });
    }
    expect(at).toBeGreaterThan(3);
    // The last check has tidied up after the killed ones.
    expect((await readdir(out)).sort()).toEqual(['bad.csv', 'check.json', 'good.csv']);
  });
});

describe('a check whose DuckDB dies', () => {
  it('says so, leaves nothing, and works the next time', async () => {
    const real = openDuckdbPool({ memoryLimitMb: 300 });
    const out = path.join(folder, 'dying');
    const dying = (statement: number): DuckdbPool => ({
      use: (work, options) =>
        real.use((connection) => {
          let statements = 0;
          const strike = async (): Promise<void> => {
            statements += 1;
            if (statements === statement) await killDuckdb();
          };
          return work({
            run: async (sql) => {
              await strike();
              return connection.run(sql);
            },
            all: async (sql) => {
              await strike();
              return connection.all(sql);
            },
            close: () => connection.close(),
          });
        }, options),
      close: () => real.close(),
    });
    try {
      for (const statement of [1, 2, 3]) {
        await expect(
          checkFile({ path: source, contract: asking, folder: out, duckdb: dying(statement) }),
        ).rejects.toThrow(/DuckDB process ended unexpectedly \(SIGKILL\)/);
        expect(await readdir(out)).toEqual([]);
      }
      const { result } = await checkFile({ path: source, contract: asking, folder: out, duckdb: real });
      expect(result.rows.in).toBe(ROWS);
    } finally {
      await real.close();
    }
  });
});

/** Kills the DuckDB processes of this test's own process, and nobody else's. */
async function killDuckdb(): Promise<void> {
  const children = (await readFile(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8')).trim().split(' ');
  let killed = 0;
  for (const pid of children.filter((child) => child !== '')) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (!command.includes('duckdb')) continue;
    process.kill(Number(pid), 'SIGKILL');
    killed += 1;
  }
  expect(killed).toBeGreaterThan(0);
}

describe('a cancelled check', () => {
  it.each([
    ['before it begins', 0],
    ['while it parts rows', 0.79],
  ])('stops %s, and leaves nothing', async (_, share) => {
    const duckdb = await inProcessDuckdb();
    const out = path.join(folder, 'cancelled');
    const stop = new AbortController();
    const onProgress = (done: number): void => {
      if (done >= share) stop.abort(new Error('enough'));
    };
    onProgress(0);
    const { signal } = stop;
    const checking = checkFile({ path: source, contract, folder: out, duckdb, signal, onProgress });
    await expect(checking).rejects.toThrow('enough');
    expect(await readdir(out)).toEqual([]);
    await duckdb.close();
  });
});

describe('numbers too large for a sum', () => {
  it('are a violation, not an accident', async () => {
    const duckdb = await inProcessDuckdb();
    const file = path.join(folder, 'large.csv');
    await writeFile(file, 'n\n1e308\n-1e308\n1e308\n');
    const large = defineContract({
      name: 'x',
      columns: { n: number() },
      expectations: [deviationBetween('n', { max: 1 })],
    });
    const { result } = await checkFile({ path: file, contract: large, folder: path.join(folder, 'large'), duckdb });
    expect(result.violations).toMatchObject([{ expectation: 'deviation-between', severity: 'warn' }]);
    await duckdb.close();
  });
});

describe('a killed split', () => {
  it('leaves all of its files or none', async () => {
    const into = path.join(folder, 'parts');
    let at = 0;
    for (let isKilled = true; isKilled; ) {
      await rm(into, { recursive: true, force: true });
      at += 1;
      isKilled = await isKilledAtRename(at, { work: 'split', into });
      const present = await readdir(into).catch((): string[] => []);
      expect(present.length).toBeOneOf(isKilled ? [0, 40] : [40]);
      let rows = 0;
      for (const file of present) rows += await linesIn(into, file);
      if (present.length > 0) expect(rows).toBe(ROWS);
    }
    expect(at).toBeGreaterThan(1);
  });
});
