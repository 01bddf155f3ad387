import { once } from 'node:events';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type AnyTask, defineTask, inlineExecutor, type Params, type RunState, value } from '#engine';
import type { Database } from '#store';
import { exchangeWaits, findCycle } from '../../src/engine/records/waits.ts';
import { forkProgram } from '../programs/programs.ts';
import { watchedDatabase } from './fixtures/watched-database.ts';
import { createTestEngine, createWorkbench, type TestEngine, type Workbench } from './fixtures/workbench.ts';

let bench: Workbench;
const engines: TestEngine[] = [];
beforeAll(async () => {
  bench = await createWorkbench();
});
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
});
afterAll(() => bench.close());

interface Options {
  /** Where every statement goes that the engine sends. */
  readonly statements?: string[];
  readonly slots?: number;
  readonly suspendedMax?: number;
}

// A registry holds tasks of all types; each still runs with the params its own schema gave.
const asTasks = (tasks: readonly unknown[]): readonly AnyTask[] => tasks as readonly AnyTask[];

function engineFor(given: readonly unknown[], { statements, ...options }: Options = {}): TestEngine {
  const tasks = asTasks(given);
  const folder = path.join(bench.folder, 'attempts');
  const executor = inlineExecutor({ ...bench, ...options, tasks, folder });
  const database = statements === undefined ? bench.database : watch(bench.database, statements);
  const engine = createTestEngine({ ...bench, database }, { tasks, executor });
  engines.push(engine);
  return engine;
}

const watch = (database: Database, statements: string[]): Database =>
  watchedDatabase(database, (sql, proceed) => {
    statements.push(sql);
    return proceed();
  });

/** Outputs of a goal as it was made last. */
async function outputOf(task: string, params: Params = {}): Promise<unknown> {
  const [row] = await bench.database.query<{ outputs: Record<string, { value: unknown }> }>(
    'select outputs from manifests where task = $1 and params = $2::jsonb order by token desc limit 1',
    [task, JSON.stringify(params)],
  );
  return Object.fromEntries(Object.entries(row?.outputs ?? {}).map(([name, output]) => [name, output.value]));
}

/** A list of names that changes between runs, and a task that adds up what belongs to each. */
function partitions(prefix: string) {
  const world = { names: ['a', 'b', 'c'], ran: [] as string[] };
  const list = defineTask({
    name: `${prefix}-list`,
    version: '1',
    params: z.object({ names: z.array(z.string()) }),
    outputs: { names: value<readonly string[]>() },
    run: async ({ params }) => ({ names: params.names }),
  });
  const part = defineTask({
    name: `${prefix}-part`,
    version: '1',
    params: z.object({ name: z.string() }),
    outputs: { length: value<number>() },
    run: async ({ params }) => {
      world.ran.push(params.name);
      return { length: params.name.length };
    },
  });
  const total = defineTask({
    name: `${prefix}-total`,
    version: '1',
    params: z.object({}),
    inputs: () => ({ listing: list.goal({ names: world.names }) }),
    runtimeInputs: (_, { listing }) => ({
      parts: listing.names.map((name) => part.goal({ name })),
      named: Object.fromEntries(listing.names.map((name) => [name, part.goal({ name })])),
    }),
    outputs: { sum: value<number>(), byName: value<Record<string, number>>() },
    run: async ({ inputs }) => {
      world.ran.push('total');
      return {
        sum: inputs.parts.reduce((sum, { length }) => sum + length, 0),
        byName: Object.fromEntries(Object.entries(inputs.named).map(([name, { length }]) => [name, length])),
      };
    },
  });
  return { world, total, list, tasks: [list, part, total] };
}

