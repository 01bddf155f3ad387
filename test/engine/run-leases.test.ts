import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createEngine, type EngineOptions, type Executor, inlineExecutor, type Plan } from '#engine';
import { forkProgram } from '../programs/programs.ts';
import { createHeart, endLeases, LEASE_MS } from './fixtures/heart.ts';
import { afterHold, holdTasks, holdUntil } from './fixtures/hold.ts';
import { createTestEngine, createWorkbench, type TestEngine, type Workbench } from './fixtures/workbench.ts';

let bench: Workbench;
const engines: TestEngine[] = [];
beforeAll(async () => {
  bench = await createWorkbench();
});
afterEach(async () => {
  for (const { engine } of engines.splice(0)) await engine.close(0);
  await bench.database.query('delete from runs');
  await bench.database.query('delete from claims');
});
afterAll(() => bench.close());

const executorOf = () => inlineExecutor({ ...bench, tasks: holdTasks, folder: path.join(bench.folder, 'attempts') });

function engineOn(options: Partial<EngineOptions> = {}): TestEngine {
  const engine = createTestEngine(bench, { tasks: holdTasks, executor: executorOf(), ...options });
  engines.push(engine);
  return engine;
}

/** An engine whose heart beats when the test says so. */
function engineByHand() {
  const { options, beat } = createHeart();
  return { ...engineOn(options), beat };
}

const newFile = (): string => path.join(bench.folder, randomUUID());
const ownersOf = async (id: string) =>
  (await bench.database.query<{ owner: string }>('select owner from runs where id = $1', [id]))[0]?.owner;
const passLease = (id: string) =>
  bench.database.query(`update runs set expires_at = clock_timestamp() - interval '1 second' where id = $1`, [id]);
const outcomesOf = async (id: string) =>
  (
    await bench.database.query<{ outcome: string | null }>(
      'select outcome from attempts where run_id = $1 order by attempts.id',
      [id],
    )
  ).map(({ outcome }) => outcome);

describe('a run whose process was killed', () => {
  it('is taken up by a live engine, without a restart, and comes to its end', async () => {
    const survivor = engineByHand();
    await survivor.engine.recover();
    const file = newFile();
    const child: ChildProcess = forkProgram('leased-engine', [
      bench.database.url,
      bench.folder,
      file,
      String(LEASE_MS),
    ]);
    const [{ id }] = (await once(child, 'message')) as [{ id: string }];
    await expect.poll(() => outcomesOf(id)).toEqual([null]);
    const first = await ownersOf(id);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await survivor.beat();
    expect(await ownersOf(id)).toBe(first);
    await endLeases(bench.database);
    await survivor.beat();
    await expect.poll(() => outcomesOf(id)).toEqual(['lost', null]);
    expect(await ownersOf(id)).not.toBe(first);
    await writeFile(file, '');
    expect(await survivor.engine.finished(id)).toBe('succeeded');
    expect(await outcomesOf(id)).toEqual(['lost', 'succeeded']);
    const [run] = await bench.database.query('select settled_at is not null as settled from runs where id = $1', [id]);
    expect(run).toEqual({ settled: true });
  });
});

describe('two engines on one database', () => {
  it('never drive one run together: it stays with its owner while that lives', async () => {
    const owner = engineByHand();
    const other = engineByHand();
    await other.engine.recover();
    const file = newFile();
    const id = await owner.start([afterHold.goal({ file, name: '' })]);
    await expect.poll(() => outcomesOf(id)).toEqual([null]);
    const before = await ownersOf(id);
    await other.beat();
    await owner.beat();
    await other.beat();
    expect(await ownersOf(id)).toBe(before);
    await writeFile(file, '');
    // It is followed from elsewhere too.
    expect(await other.engine.finished(id)).toBe('succeeded');
    expect(await outcomesOf(id)).toEqual(['succeeded', 'succeeded']);
  });

  it('hand a run over when its owner slept: the sleeper lets go, and what it had computed counts', async () => {
    const sleeper = engineByHand();
    const other = engineByHand();
    await other.engine.recover();
    const file = newFile();
    const id = await sleeper.start([afterHold.goal({ file, name: '' })]);
    const slept = sleeper.engine.finished(id).catch(String);
    await expect.poll(() => outcomesOf(id)).toEqual([null]);
    await passLease(id);
    await other.beat();
    await writeFile(file, '');
    expect(await other.engine.finished(id)).toBe('succeeded');
    await sleeper.beat();
    expect(await slept).toContain('another process has taken it over');
    const states = await bench.database.query('select task, state from task_runs where run_id = $1 order by position', [
      id,
    ]);
    // The claim of the sleeper's attempt stood, so its result does; the other found it.
    expect(states).toEqual([
      { task: 'hold-until', state: 'succeeded' },
      { task: 'after-hold', state: 'succeeded' },
    ]);
    const [made] = await bench.database.query(`select count(*)::integer as count from manifests where run_id = $1`, [
      id,
    ]);
    expect(made).toEqual({ count: 2 });
  });

  it('keep what a successor made when the sleeper says late what became of its own attempt', async () => {
    const executor = executorOf();
    let wake: () => void = () => undefined;
    const asleep = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const late: Executor = {
      ...{ name: executor.name, slots: executor.slots, suspendedMax: executor.suspendedMax },
      execute: async (assignment, context) => {
        const outcome = await executor.execute(assignment, context);
        await asleep;
        return outcome;
      },
      executeBatch: (assignments, context) => executor.executeBatch(assignments, context),
      close: () => executor.close(),
    };
    const { options } = createHeart();
    const sleeper = engineOn({ ...options, executor: late });
    const other = engineByHand();
    await other.engine.recover();
    const [first, last] = [newFile(), newFile()];
    const id = await sleeper.start([first, last].map((file) => holdUntil.goal({ file, name: '' })));
    sleeper.engine.finished(id).catch(() => undefined);
    await expect.poll(() => outcomesOf(id)).toEqual([null, null]);
    await endLeases(bench.database);
    await other.beat();
    const attemptsOf = (file: string) =>
      bench.database.query<{ outcome: string; state: string; log: string | null }>(
        `select a.outcome, t.state, a.log from attempts a join task_runs t using (run_id, goal)
         where run_id = $1 and t.params ->> 'file' = $2 order by a.number`,
        [id, file],
      );
    await writeFile(first, '');
    const succeeded = { outcome: 'succeeded', state: 'succeeded', log: '' };
    await expect.poll(() => attemptsOf(first)).toEqual([{ outcome: 'lost', state: 'succeeded', log: null }, succeeded]);
    wake();
    // Its log has come.
    await expect.poll(async () => (await attemptsOf(first))[0]?.log).toBe('');
    expect(await attemptsOf(first)).toEqual([{ outcome: 'lost', state: 'succeeded', log: '' }, succeeded]);
    await writeFile(last, '');
    expect(await other.engine.finished(id)).toBe('succeeded');
    expect((await attemptsOf(first)).map(({ state }) => state)).toEqual(['succeeded', 'succeeded']);
  });

  it('start nothing for a run that was taken over, however late they wake', async () => {
    const sleeper = engineByHand();
    const file = newFile();
    const id = await sleeper.start([afterHold.goal({ file, name: '' })]);
    const slept = sleeper.engine.finished(id).catch(String);
    await expect.poll(() => outcomesOf(id)).toEqual([null]);
    await bench.database.query(`update runs set owner = 'somebody else' where id = $1`, [id]);
    await writeFile(file, '');
    // It notices where it starts what comes next, before any heartbeat.
    expect(await slept).toContain('another process has taken it over');
    const states = await bench.database.query('select state from task_runs where run_id = $1 order by position', [id]);
    expect(states).toEqual([{ state: 'succeeded' }, { state: 'queued' }]);
  });
});

