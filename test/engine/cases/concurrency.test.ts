import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { inlineExecutor } from '#engine';
import { RunMachine } from '../../../src/engine/drive/machine.ts';
import { forkProgram } from '../../programs/programs.ts';
import { createGate } from '../fixtures/gate.ts';
import { createHeart, endLeases, type Heart, LEASE_MS } from '../fixtures/heart.ts';
import { afterHold, holdTasks, holdUntil } from '../fixtures/hold.ts';
import { occupyNarrow, occupySlot, poolTasks, readSteps } from '../fixtures/pool-tasks.ts';
import { createTestEngine, createWorkbench, type TestEngine, type Workbench } from '../fixtures/workbench.ts';

let bench: Workbench;
const engines: TestEngine[] = [];
const children: ChildProcess[] = [];
beforeAll(async () => {
  bench = await createWorkbench();
});
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => bench.close());

/** Another process, whose engine holds the only unit of the pool named narrow. */
async function holdElsewhere(journal: string): Promise<ChildProcess> {
  const child = forkProgram('pool-holder', [bench.database.url, bench.folder, journal]);
  children.push(child);
  await expect.poll(() => readSteps(journal)).toEqual(['+dead']);
  return child;
}

function engineHere(): TestEngine {
  const { database, artifacts, folder } = bench;
  const executor = inlineExecutor({
    ...{ tasks: poolTasks, database, artifacts, slots: 1, folder: path.join(folder, 'attempts') },
  });
  const engine = createTestEngine(bench, { executor, tasks: poolTasks, pools: { narrow: 1, wide: 3 } });
  engines.push(engine);
  return engine;
}

describe('pools', () => {
  it('31. a pool of one gets its slot back after the lease when its worker is killed, and nobody has to help', async () => {
    const journal = path.join(bench.folder, randomUUID());
    const child = await holdElsewhere(journal);
    const leases = () =>
      bench.database.query<{ until: Date }>(
        `select expires_at as until from pool_leases where pool = 'narrow' and expires_at > clock_timestamp()`,
      );
    const [held] = await leases();
    if (held === undefined) throw new Error('The pool is not held.');

    // While its holder lives nobody else gets in: each heartbeat makes the lease longer.
    const engine = engineHere();
    const waiting = await engine.start([occupyNarrow.goal({ name: 'next', journal, until: '' })]);
    child.send('beat');
    await expect.poll(async () => (await leases())[0]?.until.getTime()).toBeGreaterThan(held.until.getTime());
    expect(await readSteps(journal)).toEqual(['+dead']);
    expect(await engine.states()).toEqual({ 'occupy-narrow': 'queued' });

    // Who waits for the pool holds no slot: the only one is free for others.
    const other = engineHere();
    expect(
      await other.run([occupySlot.goal({ name: 'other', journal: `${journal}.other`, until: '', priority: 0 })]),
    ).toBe('succeeded');
    expect(await engine.states()).toEqual({ 'occupy-narrow': 'queued' });

    child.kill('SIGKILL');
    await once(child, 'exit');
    await endLeases(bench.database);
    expect(await engine.engine.finished(waiting)).toBe('succeeded');
    expect(await readSteps(journal)).toEqual(['+dead', '+next', '-next']);
    expect(await leases()).toEqual([]);
  });
});

const holdingEngine = (options: Partial<Heart['options']> = {}): TestEngine => {
  const executor = inlineExecutor({
    ...bench,
    tasks: holdTasks,
    slots: 1,
    folder: path.join(bench.folder, 'attempts'),
  });
  const engine = createTestEngine(bench, { tasks: holdTasks, executor, ...options });
  engines.push(engine);
  return engine;
};

