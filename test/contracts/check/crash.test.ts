import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkFile, defineContract, deviationBetween, integer, number, splitFile, text } from '#contracts';
import { type DuckdbPool, openDuckdbPool } from '#store';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

const ROWS = 60_000;
const root = path.join(import.meta.dirname, '../../..');
const contract = defineContract({ name: 'x', columns: { id: integer({ unique: true }), t: text() } });

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

/** Runs code in a process of its own, which says when it begins. */
function start(code: string): ChildProcess {
  const program = `import * as contracts from '#contracts'; import { openDuckdbPool } from '#store'; ${code}`;
  // Doors resolve for code that lies in the package, so the program is given as text with its place.
  const args = ['--import', 'tsx', '-C', 'weir-source', '--input-type=module', '-e', program];
  return spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
}

/** When a process is killed: as soon as it has begun, as soon as it writes, or after its work. */
type Moment = 'begun' | 'writing' | 'ended';

async function killAt(moment: Moment, { code, out }: { readonly code: string; readonly out: string }): Promise<void> {
  // Beside the folder too, where a split works.
  const around = path.dirname(out);
  const list = async (): Promise<string> => String(await readdir(around, { recursive: true }).catch(() => 'changing'));
  const before = await list();
  const child = start(code);
  let said = '';
  child.stdout?.on('data', (text) => {
    said += text;
  });
  await expect.poll(() => said).toContain(moment === 'ended' ? 'end' : 'begin');
  if (moment === 'writing') await expect.poll(async () => said.includes('end') || (await list()) !== before).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
}

describe('a killed check', () => {
  it('leaves all of its files or nothing that looks like a result, wherever it is hit', async () => {
    const out = path.join(folder, 'out');
    const code = `
      const { checkFile, defineContract, integer, text } = contracts;
      const contract = defineContract({ name: 'x', columns: { id: integer({ unique: true }), t: text() } });
      const duckdb = openDuckdbPool({ memoryLimitMb: 300 });
      await duckdb.use((connection) => connection.run('select 1'));
      process.stdout.write('begin\\n');
      await checkFile({ path: ${JSON.stringify(source)}, contract, folder: ${JSON.stringify(out)}, duckdb });
      process.stdout.write('end');
      setInterval(() => {}, 1e6);`;
    for (const moment of ['begun', 'writing', 'ended', 'writing'] as const) {
      await killAt(moment, { code, out });
      const present = await readdir(out).catch((): string[] => []);
      if (present.includes('check.json')) {
        const { rows } = JSON.parse(await readFile(path.join(out, 'check.json'), 'utf8'));
        const lines = async (name: string) => (await readFile(path.join(out, name), 'utf8')).split('\n').length - 2;
        expect([await lines('good.csv'), await lines('bad.csv')]).toEqual([rows.good, rows.bad]);
        expect(rows).toEqual({ in: ROWS, good: ROWS - ROWS / 100, bad: ROWS / 100, rejected: 0 });
      } else expect(moment).not.toBe('ended');
    }
    // The next check in the folder tidies up after the killed ones.
    const duckdb = await inProcessDuckdb();
    await checkFile({ path: source, contract, folder: out, duckdb });
    await duckdb.close();
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
        await expect(checkFile({ path: source, contract, folder: out, duckdb: dying(statement) })).rejects.toThrow(
          /DuckDB process ended unexpectedly \(SIGKILL\)/,
        );
        expect(await readdir(out)).toEqual([]);
      }
      const { result } = await checkFile({ path: source, contract, folder: out, duckdb: real });
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
    const code = `
      const duckdb = openDuckdbPool();
      process.stdout.write('begin\\n');
      await contracts.splitFile({ path: ${JSON.stringify(source)}, into: ${JSON.stringify(into)}, files: 40, duckdb });
      process.stdout.write('end');
      setInterval(() => {}, 1e6);`;
    for (const moment of ['begun', 'writing', 'ended'] as const) {
      await rm(into, { recursive: true, force: true });
      await killAt(moment, { code, out: into });
      const present = await readdir(into).catch((): string[] => []);
      const parts = present.length === 0 && moment !== 'ended' ? 0 : 40;
      expect(present).toHaveLength(parts);
      if (parts > 0) expect(await rowsIn(into, present)).toBe(ROWS);
    }
    await rm(into, { recursive: true, force: true });
    const duckdb = await inProcessDuckdb();
    const made = await splitFile({ path: source, into, files: 40, duckdb });
    await duckdb.close();
    expect(await rowsIn(into, await readdir(into))).toBe(made.rows);
  });
});

async function rowsIn(into: string, files: readonly string[]): Promise<number> {
  let rows = 0;
  for (const file of files) rows += (await readFile(path.join(into, file), 'utf8')).split('\n').length - 2;
  return rows;
}