describe('runtime inputs', () => {
  it('are read as the list or record they were declared as, and stand in the graph of the run', async () => {
    const { total, tasks } = partitions('graph');
    const engine = engineFor(tasks);
    expect(await engine.run([total.goal({})])).toBe('succeeded');
    expect(await outputOf('graph-total')).toEqual({ sum: 3, byName: { a: 1, b: 1, c: 1 } });
    const run = await engine.last();
    const parts = run?.taskRuns.filter(({ task }) => task === 'graph-part').map(({ goal }) => goal);
    expect(parts).toHaveLength(3);
    const list = run?.taskRuns.find(({ task }) => task === 'graph-list')?.goal;
    const needs = run?.taskRuns.find(({ task }) => task === 'graph-total')?.needs;
    expect(new Set(needs)).toEqual(new Set([list, ...(parts ?? [])]));
  });

  it('enter the key with both stages: what is added or gone is computed, the rest is read again', async () => {
    const { world, total, tasks } = partitions('change');
    const engine = engineFor(tasks);
    const runWith = async (names: readonly string[]): Promise<readonly string[]> => {
      world.names = [...names];
      world.ran.length = 0;
      expect(await engine.run([total.goal({})])).toBe('succeeded');
      return [...world.ran].sort();
    };
    expect(await runWith(['a', 'bb'])).toEqual(['a', 'bb', 'total']);
    expect(await runWith(['a', 'bb'])).toEqual([]);
    expect(await runWith(['a', 'bb', 'ccc'])).toEqual(['ccc', 'total']);
    expect(await outputOf('change-total')).toMatchObject({ sum: 6 });
    expect(await runWith(['bb'])).toEqual(['total']);
    expect(await runWith([])).toEqual(['total']);
    expect(await outputOf('change-total')).toEqual({ sum: 0, byName: {} });
    expect(await runWith(['a', 'bb'])).toEqual([]);
  });

  it('grow the graph of a run with a number of statements that does not grow with them', async () => {
    const { world, total, tasks } = partitions('wide');
    world.names = Array.from({ length: 300 }, (_, index) => `part ${index}`);
    const statements: string[] = [];
    const engine = engineFor(tasks, { statements });
    expect(await engine.run([total.goal({})])).toBe('succeeded');
    // The plan, and all that was found.
    expect(statements.filter((sql) => sql.includes('insert into task_runs'))).toHaveLength(2);
    expect(statements.filter((sql) => sql.includes('update task_runs t set needs'))).toHaveLength(1);
  });

  it('that cannot be computed fail their task run with the reason', async () => {
    const { tasks, list } = partitions('broken');
    const broken = defineTask({
      name: 'broken-inputs',
      version: '1',
      params: z.object({}),
      inputs: () => ({
        listing: list.goal({ names: [] }),
      }),
      runtimeInputs: () => {
        throw new Error('no idea what to read');
      },
      outputs: { nothing: value<null>() },
      run: async () => ({ nothing: null }),
    });
    const engine = engineFor([...tasks, broken]);
    expect(await engine.run([broken.goal({})])).toBe('failed');
    expect((await engine.last())?.reason).toContain('no idea what to read');
  });

  it('that lead back to who reads them are a cycle with its names', async () => {
    const { tasks, world, list } = partitions('cycle');
    const back = defineTask({
      name: 'cycle-back',
      version: '1',
      params: z.object({ to: z.string() }),
      inputs: () => ({ first: list.goal({ names: world.names }) }),
      runtimeInputs: ({ to }) => ({ next: { task: to === 'there' ? 'cycle-there' : 'cycle-back', params: { to } } }),
      outputs: { nothing: value<null>() },
      run: async () => ({ nothing: null }),
    });
    const there = defineTask({
      name: 'cycle-there',
      version: '1',
      params: z.object({ to: z.string() }),
      inputs: ({ to }) => ({ back: { task: 'cycle-back', params: { to } } }),
      outputs: { nothing: value<null>() },
      run: async () => ({ nothing: null }),
    });
    const engine = engineFor([...tasks, back, there]);
    expect(await engine.run([back.goal({ to: 'there' })])).toBe('failed');
    expect((await engine.last())?.reason).toContain(
      'in a cycle: cycle-back(to="there") → cycle-there(to="there") → cycle-back(to="there")',
    );
    expect(await engine.run([back.goal({ to: 'itself' })])).toBe('failed');
    expect((await engine.last())?.reason).toContain('in a cycle: cycle-back(to="itself") → cycle-back(to="itself")');
  });
});

