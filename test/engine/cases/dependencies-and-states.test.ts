import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  type AnyTask,
  defineTask,
  type Inputs,
  inlineExecutor,
  listRuns,
  type RunsWhen,
  type TypedGoal,
  value,
} from '#engine';
import { createRegistry } from '../../../src/engine/define/registry.ts';
import { RunMachine } from '../../../src/engine/drive/machine.ts';
import { planGoals } from '../../../src/engine/resolve/graph.ts';
import { createGate } from '../fixtures/gate.ts';
import { sumUpTo } from '../fixtures/tasks.ts';
import { createTestEngine, createWorkbench, type TestEngine, type Workbench } from '../fixtures/workbench.ts';

let bench: Workbench;
const engines: TestEngine[] = [];
beforeAll(async () => {
  bench = await createWorkbench();
});
afterEach(async () => {
  for (const { engine } of engines.splice(0)) await engine.close(0);
});
afterAll(() => bench.close());

// A registry holds tasks of all types; each still runs with the params its own schema gave.
const asTasks = (tasks: readonly unknown[]): readonly AnyTask[] => tasks as readonly AnyTask[];

function engineFor(given: readonly unknown[], slots = 4): TestEngine {
  const tasks = asTasks(given);
  const executor = inlineExecutor({ ...bench, tasks, slots, folder: path.join(bench.folder, 'attempts') });
  const engine = createTestEngine(bench, { tasks, executor });
  engines.push(engine);
  return engine;
}

const outputOf = async (key: string | null | undefined, output: string): Promise<unknown> =>
  (
    await bench.database.query<{ value: unknown }>('select outputs->$2->$3 as value from manifests where key = $1', [
      key,
      output,
      'value',
    ])
  )[0]?.value;

const WIDTH = 10_000;
const DEPTH = 10_000;
/** Deep enough that a recursion for each goal would overflow the stack, and quick enough to be computed for real. */
const DEPTH_COMPUTED = 1_000;

