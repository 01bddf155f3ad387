import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  createEngine,
  defineTask,
  type Engine,
  type Executor,
  folderSource,
  type Goal,
  getRun,
  inlineExecutor,
  type Pipeline,
  value,
} from '#engine';
import { createRetry } from '../../src/engine/records/retry-runs.ts';
import { createWorkbench, type Workbench } from './fixtures/workbench.ts';

let bench: Workbench;
let engine: Engine;
let executor: Executor;
let goals: readonly Goal[];
let isBroken: boolean;
const drawn: string[] = [];
const retaken: unknown[] = [];
let refusal: string | undefined;
let pipeline: Pipeline;

const number = z.object({ n: z.number() });
const first = defineTask({
  ...{ name: 'first', version: '1', params: number },
  outputs: { n: value<number>() },
  run: async ({ params }) => params,
});
const second = defineTask({
  ...{ name: 'second', version: '1', params: number },
  inputs: (params) => ({ first: first.goal(params) }),
  outputs: { n: value<number>() },
  run: async ({ inputs }) => {
    if (isBroken) throw new Error('broken');
    return { n: inputs.first.n };
  },
});

beforeAll(async () => {
  bench = await createWorkbench();
  await mkdir(path.join(bench.folder, 'texts'));
});
afterAll(() => bench.close());
beforeEach(() => {
  isBroken = true;
  const { database, artifacts, folder } = bench;
  const source = folderSource({ name: 'texts', folder: path.join(folder, 'texts'), pattern: '*.txt' });
  const names = defineTask({
    ...{ name: 'names', version: '1', params: number },
    inputs: () => ({ listed: source.partitions() }),
    outputs: { names: value<readonly string[]>() },
    run: async ({ inputs }) => {
      if (isBroken) throw new Error('broken');
      return { names: inputs.listed.names };
    },
  });
  pipeline = {
    name: 'asked',
    description: '',
    plan: async ({ runId }) => {
      drawn.push(runId);
      if (goals.length === 0) throw new Error('there is nothing to ask for');
      return { kind: 'run', goals, params: { drawn: `by run ${runId}` } };
    },
    retake: async ({ runId, params }) => {
      retaken.push({ runId, params });
      return refusal;
    },
  };
  const tasks = [first, second, names, ...source.tasks];
  executor = inlineExecutor({ tasks, database, artifacts, folder: path.join(folder, 'attempts') });
  engine = createEngine({ database, artifacts, tasks, executor, pipelines: [pipeline], isSoleOwner: true });
});
afterEach(async () => {
  await engine.close();
  await executor.close();
});

const start = async (asked: readonly Goal[]) => {
  goals = asked;
  const { runId } = await engine.start({ pipeline: 'asked', trigger: 'manual' });
  return { runId, state: await engine.finished(runId) };
};
const retry = async (runId: string) => {
  const { runId: again } = await engine.retry(runId);
  const state = await engine.finished(again);
  const run = await getRun(bench.database, again);
  return {
    runId: again,
    state,
    run,
    states: Object.fromEntries((run?.taskRuns ?? []).map((each) => [each.task, each.state])),
  };
};

describe('a run that is retried', () => {
  it('is a new run of the same goals and params: what is complete is found, what failed is computed', async () => {
    const { runId, state } = await start([second.goal({ n: 1 })]);
    expect(state).toBe('failed');
    isBroken = false;
    const again = await retry(runId);
    expect(again.states).toEqual({ first: 'cached', second: 'succeeded' });
    expect(again.run).toMatchObject({ state: 'succeeded', trigger: 'retry', params: { drawn: `by run ${runId}` } });
    expect(drawn).not.toContain(again.runId);
    expect(retaken).toContainEqual({ runId: again.runId, params: { drawn: `by run ${runId}` } });
    const [recorded] = await bench.database.query('select retry_of::text as of from runs where id = $1', [again.runId]);
    expect(recorded).toEqual({ of: runId });
    expect((await getRun(bench.database, runId))?.state).toBe('failed');
  });

  it('sees its sources as the first run saw them', async () => {
    await writeFile(path.join(bench.folder, 'texts', 'a.txt'), 'a');
    const { runId, state } = await start([{ task: 'names', params: { n: 1 } }]);
    expect(state).toBe('failed');
    await writeFile(path.join(bench.folder, 'texts', 'b.txt'), 'b');
    isBroken = false;
    const again = await retry(runId);
    expect(again.state).toBe('succeeded');
    const [made] = await bench.database.query(
      `select outputs -> 'names' -> 'value' as names from manifests where key = $1`,
      [again.run?.taskRuns.find(({ task }) => task === 'names')?.key],
    );
    expect(made).toEqual({ names: ['a'] });
  });

  it('is planned again when the first run never had a plan', async () => {
    const { runId, state } = await start([]);
    expect(state).toBe('failed');
    goals = [first.goal({ n: 2 })];
    const again = await retry(runId);
    expect(again.states).toEqual({ first: 'succeeded' });
    expect(drawn).toContain(again.runId);
  });

  it('continues after a crash before its plan was recorded', async () => {
    const { runId } = await start([second.goal({ n: 3 })]);
    isBroken = false;
    const { id } = await createRetry(bench.database, { runId, pipelineOf: () => pipeline });
    await engine.recover();
    expect(await engine.finished(id)).toBe('succeeded');
  });

  it('is refused, and is no run at all, when its pipeline cannot claim again what was drawn', async () => {
    const { runId } = await start([second.goal({ n: 4 })]);
    const count = () => bench.database.query<{ runs: string }>('select count(*) as runs from runs');
    const before = await count();
    refusal = 'it was taken.';
    await expect(engine.retry(runId)).rejects.toMatchObject({ code: 'retry_refused' });
    await expect(engine.retry(runId)).rejects.toThrow(`Run ${runId} cannot be retried: it was taken.`);
    expect(await count()).toEqual(before);
    refusal = undefined;
    isBroken = false;
    expect((await retry(runId)).state).toBe('succeeded');
  });

  it('must have ended, and be there', async () => {
    let go: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => {
      go = resolve;
    });
    const slow: Pipeline = {
      name: 'slow',
      description: '',
      plan: async () => {
        await waiting;
        return { kind: 'skip', reason: 'it took long', params: {} };
      },
    };
    const { database, artifacts } = bench;
    const other = createEngine({ database, artifacts, tasks: [], executor, pipelines: [slow] });
    const starting = other.start({ pipeline: 'slow', trigger: 'manual' });
    const [running] = await until(() =>
      database.query<{ id: string }>(`select id::text from runs where pipeline = 'slow'`),
    );
    await expect(other.retry(running?.id ?? '')).rejects.toThrow(/is queued; only one that has ended/);
    go();
    await starting;
    await other.close();
    await expect(engine.retry('404404')).rejects.toThrow('There is no run 404404.');
  });
});

/** Asks again until there is something. */
async function until<T>(ask: () => Promise<readonly T[]>): Promise<readonly T[]> {
  for (;;) {
    const found = await ask();
    if (found.length > 0) return found;
  }
}
