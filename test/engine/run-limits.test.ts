import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTask, type Goal, type Inputs, inlineExecutor, value } from '#engine';
import { configSchema } from '../../src/app/project/config.ts';
import { createRegistry } from '../../src/engine/define/registry.ts';
import { RUN_LIMITS_DEFAULT, type RunLimits } from '../../src/engine/define/run-limits.ts';
import { planGoals } from '../../src/engine/resolve/graph.ts';
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

const params = z.object({ n: z.number(), to: z.number() });
const outputs = { n: value<number>() };
const goalOf = (task: string, n: number, to: number): Goal => ({ task, params: { n, to } });

/** Needs the next number, until `to`. */
const byNeed = defineTask({
  name: 'by-need',
  version: '1',
  params,
  outputs,
  run: async ({ params: { n, to }, need }) => {
    if (n < to) await need(goalOf('by-need', n + 1, to));
    return { n };
  },
});
const byRuntimeInputs = defineTask({
  name: 'by-runtime-inputs',
  version: '1',
  params,
  runtimeInputs: ({ n, to }): Inputs => (n < to ? { next: goalOf('by-runtime-inputs', n + 1, to) } : {}),
  outputs,
  run: async ({ params: { n } }) => ({ n }),
});
let ranCount = 0;
const byInputs = defineTask({
  name: 'by-inputs',
  version: '1',
  params,
  inputs: ({ n, to }): Inputs => (n < to ? { next: goalOf('by-inputs', n + 1, to) } : {}),
  outputs,
  run: async ({ params: { n } }) => {
    ranCount++;
    return { n };
  },
});
/** Has two inputs that are new each time. */
const branching = defineTask({
  name: 'branching',
  version: '1',
  params,
  inputs: ({ n, to }) => ({ left: goalOf('branching', 2 * n, to), right: goalOf('branching', 2 * n + 1, to) }),
  outputs,
  run: async ({ params: { n } }) => ({ n }),
});
/** Needs one goal after the other, whatever becomes of them. */
const stubborn = defineTask({
  name: 'stubborn',
  version: '1',
  params,
  outputs,
  run: async ({ params: { to }, need }) => {
    let refusedCount = 0;
    for (let n = 1; n <= to; n++)
      await need(goalOf('by-inputs', n, n)).catch((error: { readonly code?: string }) => {
        if (error.code === 'run_limit') refusedCount++;
      });
    return { n: refusedCount };
  },
});
// A registry holds tasks of all types; each still runs with the params its own schema gave.
const tasks = [byNeed, byRuntimeInputs, byInputs, branching, stubborn];
const registry = createRegistry(tasks);
const FOR_EVER = 1e9;

function engineWith(limits: Partial<RunLimits>): TestEngine {
  const executor = inlineExecutor({ ...bench, tasks, slots: 2, folder: path.join(bench.folder, 'attempts') });
  const engine = createTestEngine(bench, { tasks, executor, limits });
  engines.push(engine);
  return engine;
}

describe('a chain of goals that are found while a run continues', () => {
  it.each(['by-need', 'by-runtime-inputs'])(
    '%s, that never ends makes the run fail with the end of the chain',
    async (task) => {
      const engine = engineWith({ foundDepth: 12 });
      expect(await engine.run([goalOf(task, 0, FOR_EVER)])).toBe('failed');
      const run = await engine.last();
      expect(run?.reason).toContain('A chain of goals that are found while a run is running may be 12 long');
      const tail = [10, 11, 12, 13].map((n) => `${task}(n=${n},to=${FOR_EVER})`);
      expect(run?.reason?.replaceAll(', ', ',')).toContain(`… → ${tail.join(' → ')}`);
      expect(run?.reason).toContain('engine.limits.foundDepth');
      expect(run?.taskRuns).toHaveLength(13);
    },
  );

  it('names its own error, in the attempt that went too far', async () => {
    const engine = engineWith({ foundDepth: 2 });
    await engine.run([goalOf('by-need', 0, FOR_EVER)]);
    const errors = (await engine.last())?.taskRuns.flatMap(({ attempts }) => attempts.map(({ error }) => error));
    expect(errors?.filter((error) => error !== null)).toEqual([
      expect.objectContaining({ code: 'run_limit', class: 'user' }),
    ]);
  });

  it.each(['by-need', 'by-runtime-inputs'])('%s, may be as long as the limit', async (task) => {
    const engine = engineWith({ foundDepth: 7 });
    expect(await engine.run([goalOf(task, 100, 107)])).toBe('succeeded');
    expect((await engine.last())?.taskRuns).toHaveLength(8);
  });

  it('counts how deep goals lie, and not how many there are', async () => {
    const engine = engineWith({ foundDepth: 1 });
    expect(await engine.run([goalOf('stubborn', 0, 20)])).toBe('succeeded');
    expect((await engine.last())?.taskRuns).toHaveLength(21);
  });
});

describe('a plan', () => {
  it('whose inputs never end makes the run fail with the end of the chain, and runs nothing', async () => {
    ranCount = 0;
    const engine = engineWith({ plannedDepth: 50 });
    expect(await engine.run([goalOf('by-inputs', 0, FOR_EVER)])).toBe('failed');
    const run = await engine.last();
    expect(run?.reason).toMatch(
      /could not be planned: A chain of inputs may be 50 goals long.*n=49.*n=50, .*limits\.plannedDepth/,
    );
    expect([run?.taskRuns, ranCount]).toEqual([[], 0]);
  });

  it('may have a chain as long as the limit, and as many goals', () => {
    const planned = (limits: Partial<RunLimits>, to: number) =>
      planGoals([goalOf('by-inputs', 1, to)], { registry, limits: { ...RUN_LIMITS_DEFAULT, ...limits } }).planned
        .length;
    expect(planned({ plannedDepth: 50 }, 50)).toBe(50);
    expect(() => planned({ plannedDepth: 50 }, 51)).toThrow('50 goals long');
    expect(planned({ goals: 50 }, 50)).toBe(50);
    expect(() => planned({ goals: 50 }, 51)).toThrow('A run may have 50 goals');
  });

  it('with too many goals beside one another is refused', () => {
    const goals = Array.from({ length: 11 }, (_, n) => goalOf('by-inputs', n, n));
    const limits = { ...RUN_LIMITS_DEFAULT, goals: 10 };
    expect(planGoals(goals.slice(1), { registry, limits }).planned).toHaveLength(10);
    expect(() => planGoals(goals, { registry, limits })).toThrow('by-inputs(n=10, to=10)');
  });

  it('that branches without end meets the limit of its first chain', () => {
    const limits = { ...RUN_LIMITS_DEFAULT, plannedDepth: 30 };
    expect(() => planGoals([goalOf('branching', 1, 0)], { registry, limits })).toThrow('30 goals long');
  });
});

describe('the number of goals of a run', () => {
  it('is bounded whichever way they are found, also when a task continues past the refusal', async () => {
    const engine = engineWith({ goals: 6 });
    expect(await engine.run([goalOf('stubborn', 0, 20)])).toBe('succeeded');
    expect((await engine.last())?.taskRuns).toHaveLength(6);
  });
});

describe('the settings', () => {
  it('have the limits of the engine as their defaults', () => {
    expect(configSchema.parse({}).engine.limits).toEqual(RUN_LIMITS_DEFAULT);
  });
});