describe('shapes of graphs', () => {
  it('35. a diamond computes its common need once', async () => {
    const ran: string[] = [];
    const corner = defineTask({
      name: 'corner',
      version: '1',
      params: z.object({ at: z.string() }),
      inputs: ({ at }): Inputs => {
        const goal = (to: string): TypedGoal => ({ task: 'corner', params: { at: to } });
        if (at === 'bottom') return { left: goal('left'), right: goal('right') };
        return at === 'top' ? {} : { top: goal('top') };
      },
      outputs: { word: value<string>() },
      run: async ({ params }) => {
        ran.push(params.at);
        return { word: params.at };
      },
    });
    const engine = engineFor([corner]);
    expect(await engine.run([corner.goal({ at: 'bottom' })])).toBe('succeeded');
    expect(ran[0]).toBe('top');
    expect(ran.at(-1)).toBe('bottom');
    expect(ran.toSorted()).toEqual(['bottom', 'left', 'right', 'top']);
  });

  it('35. ten thousand goals are read by one', async () => {
    const part = defineTask({
      name: 'part',
      version: '1',
      params: z.object({ index: z.number() }),
      outputs: { index: value<number>() },
      run: async ({ params }) => params,
    });
    const whole = defineTask({
      name: 'whole',
      version: '1',
      params: z.object({ width: z.number() }),
      inputs: ({ width }) => ({ parts: Array.from({ length: width }, (_, index) => part.goal({ index })) }),
      outputs: { sum: value<number>() },
      run: async ({ inputs }) => ({ sum: inputs.parts.reduce((sum, { index }) => sum + index, 0) }),
    });
    const engine = engineFor([part, whole], 64);
    expect(await engine.run([whole.goal({ width: WIDTH })])).toBe('succeeded');
    const [row] = await bench.database.query(
      `select outputs->'sum'->'value' as sum from manifests where task = 'whole'`,
    );
    expect(row).toEqual({ sum: (WIDTH * (WIDTH - 1)) / 2 });
  });

  it('35. a chain of ten thousand is planned and driven without a deep stack, and a long one is computed', async () => {
    const registry = createRegistry(asTasks([sumUpTo]));
    const { planned, asked } = planGoals([sumUpTo.goal({ n: DEPTH })], { registry });
    expect(planned).toHaveLength(DEPTH + 1);
    const machine = new RunMachine();
    const nodes = planned.map(({ id, goal, needs }) => ({ id, goal, needs, attemptsMax: 1 }));
    let commands = machine.apply({ kind: 'add', nodes, asked });
    let resolvedCount = 0;
    for (let next = commands.at(-1); next?.kind === 'resolve'; next = commands.at(-1)) {
      resolvedCount++;
      commands = machine.apply({ kind: 'resolved', id: next.id, isComplete: true });
    }
    expect(resolvedCount).toBe(DEPTH + 1);
    expect(commands.at(-1)).toMatchObject({ kind: 'finished', state: 'succeeded' });

    const engine = engineFor([sumUpTo]);
    expect(await engine.run([sumUpTo.goal({ n: DEPTH_COMPUTED })])).toBe('succeeded');
    const last = (await engine.last())?.taskRuns.find(({ params }) => params.n === DEPTH_COMPUTED);
    expect(await outputOf(last?.key, 'sum')).toBe((DEPTH_COMPUTED * (DEPTH_COMPUTED + 1)) / 2);
  });

  it.each([
    [
      'a cycle',
      { at: 'a', length: 3 },
      'ring(at=0,length=3) → ring(at=1,length=3) → ring(at=2,length=3) → ring(at=0,length=3)',
    ],
    ['a goal that needs itself', { at: 'a', length: 1 }, 'ring(at=0,length=1) → ring(at=0,length=1)'],
  ])('35. %s is refused with its names before anything runs', async (_, { length }, names) => {
    let ranCount = 0;
    const ring = defineTask({
      name: 'ring',
      version: '1',
      params: z.object({ at: z.number(), length: z.number() }),
      inputs: (params) => ({ next: { task: 'ring', params: { ...params, at: (params.at + 1) % params.length } } }),
      outputs: { nothing: value<null>() },
      run: async () => {
        ranCount++;
        return { nothing: null };
      },
    });
    const engine = engineFor([ring]);
    expect(await engine.run([ring.goal({ at: 0, length })])).toBe('failed');
    const run = await engine.last();
    expect(run?.reason?.replaceAll(', ', ',')).toContain(names);
    expect(run?.taskRuns).toEqual([]);
    expect(ranCount).toBe(0);
  });
});