describe('a server that is killed and started again', () => {
  it('32. brings what was planned, queued, running and blocked to an end', async () => {
    const file = path.join(bench.folder, randomUUID());
    const child = forkProgram('leased-engine', [bench.database.url, bench.folder, file, String(LEASE_MS), '3']);
    children.push(child);
    const [{ id }] = (await once(child, 'message')) as [{ id: string }];
    const phases = () =>
      bench.database.query<{ task: string; state: string; count: number }>(
        `select task, state, count(*)::integer as count from task_runs where run_id = $1 group by task, state order by task, state`,
        [id],
      );
    await expect.poll(phases).toEqual([
      { task: 'after-hold', state: 'queued', count: 3 },
      { task: 'hold-until', state: 'queued', count: 3 },
      { task: 'hold-until', state: 'running', count: 1 },
    ]);
    child.kill('SIGKILL');
    await once(child, 'exit');
    // One more was created and not planned yet.
    await bench.database.query(
      `insert into runs (pipeline, state, trigger, owner) values ('asked', 'queued', 'manual', 'dead')`,
    );
    await writeFile(file, '');
    const executor = inlineExecutor({ ...bench, tasks: holdTasks, folder: path.join(bench.folder, 'attempts') });
    const restarted = createTestEngine(bench, { tasks: holdTasks, executor, isSoleOwner: true });
    engines.push(restarted);
    await restarted.engine.recover();
    expect(await restarted.engine.finished(id)).toBe('succeeded');
    expect(await phases()).toEqual([
      { task: 'after-hold', state: 'succeeded', count: 3 },
      { task: 'hold-until', state: 'succeeded', count: 4 },
    ]);
    const open = () =>
      bench.database.query(
        `select runs.id from runs where state in ('queued', 'running') or settled_at is null or ended_at is null`,
      );
    await expect.poll(open).toEqual([]);
    expect(await bench.database.query('select 1 from claims where expires_at > clock_timestamp()')).toEqual([]);
  });
});

describe('a run that is deleted while it executes', () => {
  it('33. takes its attempt with it at the next heartbeat, and the worker goes on with other runs', async () => {
    const heart = createHeart();
    const engine = holdingEngine(heart.options);
    const file = path.join(bench.folder, randomUUID());
    const id = await engine.start([afterHold.goal({ file, name: 'deleted' })]);
    const ended = engine.engine.finished(id).catch(String);
    await expect.poll(() => engine.states()).toMatchObject({ 'hold-until': 'running' });
    await bench.database.query('delete from runs where runs.id = $1', [id]);
    await heart.beat();
    expect(await ended).toContain('was deleted while it ran');
    await expect
      .poll(() => bench.database.query('select 1 from claims where expires_at > clock_timestamp()'))
      .toEqual([]);
    await writeFile(file, '');
    expect(await engine.run([afterHold.goal({ file, name: 'next' })])).toBe('succeeded');
  });

  it('33. keeps a result that was on its way, and starts nothing that comes after it', async () => {
    // No heartbeat comes first and takes the attempt with the run.
    const engine = holdingEngine(createHeart().options);
    const file = path.join(bench.folder, randomUUID());
    const id = await engine.start([afterHold.goal({ file, name: 'on its way' })]);
    const ended = engine.engine.finished(id).catch(String);
    await expect.poll(() => engine.states()).toMatchObject({ 'hold-until': 'running' });
    await bench.database.query('delete from runs where runs.id = $1', [id]);
    await writeFile(file, '');
    expect(await ended).toContain('was deleted while it ran');
    const made = () =>
      bench.database.query(`select task from manifests where params->>'name' = 'on its way' order by task`);
    expect(await made()).toEqual([{ task: 'hold-until' }]);
    expect(await engine.run([afterHold.goal({ file, name: 'on its way' })])).toBe('succeeded');
    expect(await engine.states()).toEqual({ 'hold-until': 'cached', 'after-hold': 'succeeded' });
    // One that had nothing left to start ends quietly.
    const other = path.join(bench.folder, randomUUID());
    const last = await engine.start([holdUntil.goal({ file: other, name: 'the only one' })]);
    const quiet = engine.engine.finished(last);
    await expect.poll(() => engine.states()).toEqual({ 'hold-until': 'running' });
    await bench.database.query('delete from runs where runs.id = $1', [last]);
    await writeFile(other, '');
    expect(await quiet).toBe('succeeded');
  });
});

