import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { inlineExecutor } from '#engine';
import type { Database } from '#store';
import { endTaskRuns } from '../../../src/engine/records/write-runs.ts';
import { maybeWriteName } from '../../kills/fault-points.ts';
import { forkProgram, programFile } from '../../programs/programs.ts';
import { createHeart, endLeases, type Heart, LEASE_MS } from '../fixtures/heart.ts';
import { holdTasks, holdUntil } from '../fixtures/hold.ts';
import { watchedDatabase } from '../fixtures/watched-database.ts';
import { createTestEngine, createWorkbench, type TestEngine, type Workbench } from '../fixtures/workbench.ts';

let bench: Workbench;
const engines: TestEngine[] = [];
const children: ChildProcess[] = [];
beforeAll(async () => {
  bench = await createWorkbench();
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const { engine } of engines.splice(0)) await engine.close(0);
});
afterAll(() => bench.close());

function engineOn(options: Partial<Heart['options']> = {}, database = bench.database): TestEngine {
  const own = { ...bench, database };
  const executor = inlineExecutor({ ...own, tasks: holdTasks, folder: path.join(bench.folder, 'attempts') });
  const engine = createTestEngine(own, {
    ...{ tasks: holdTasks, executor, ...options },
  });
  engines.push(engine);
  return engine;
}

/** The database for an engine, and when one that asked it for a claim has been answered. */
function watchClaims(): { readonly database: Database; readonly answered: Promise<void> } {
  let answer = (): void => undefined;
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const database = watchedDatabase(bench.database, async (sql, proceed) => {
    const result = await proceed();
    if (maybeWriteName(sql)?.includes('insert into claims') === true) answer();
    return result;
  });
  return { database, answered };
}

const newFile = (): string => path.join(bench.folder, randomUUID());
const attemptsOf = (name: string) =>
  bench.database.query<{ outcome: string | null; token: string }>(
    `select a.outcome, a.token::text from attempts a join task_runs t using (run_id, goal)
     where t.params ->> 'name' = $1 order by a.id`,
    [name],
  );

describe('two engines on one database', () => {
  it('27. compute one key once: who comes second waits, and uses what the first made', async () => {
    const { database, answered } = watchClaims();
    const [first, second] = [engineOn(), engineOn({}, database)];
    const file = newFile();
    const goal = holdUntil.goal({ file, name: 'both' });
    const firstId = await first.start([goal]);
    await expect.poll(() => attemptsOf('both')).toHaveLength(1);
    const secondId = await second.start([goal]);
    // The second has asked for the claim and was told that it is held.
    await answered;
    expect(await attemptsOf('both')).toHaveLength(1);
    await writeFile(file, '');
    expect(await first.engine.finished(firstId)).toBe('succeeded');
    expect(await second.engine.finished(secondId)).toBe('succeeded');
    expect(await second.states()).toEqual({ 'hold-until': 'cached' });
    expect(await attemptsOf('both')).toMatchObject([{ outcome: 'succeeded' }]);
  });

  it('28. refuse the commit of a worker that was stopped past its lease: what its successor committed stands', async () => {
    const [file, journal] = [newFile(), newFile()];
    const child = forkProgram('sleeping-engine', [bench.database.url, bench.folder, file, journal, String(LEASE_MS)]);
    children.push(child);
    const [{ id }] = (await once(child, 'message')) as [{ readonly id: string }];
    await expect.poll(() => readFile(journal, 'utf8').catch(() => '')).not.toBe('');
    child.kill('SIGSTOP');
    const heart = createHeart();
    const successor = engineOn(heart.options);
    await successor.engine.recover();
    expect(await attemptsOf('asleep')).toHaveLength(1);
    // The lease ends by the clock of the database, and the successor takes up the run and its goal.
    await endLeases(bench.database);
    await heart.beat();
    await expect.poll(async () => (await attemptsOf('asleep')).length).toBe(2);
    await writeFile(file, '');
    expect(await successor.engine.finished(id)).toBe('succeeded');
    const [standing] = await bench.database.query<{ token: string }>(
      `select token::text, created_at::text from manifests where params ->> 'name' = 'asleep'`,
    );
    const ended = once(child, 'message');
    child.kill('SIGCONT');
    const [{ end }] = (await ended) as [{ readonly end: string }];
    // Its refused commit may tell it, or what it starts next.
    expect(end).toMatch(/^succeeded$|another process has taken it over/);
    const after = await bench.database.query<{ token: string }>(
      `select token::text, created_at::text from manifests where params ->> 'name' = 'asleep'`,
    );
    expect(after).toEqual([standing]);
    const attempts = await attemptsOf('asleep');
    expect(attempts).toMatchObject([{ outcome: 'lost' }, { outcome: 'succeeded', token: standing?.token }]);
  });

  it('30. never overwrite a task run whose attempt goes on with a skip that was decided elsewhere; a state is never null', async () => {
    const engine = engineOn();
    const file = newFile();
    const id = await engine.start([holdUntil.goal({ file, name: 'skipped late' })]);
    await expect.poll(() => attemptsOf('skipped late')).toHaveLength(1);
    const [taskRun] = await bench.database.query<{ goal: string }>('select goal from task_runs where run_id = $1', [
      id,
    ]);
    // What an engine that believes it still drives the run would write.
    await endTaskRuns(bench.database, [
      {
        runId: id,
        goal: taskRun?.goal ?? '',
        state: 'skipped',
        reason: 'a late decision',
        key: undefined,
        cause: 'skipped',
      },
    ]);
    expect(await engine.states()).toEqual({ 'hold-until': 'running' });
    await expect(bench.database.query('update task_runs set state = null where run_id = $1', [id])).rejects.toThrow(
      'null value in column "state"',
    );
    await writeFile(file, '');
    expect(await engine.engine.finished(id)).toBe('succeeded');
    expect(await engine.states()).toEqual({ 'hold-until': 'succeeded' });
  });
});

describe('two containers that share a volume', () => {
  // Each has process ids and a /proc of its own, as containers have.
  const OWN_PIDS = ['--pid', '--fork', '--kill-child', '--mount-proc'];

  it('29. cannot both own it, though the owners have one process id', async (context) => {
    const isPossible = spawnSync('unshare', [...OWN_PIDS, 'true']).status === 0;
    if (!isPossible && !process.env.CI) context.skip('no space of process ids can be made here');
    expect(isPossible, 'unshare --pid, as root').toBe(true);
    const folder = await mkdtemp(path.join(tmpdir(), 'weir-volume-'));
    const entry = programFile('lock-holder');
    const hold = async (): Promise<{ readonly pid: number; readonly said: string }> => {
      const child = spawn('unshare', [...OWN_PIDS, process.execPath, entry, folder], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      children.push(child);
      const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
      return JSON.parse(line);
    };
    const first = await hold();
    const second = await hold();
    expect(first).toMatchObject({ said: 'held' });
    expect(second.pid).toBe(first.pid);
    expect(second.said).toContain('in use');
    await rm(folder, { recursive: true });
  });
});