describe('needs that are found while running', () => {
  const traceOf = async (task: string): Promise<readonly unknown[]> =>
    (
      await bench.database.query<{ trace: readonly { params: { name: string } }[] }>(
        'select trace from manifests where task = $1 order by token desc limit 1',
        [task],
      )
    ).flatMap(({ trace }) => trace.map(({ params }) => params.name));

  /** A task that needs the named goals, one after another; `wait` is what the needed one waits for. */
  function needing(given: { readonly prefix: string; readonly version: string; readonly names: readonly string[] }) {
    const { prefix, version, names } = given;
    const gate = createGate();
    const world = { isHolding: false, ran: [] as string[] };
    const small = defineTask({
      name: `${prefix}-small`,
      version: '1',
      params: z.object({ name: z.string() }),
      outputs: { length: value<number>() },
      run: async ({ params }) => {
        world.ran.push(params.name);
        if (world.isHolding) await gate.pass();
        return { length: params.name.length };
      },
    });
    const large = defineTask({
      name: `${prefix}-large`,
      version,
      params: z.object({}),
      outputs: { sum: value<number>() },
      run: async ({ need }) => {
        let sum = 0;
        for (const name of names) sum += (await need(small.goal({ name }))).length;
        return { sum };
      },
    });
    return { tasks: [small, large], small, large, gate, world };
  }

  it('36. one that is found twice is computed once, stands once in the graph, and is verified in order', async () => {
    const { tasks, large, world } = needing({ prefix: 'twice', version: '1', names: ['x', 'yy', 'x'] });
    const engine = engineFor(tasks);
    expect(await engine.run([large.goal({})])).toBe('succeeded');
    expect(world.ran).toEqual(['x', 'yy']);
    expect(await traceOf('twice-large')).toEqual(['x', 'yy', 'x']);
    const run = await engine.last();
    const needed = run?.taskRuns.filter(({ task }) => task === 'twice-small').map(({ goal }) => goal);
    expect(run?.taskRuns.find(({ task }) => task === 'twice-large')?.needs).toEqual(needed);
    await engine.run([large.goal({})]);
    expect(await engine.states()).toEqual({ 'twice-large': 'cached', 'twice-small': 'cached' });
  });

  it('36. one that is found again after a crash is the same task run, with the attempts of both', async () => {
    const before = needing({ prefix: 'again', version: '1', names: ['x', 'yy'] });
    before.world.isHolding = true;
    const first = engineFor(before.tasks);
    const id = await first.start([before.large.goal({})]);
    first.engine.finished(id).catch(() => undefined);
    await before.gate.reached();
    await first.engine.close(0);
    const after = needing({ prefix: 'again', version: '1', names: ['x', 'yy'] });
    const second = engineFor(after.tasks);
    await second.engine.recover();
    expect(await second.engine.finished(id)).toBe('succeeded');
    const taskRuns = await bench.database.query(
      `select t.params->>'name' as name, t.state, array_agg(a.outcome order by a.number) as outcomes
       from task_runs t join attempts a using (run_id, goal) where run_id = $1 group by t.run_id, t.goal order by t.position`,
      [id],
    );
    expect(taskRuns).toEqual([
      { name: null, state: 'succeeded', outcomes: ['lost', 'succeeded'] },
      { name: 'x', state: 'succeeded', outcomes: ['lost', 'succeeded'] },
      { name: 'yy', state: 'succeeded', outcomes: ['succeeded'] },
    ]);
  });

  it('36. one that the next version does not find any more is left to the results of the version before', async () => {
    const before = needing({ prefix: 'next', version: '1', names: ['x', 'yy'] });
    const first = engineFor(before.tasks);
    await first.run([before.large.goal({})]);
    const after = needing({ prefix: 'next', version: '2', names: ['x'] });
    const second = engineFor(after.tasks);
    expect(await second.run([after.large.goal({})])).toBe('succeeded');
    expect(await traceOf('next-large')).toEqual(['x']);
    const run = await second.last();
    expect(run?.taskRuns.map(({ params, state }) => [params.name ?? 'large', state])).toEqual([
      ['large', 'succeeded'],
      ['x', 'cached'],
    ]);
    // Back to the version before: its result stands with all it had needed.
    await first.run([before.large.goal({})]);
    expect((await first.last())?.taskRuns.map(({ params, state }) => [params.name ?? 'large', state])).toEqual([
      ['large', 'cached'],
      ['x', 'cached'],
      ['yy', 'cached'],
    ]);
  });

  it('36. one that is not found again after a crash is skipped with its reason, and its run ends', async () => {
    const before = needing({ prefix: 'gone', version: '1', names: ['x', 'yy'] });
    before.world.isHolding = true;
    const first = engineFor(before.tasks);
    const id = await first.start([before.large.goal({})]);
    first.engine.finished(id).catch(() => undefined);
    await before.gate.reached();
    await first.engine.close(0);
    const after = needing({ prefix: 'gone', version: '2', names: [] });
    const second = engineFor(after.tasks);
    await second.engine.recover();
    expect(await second.engine.finished(id)).toBe('succeeded');
    const taskRuns = await bench.database.query(
      'select task, state, reason, ended_at is not null as ended from task_runs where run_id = $1 order by position',
      [id],
    );
    expect(taskRuns).toEqual([
      { task: 'gone-large', state: 'succeeded', reason: null, ended: true },
      { task: 'gone-small', state: 'skipped', reason: expect.stringContaining('did not need it'), ended: true },
    ]);
  });
});