describe('ten ready goals beside thousands of blocked ones', () => {
  /** How often the machine looks at a goal for each event of a ready one. */
  function looksWith(blockedCount: number): readonly number[] {
    const machine = new RunMachine();
    const names = Array.from({ length: 10 }, (_, index) => `ready ${index}`);
    const blocked = Array.from({ length: blockedCount }, (_, index) => `blocked ${index}`);
    const node = (id: string, needs: readonly string[] = []) => ({
      id,
      goal: { task: id, params: {} },
      needs,
      attemptsMax: 1,
    });
    const nodes = [node('gate'), ...blocked.map((id) => node(id, ['gate'])), ...names.map((id) => node(id))];
    machine.apply({ kind: 'add', nodes, asked: [...blocked, ...names] });
    let looks = 0;
    const { get } = machine.nodes;
    machine.nodes.get = (id) => {
      looks++;
      return get.call(machine.nodes, id);
    };
    for (const scan of ['values', 'keys', 'entries', 'forEach', Symbol.iterator] as const)
      Object.defineProperty(machine.nodes, scan, {
        value: () => {
          throw new Error(`An event of one goal went through all goals by ${String(scan)}.`);
        },
      });
    return names.flatMap((id) => {
      const counts: number[] = [];
      for (const event of [
        { kind: 'resolved', id, isComplete: false },
        { kind: 'dispatched', id },
        { kind: 'held', id },
        { kind: 'wake', id },
        { kind: 'resolved', id, isComplete: false },
        { kind: 'dispatched', id },
        { kind: 'succeeded', id },
      ] as const) {
        looks = 0;
        machine.apply(event);
        counts.push(looks);
      }
      return counts;
    });
  }

  it('34. the work for each event of a ready goal is the same however many are blocked', () => {
    const beside5000 = looksWith(5_000);
    expect(beside5000).toEqual(looksWith(0));
    expect(Math.max(...beside5000)).toBe(1);
  });

  it('34. start and end while five thousand wait, and none of these is touched', async () => {
    const gate = createGate();
    const ready = { ...holdUntil, name: 'ready', run: async () => ({ runId: '' }) };
    const held = { ...holdUntil, name: 'gate', run: async () => gate.pass().then(() => ({ runId: '' })) };
    const blocked = {
      ...afterHold,
      name: 'blocked',
      inputs: () => ({ held: { task: 'gate', params: { file: '', name: '' } } }),
    };
    // Each is one of the tasks it was made from, under another name.
    const tasks = [ready, held, blocked];
    const executor = inlineExecutor({ ...bench, tasks, slots: 2, folder: path.join(bench.folder, 'attempts') });
    const engine = createTestEngine(bench, { tasks, executor });
    engines.push(engine);
    const goals = (task: string, count: number) =>
      Array.from({ length: count }, (_, index) => ({ task, params: { file: '', name: `${index}` } }));
    const id = await engine.start([...goals('blocked', 5_000), ...goals('ready', 10)]);
    const counts = () =>
      bench.database.query(
        `select task, state, count(*)::integer as count, sum(attempts)::integer as attempts from task_runs
         where run_id = $1 group by task, state order by task`,
        [id],
      );
    await expect.poll(counts).toEqual([
      { task: 'blocked', state: 'queued', count: 5_000, attempts: 0 },
      { task: 'gate', state: 'running', count: 1, attempts: 1 },
      { task: 'ready', state: 'succeeded', count: 10, attempts: 10 },
    ]);
    await engine.engine.cancel(id, 'seen');
    gate.open();
    expect(await engine.engine.finished(id)).toBe('cancelled');
  });
});
