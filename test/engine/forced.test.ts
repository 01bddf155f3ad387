import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  createEngine,
  defineTask,
  describeDifference,
  type Engine,
  explainRun,
  GOALS_PIPELINE,
  getRun,
  inlineExecutor,
  listRuns,
  type Pipeline,
  value,
} from '#engine';
import { createGate, type Gate } from './fixtures/gate.ts';
import { createWorkbench, type Workbench } from './fixtures/workbench.ts';

let bench: Workbench;
let engine: Engine;
/** How often each task ran. */
let counts: Record<'read' | 'roll' | 'reader', number>;
let gate: Gate | undefined;
let isBroken = false;

const named = z.object({ name: z.string() });
const read = defineTask({
  ...{ name: 'read', version: '1', params: named },
  outputs: { text: value<string>() },
  run: async ({ params }) => {
    counts.read++;
    return { text: params.name };
  },
});
/** Not deterministic: each time it gives another number. */
const roll = defineTask({
  ...{ name: 'roll', version: '1', params: named },
  inputs: (params) => ({ read: read.goal(params) }),
  outputs: { n: value<number>() },
  run: async () => ({ n: ++counts.roll }),
});
const reader = defineTask({
  ...{ name: 'reader', version: '1', params: named },
  inputs: (params) => ({ roll: roll.goal(params) }),
  outputs: { n: value<number>() },
  run: async ({ inputs }) => {
    await gate?.pass();
    if (isBroken) throw new Error('broken');
    counts.reader++;
    return { n: inputs.roll.n };
  },
});

const nightly: Pipeline = {
  name: 'nightly',
  description: '',
  params: z.object({ name: z.string(), limit: z.int().default(3) }),
  plan: async ({ params }) => ({ kind: 'run', goals: [roll.goal({ name: String(params.name) })], params }),
};

const open = (): Engine => {
  const { database, artifacts, folder } = bench;
  const tasks = [read, roll, reader];
  const executor = inlineExecutor({ tasks, database, artifacts, folder: `${folder}/attempts` });
  return createEngine({ database, artifacts, tasks, pipelines: [nightly], executor, isSoleOwner: true });
};

beforeAll(async () => {
  bench = await createWorkbench();
});
afterAll(() => bench.close());
beforeEach(() => {
  counts = { read: 0, roll: 0, reader: 0 };
  isBroken = false;
  gate = undefined;
  engine = open();
});
afterEach(() => engine.close(0));

async function ask(goals: readonly { task: string; params: { name: string } }[], isForced = false): Promise<string> {
  const { runId } = await engine.start({ pipeline: GOALS_PIPELINE, trigger: 'manual', params: { goals }, isForced });
  await engine.finished(runId);
  return runId;
}

const statesOf = async (runId: string) =>
  Object.fromEntries((await getRun(bench.database, runId))?.taskRuns.map(({ task, state }) => [task, state]) ?? []);

async function whyOf(runId: string, task: string): Promise<readonly string[]> {
  const run = await getRun(bench.database, runId);
  const goal = run?.taskRuns.find((taskRun) => taskRun.task === task)?.goal ?? '';
  const why = (await explainRun(bench.database, runId)).get(goal);
  return why?.differences.map(({ kind }) => kind) ?? [];
}

const goalOf = (task: string, name: string) => ({ task, params: { name } });