describe('states', () => {
  const RULES = ['all-succeeded', 'none-failed', 'all-ended'] as const satisfies readonly RunsWhen[];
  const ENDS = ['succeeded', 'skipped', 'failed'] as const;
  const parent = defineTask({
    name: 'parent',
    version: '1',
    params: z.object({ how: z.string(), of: z.string() }),
    outputs: { word: value<string>() },
    run: async ({ params, skip }) => {
      if (params.how === 'failed') throw new Error('told to fail');
      if (params.how === 'skipped') skip('told to skip');
      return { word: params.how };
    },
  });
  const children = RULES.map((rule: RunsWhen) =>
    defineTask({
      name: `child-${rule}`,
      version: '1',
      params: z.object({ parents: z.array(z.string()) }),
      runsWhen: rule,
      inputs: ({ parents }) => ({
        parents: parents.map((how, index) => parent.goal({ how, of: `${rule} ${index} ${parents.join()}` })),
      }),
      outputs: { words: value<readonly (string | null)[]>() },
      run: async ({ inputs }) => ({ words: inputs.parents.map((one) => one?.word ?? null) }),
    }),
  );

  // What every rule makes of every kind of need, in every order, is test/engine/states.test.ts, made from docs/states.md.
  it('37. all, some or none of the parents skipped or failed, under each rule: every run ends, none is stuck', async () => {
    const engine = engineFor([parent, ...children]);
    const parents = ENDS.flatMap((a) => ENDS.flatMap((b) => ENDS.map((c) => [a, b, c] as const)));
    for (const [index, child] of children.entries()) {
      for (const ends of parents) {
        const rule = RULES[index];
        const hasFailed = ends.includes('failed');
        const hasSkipped = ends.includes('skipped');
        const runs = rule === 'all-ended' || (!hasFailed && (rule === 'none-failed' || !hasSkipped));
        const state = await engine.run([child.goal({ parents: [...ends] })]);
        expect([rule, ...ends, state]).toEqual([rule, ...ends, hasFailed ? 'failed' : runs ? 'succeeded' : 'skipped']);
        const run = await engine.last();
        const made = run?.taskRuns.find(({ task }) => task === child.name);
        expect(made?.state).toBe(runs ? 'succeeded' : 'skipped');
        if (runs)
          expect(await outputOf(made?.key, 'words')).toEqual(ends.map((one) => (one === 'succeeded' ? one : null)));
        expect(run?.taskRuns.every(({ endedAt }) => endedAt !== null)).toBe(true);
      }
    }
  });

  it('37. a cancel reaches what a failure or a skip would not have kept from running', async () => {
    const gate = createGate();
    const held = defineTask({
      name: 'held',
      version: '1',
      params: z.object({}),
      outputs: { nothing: value<null>() },
      run: async () => {
        await gate.pass();
        return { nothing: null };
      },
    });
    const after = RULES.map((rule: RunsWhen) =>
      defineTask({
        name: `after-${rule}`,
        version: '1',
        params: z.object({}),
        runsWhen: rule,
        inputs: () => ({ held: held.goal({}) }),
        outputs: { nothing: value<null>() },
        run: async () => ({ nothing: null }),
      }),
    );
    const engine = engineFor([held, ...after]);
    const id = await engine.start(after.map((task) => task.goal({})));
    await gate.reached();
    await engine.engine.cancel(id, 'enough');
    expect(await engine.engine.finished(id)).toBe('cancelled');
    expect(new Set(Object.values(await engine.states()))).toEqual(new Set(['cancelled']));
  });

  it('37. a run that is skipped has a reason and an end time, and counts neither as a success nor as a failure', async () => {
    const engine = engineFor([parent, ...children]);
    const countOf = async (state: 'succeeded' | 'failed' | 'skipped') =>
      (await listRuns(bench.database, { state, limit: 10_000 })).items.length;
    const before = [await countOf('succeeded'), await countOf('failed'), await countOf('skipped')];
    const [child] = children;
    if (child === undefined) throw new Error('There is a child for each rule.');
    expect(await engine.run([child.goal({ parents: ['skipped', 'succeeded'] })])).toBe('skipped');
    expect(await engine.last()).toMatchObject({ state: 'skipped', reason: 'told to skip', endedAt: expect.any(Date) });
    const now = [await countOf('succeeded'), await countOf('failed'), await countOf('skipped')];
    expect(now).toEqual([before[0], before[1], (before[2] ?? 0) + 1]);
  });
});