describe('attempts that wait for needs', () => {
  /** Fibonacci by needs: as deep as its param, and wide where results are not there yet. */
  const fibonacci = (name: string) => {
    const peak = { live: 0, most: 0, starts: 0 };
    const task = defineTask({
      name,
      version: '1',
      params: z.object({ n: z.number() }),
      outputs: { value: value<number>() },
      run: async ({ params: { n }, need }) => {
        peak.starts++;
        peak.live++;
        peak.most = Math.max(peak.most, peak.live);
        try {
          if (n < 2) return { value: n };
          const before = (await need({ task: name, params: { n: n - 1 } })) as { value: number };
          const beforeThat = (await need({ task: name, params: { n: n - 2 } })) as { value: number };
          return { value: before.value + beforeThat.value };
        } finally {
          peak.live--;
        }
      },
    });
    return { peak, task };
  };

  it('end beyond the bound and start again later, so that a recursion deeper than it comes to its end', async () => {
    const { peak, task } = fibonacci('fibonacci');
    const engine = engineFor([task], { slots: 2, suspendedMax: 4 });
    expect(await engine.run([task.goal({ n: 50 })])).toBe('succeeded');
    expect(await outputOf('fibonacci', { n: 50 })).toEqual({ value: 12_586_269_025 });
    expect(peak.most).toBeLessThanOrEqual(2 + 4);
    const run = await engine.last();
    expect(run?.taskRuns).toHaveLength(51);
    expect(run?.taskRuns.every(({ state }) => state === 'succeeded')).toBe(true);
    const outcomes = run?.taskRuns.flatMap(({ attempts }) => attempts.map(({ outcome }) => outcome));
    expect(outcomes).toContain('parked');
    // Each is parked at most once for each of its two needs.
    expect(peak.starts).toBeLessThanOrEqual(3 * 51);
  });

  it('need no room at all to wait', async () => {
    const { task } = fibonacci('fibonacci-without-room');
    const engine = engineFor([task], { slots: 1, suspendedMax: 0 });
    expect(await engine.run([task.goal({ n: 8 })])).toBe('succeeded');
    expect(await outputOf('fibonacci-without-room', { n: 8 })).toEqual({ value: 21 });
  });

  it('keep their slot when the answer is there already, and are not parked for it', async () => {
    const { peak, task } = fibonacci('fibonacci-known');
    const filled = engineFor([task], { slots: 2 });
    await filled.run([task.goal({ n: 20 })]);
    await bench.database.query(`delete from manifests where task = 'fibonacci-known' and params = '{"n": 20}'`);
    peak.starts = 0;
    const statements: string[] = [];
    const engine = engineFor([task], { slots: 1, suspendedMax: 0, statements });
    expect(await engine.run([task.goal({ n: 20 })])).toBe('succeeded');
    expect(peak.starts).toBe(1);
    expect(statements.filter((sql) => /\bwaits\b/.test(sql))).toEqual([]);
  });

  it('may wait for several needs at once with one slot', async () => {
    const { task } = fibonacci('fibonacci-parts');
    const both = defineTask({
      name: 'both',
      version: '1',
      params: z.object({}),
      outputs: { sum: value<number>() },
      run: async ({ need }) => {
        const found = await Promise.all([3, 4, 5].map((n) => need(task.goal({ n }))));
        return { sum: found.reduce((sum, { value: one }) => sum + one, 0) };
      },
    });
    const engine = engineFor([task, both], { slots: 1 });
    expect(await engine.run([both.goal({})])).toBe('succeeded');
    expect(await outputOf('both')).toEqual({ sum: 2 + 3 + 5 });
  });

  it('that catch a refusal and continue are run again when it would not be refused any more', async () => {
    const world = { isBroken: true };
    const shaky = defineTask({
      name: 'shaky',
      version: '1',
      params: z.object({}),
      outputs: { word: value<string>() },
      run: async () => {
        if (world.isBroken) throw new Error('broken');
        return { word: 'fine' };
      },
    });
    const brave = defineTask({
      name: 'brave',
      version: '1',
      params: z.object({}),
      outputs: { word: value<string>() },
      run: async ({ need }) => need(shaky.goal({})).catch(() => ({ word: 'without' })),
    });
    const engine = engineFor([shaky, brave]);
    await engine.run([brave.goal({})]);
    expect(await engine.states()).toEqual({ shaky: 'failed', brave: 'succeeded' });
    await engine.run([brave.goal({})]);
    expect(await engine.states()).toEqual({ shaky: 'failed', brave: 'cached' });
    world.isBroken = false;
    await engine.run([brave.goal({})]);
    expect(await outputOf('brave')).toEqual({ word: 'fine' });
  });
});