describe('a forced run', () => {
  it('computes the goals it names, and finds what they need', async () => {
    await ask([goalOf('roll', 'a')]);
    const forced = await ask([goalOf('roll', 'a')], true);
    expect(await statesOf(forced)).toEqual({ read: 'cached', roll: 'succeeded' });
    expect(counts).toMatchObject({ read: 1, roll: 2 });
    expect(await whyOf(forced, 'roll')).toEqual(['forced']);
    expect(await getRun(bench.database, forced)).toMatchObject({ isForced: true });
    expect(describeDifference({ kind: 'forced' })).toContain('forced');
  });

  it('leaves its result to whoever asks next', async () => {
    await ask([goalOf('roll', 'b')]);
    await ask([goalOf('roll', 'b')], true);
    const next = await ask([goalOf('reader', 'b')]);
    expect(await statesOf(next)).toEqual({ read: 'cached', roll: 'cached', reader: 'succeeded' });
    expect(counts).toMatchObject({ roll: 2, reader: 1 });
  });

  it('computes a goal and the goal that reads it once each when both are named', async () => {
    await ask([goalOf('reader', 'c')]);
    const forced = await ask([goalOf('reader', 'c'), goalOf('roll', 'c')], true);
    expect(await statesOf(forced)).toEqual({ read: 'cached', roll: 'succeeded', reader: 'succeeded' });
    expect(counts).toEqual({ read: 1, roll: 2, reader: 2 });
  });

  it('says of a goal without a result that it is the first', async () => {
    const forced = await ask([goalOf('roll', 'd')], true);
    expect(await whyOf(forced, 'roll')).toEqual(['first']);
  });

  it('is retried without computing twice what it has computed', async () => {
    await ask([goalOf('reader', 'e')]);
    isBroken = true;
    const failed = await ask([goalOf('roll', 'e'), goalOf('reader', 'e')], true);
    expect(await statesOf(failed)).toMatchObject({ roll: 'succeeded', reader: 'failed' });
    isBroken = false;
    const { runId } = await engine.retry(failed);
    await engine.finished(runId);
    expect(await statesOf(runId)).toEqual({ read: 'cached', roll: 'cached', reader: 'succeeded' });
    expect(await getRun(bench.database, runId)).toMatchObject({ isForced: true });
    expect(counts).toEqual({ read: 1, roll: 2, reader: 2 });
  });

  it('continues in another engine where this one left it', async () => {
    await ask([goalOf('reader', 'f')]);
    gate = createGate();
    const { runId } = await engine.start({
      ...{ pipeline: GOALS_PIPELINE, trigger: 'manual', isForced: true },
      params: { goals: [goalOf('roll', 'f'), goalOf('reader', 'f')] },
    });
    await gate.reached();
    await engine.close(0);
    gate = undefined;
    engine = open();
    await engine.recover();
    expect(await engine.finished(runId)).toBe('succeeded');
    expect(counts).toEqual({ read: 1, roll: 2, reader: 2 });
  });

  it('takes no result of an attempt that began before it was asked for', async () => {
    await ask([goalOf('roll', 'g')]);
    gate = createGate();
    const slow = await engine.start({
      ...{ pipeline: GOALS_PIPELINE, trigger: 'manual' },
      params: { goals: [goalOf('reader', 'g')] },
    });
    await gate.reached();
    const forced = await engine.start({
      ...{ pipeline: GOALS_PIPELINE, trigger: 'manual', isForced: true },
      params: { goals: [goalOf('reader', 'g')] },
    });
    gate.open();
    await Promise.all([engine.finished(slow.runId), engine.finished(forced.runId)]);
    expect(counts).toMatchObject({ roll: 1, reader: 2 });
    expect(await statesOf(forced.runId)).toMatchObject({ roll: 'cached', reader: 'succeeded' });
  });
});

describe('what a run is asked for with', () => {
  it('reaches the plan as its schema gives it, and stays on record as it was given', async () => {
    const { runId } = await engine.start({ pipeline: 'nightly', trigger: 'manual', params: { name: 'p' } });
    expect(await engine.finished(runId)).toBe('succeeded');
    const run = await getRun(bench.database, runId);
    expect(run).toMatchObject({ given: { name: 'p' }, params: { name: 'p', limit: 3 }, isForced: false });
  });

  it.each([
    ['nightly', {}, /expected string[\s\S]*name[\s\S]*It takes name \(string\), limit \(integer, 3 when absent\)/],
    ['nightly', { name: 'p', limit: 'many' }, /limit[\s\S]*It takes/],
    [GOALS_PIPELINE, {}, /It takes goals/],
    [GOALS_PIPELINE, { goals: [] }, /goals/],
    [
      GOALS_PIPELINE,
      { goals: [{ task: 'sing', params: {} }] },
      /No task is named "sing".*Registered: read, reader, roll/,
    ],
    [GOALS_PIPELINE, { goals: [{ task: 'roll', params: { nam: 'a' } }] }, /Params of task roll do not fit its schema/],
    [GOALS_PIPELINE, { goals: [{ task: 'roll' }], also: 1 }, /also/],
  ] as const)('is refused by %s before there is a run: %j', async (pipeline, params, words) => {
    const before = (await listRuns(bench.database)).items.length;
    const starting = engine.start({ pipeline, trigger: 'manual', params });
    await expect(starting).rejects.toMatchObject({ code: 'params_invalid' });
    await expect(starting).rejects.toThrow(words);
    expect((await listRuns(bench.database)).items).toHaveLength(before);
  });

  it('comes from no clock, so a pipeline whose params have no default cannot follow one', () => {
    const schedule = { pipeline: 'nightly', cron: '* * * * *', timeZone: 'UTC' };
    expect(() => engine.follow([schedule])).toThrow(/cannot run on a schedule.*default[\s\S]*name/);
  });

  it('is nothing for a pipeline that declares no params', async () => {
    const { database, artifacts, folder } = bench;
    const plain: Pipeline = {
      name: 'plain',
      description: '',
      plan: async ({ params }) => ({ kind: 'run', goals: [], params }),
    };
    const executor = inlineExecutor({ tasks: [], database, artifacts, folder });
    const other = createEngine({ database, artifacts, tasks: [], pipelines: [plain], executor });
    try {
      const starting = other.start({ pipeline: 'plain', trigger: 'manual', params: { day: 1 } });
      await expect(starting).rejects.toThrow('Pipeline plain takes no params; got day.');
    } finally {
      await other.close(0);
    }
  });

  it('belongs to a name that no other pipeline can take', () => {
    const { database, artifacts, folder } = bench;
    const mine: Pipeline = { ...nightly, name: GOALS_PIPELINE };
    const executor = inlineExecutor({ tasks: [], database, artifacts, folder });
    expect(() => createEngine({ database, artifacts, tasks: [], pipelines: [mine], executor })).toThrow(/Rename it/);
  });
});