describe('a cancel', () => {
  it('that comes while the run is planned, ends it before anything starts', async () => {
    let plan: (plan: Plan) => void = () => undefined;
    let isPlanning = false;
    const planned = new Promise<Plan>((resolve) => {
      plan = resolve;
    });
    const engine = createEngine({
      ...bench,
      tasks: holdTasks,
      executor: executorOf(),
      pipelines: [
        {
          name: 'slow-plan',
          description: 'Plans when it is told to.',
          plan: () => {
            isPlanning = true;
            return planned;
          },
        },
      ],
    });
    const starting = engine.start({ pipeline: 'slow-plan', trigger: 'manual' });
    await expect.poll(() => isPlanning).toBe(true);
    const [run] = await bench.database.query<{ id: string }>('select id::text from runs');
    const id = run?.id ?? '';
    await engine.cancel(id, 'changed my mind');
    plan({ kind: 'run', goals: [afterHold.goal({ file: newFile(), name: '' })], params: {} });
    await starting;
    expect(await engine.finished(id)).toBe('cancelled');
    const [ended] = await bench.database.query('select state, reason from runs where id = $1', [id]);
    expect(ended).toEqual({ state: 'cancelled', reason: 'changed my mind' });
    const states = await bench.database.query('select state, attempts from task_runs where run_id = $1', [id]);
    expect(states).toEqual([
      { state: 'cancelled', attempts: 0 },
      { state: 'cancelled', attempts: 0 },
    ]);
    await engine.close();
  });

  it('from another process is heard at once by an engine that recovers, and at its next heartbeat by any other', async () => {
    for (const isListening of [true, false]) {
      const owner = engineByHand();
      const other = engineByHand();
      if (isListening) await owner.engine.recover();
      const id = await owner.start([afterHold.goal({ file: newFile(), name: '' })]);
      await expect.poll(() => outcomesOf(id)).toEqual([null]);
      await other.engine.cancel(id, 'by somebody else');
      if (!isListening) await owner.beat();
      expect(await owner.engine.finished(id)).toBe('cancelled');
      expect(await outcomesOf(id)).toEqual(['cancelled']);
      const [run] = await bench.database.query('select reason from runs where id = $1', [id]);
      expect(run).toEqual({ reason: 'by somebody else' });
    }
  });

  it('of a run that nobody drives ends it at once, and all that was open in it', async () => {
    const dead = engineByHand();
    const id = await dead.start([afterHold.goal({ file: newFile(), name: '' })]);
    dead.engine.finished(id).catch(() => undefined);
    await expect.poll(() => outcomesOf(id)).toEqual([null]);
    await passLease(id);
    const engine = engineByHand();
    await engine.engine.cancel(id, 'nobody needs it');
    expect(await engine.engine.finished(id)).toBe('cancelled');
    const states = await bench.database.query('select state from task_runs where run_id = $1', [id]);
    expect(states).toEqual([{ state: 'cancelled' }, { state: 'cancelled' }]);
  });

  it('of a run that has ended changes nothing; of one that is not there it is refused', async () => {
    const { engine, run, last } = engineOn();
    const file = newFile();
    await writeFile(file, '');
    await run([holdUntil.goal({ file, name: '' })]);
    const id = (await last())?.id ?? '';
    await engine.cancel(id, 'too late');
    expect(await last()).toMatchObject({ state: 'succeeded', reason: null });
    await expect(engine.cancel('999999', 'never')).rejects.toThrow('There is no run 999999');
  });
});