describe('a cycle of needs through several runs', () => {
  /** Each of the tasks waits until all have started, then needs the next: every one holds the claim another wants. */
  function ring(prefix: string, size: number) {
    const names = Array.from({ length: size }, (_, index) => `${prefix}-${index}`);
    let startedCount = 0;
    let open: () => void = () => undefined;
    const allStarted = new Promise<void>((resolve) => {
      open = resolve;
    });
    const caught = new Map<string, string>();
    const tasks = names.map((name, index) =>
      defineTask({
        name,
        version: '1',
        params: z.object({}),
        outputs: { word: value<string>() },
        run: async ({ need }) => {
          if (++startedCount === size) open();
          await allStarted;
          try {
            await need({ task: names[(index + 1) % size] ?? '', params: {} });
          } catch (error) {
            caught.set(name, String(error));
            throw error;
          }
          return { word: name };
        },
      }),
    );
    return { names, tasks, caught };
  }

  it.each([
    ['two runs of one engine', 1, 2],
    ['two engines', 2, 2],
    ['three engines', 3, 3],
  ])('is found in %s, and named', async (what, engineCount, size) => {
    const { names, tasks, caught } = ring(what.replaceAll(' ', '-'), size);
    const created = Array.from({ length: engineCount }, () => engineFor(tasks));
    const running: Promise<RunState>[] = [];
    for (const [index, task] of tasks.entries()) {
      const { engine, start } = created[index % engineCount] as TestEngine;
      running.push(engine.finished(await start([task.goal({})])));
    }
    expect(new Set(await Promise.all(running))).toEqual(new Set(['failed']));
    expect(caught.size).toBe(size);
    // Once it is broken in one run, the others take the goal up themselves and find the cycle within their own graph.
    const named = [...caught.values()].filter((message) => message.includes('in a cycle'));
    expect(named.length).toBeGreaterThan(0);
    expect(named.some((message) => names.every((name) => message.includes(name)))).toBe(true);
    expect(await bench.database.query('select 1 from claims')).toEqual([]);
    await expect.poll(() => bench.database.query('select 1 from waits')).toEqual([]);
  });

  it('is found in two processes', async () => {
    const halves = [
      ['here', 'there'],
      ['there', 'here'],
    ].map((names) => forkProgram('cycle-engine', [bench.database.url, bench.folder, ...names]));
    const ends = await Promise.all(halves.map(async (half) => (await once(half, 'message'))[0]));
    for (const ended of ends)
      expect(ended).toMatchObject({ state: 'failed', reason: expect.stringContaining('cycle') });
    for (const name of ['here()', 'there()'])
      expect(ends).toContainEqual(expect.objectContaining({ reason: expect.stringContaining(name) }));
  });

  it('is not seen where an attempt that waits has died: its waits vanish with its claim', async () => {
    const waits = [
      { waiter: 'a', token: '1', needed: 'b', label: 'a' },
      { waiter: 'b', token: '2', needed: 'a', label: 'b' },
    ];
    await bench.database.query(
      `insert into claims (key, token, owner, expires_at) values ('a', 1, 'x', now() + interval '1 hour'),
         ('b', 2, 'y', now() + interval '1 hour')`,
    );
    const look = async () => {
      const reached = await exchangeWaits(bench.database, { all: waits.slice(0, 1), withdrawn: [] });
      return findCycle(reached, 'a')?.map(({ label }) => label);
    };
    await exchangeWaits(bench.database, { all: waits.slice(1), withdrawn: [] });
    expect(await look()).toEqual(['a', 'b']);
    await bench.database.query(`update claims set expires_at = now() - interval '1 second' where key = 'b'`);
    expect(await look()).toBeUndefined();
    await bench.database.query(`update claims set token = 3, expires_at = now() + interval '1 hour' where key = 'b'`);
    expect(await look()).toBeUndefined();
    expect(await bench.database.query(`select 1 from waits where waiter = 'b'`)).toEqual([]);
    await bench.database.query('delete from claims');
  });
});
