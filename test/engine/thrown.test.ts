import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTask, type Goal, inlineExecutor, type Pipeline, value } from '#engine';
import { memoryArtifacts } from '#store';
import { tidyUp } from '../../src/engine/execute/attempt.ts';
import { THROWN, THROWN_NAMES, throwing } from './fixtures/throwing-tasks.ts';
import {
  createTestEngine,
  createWorkbench,
  inlineOn,
  processOn,
  type TestEngine,
  type Workbench,
} from './fixtures/workbench.ts';

let bench: Workbench;
const engines: TestEngine[] = [];
beforeAll(async () => {
  bench = await createWorkbench();
});
afterAll(async () => {
  for (const engine of engines) await engine.close();
  await bench.close();
});

function opened(engine: TestEngine): TestEngine {
  engines.push(engine);
  return engine;
}

/** The engine ends the run; nobody has to take it over. */
async function attemptsOf(engine: TestEngine, goals: readonly Goal[]) {
  const state = await engine.run(goals);
  const run = await engine.last();
  return { state, reason: run?.reason, attempts: run?.taskRuns.flatMap(({ attempts }) => attempts) ?? [] };
}

describe.each([
  ['inline', inlineOn],
  ['process', processOn],
] as const)('an attempt of the %s executor', (_, open) => {
  let engine: TestEngine;
  beforeAll(() => {
    engine = opened(createTestEngine(bench, { executor: open(bench) }));
  });

  it.each(['run', 'start', 'rows'] as const)('ends at once whatever it throws, from %s', async (from) => {
    const goals = THROWN_NAMES.map((what) => throwing.throwOddly.goal({ what, from }));
    const state = await engine.run(goals);
    const run = await engine.last();
    const ends = run?.taskRuns.map(({ params, attempts, state: end }) => {
      const error = attempts[0]?.error;
      const said = THROWN[params.what as keyof typeof THROWN][1];
      const { message = '', name, class: retryClass } = error ?? {};
      return [params.what, end, attempts.length, message.includes(said) ? said : message, typeof name, retryClass];
    });
    expect(state).toBe('failed');
    expect(ends).toEqual(THROWN_NAMES.map((what) => [what, 'failed', 1, THROWN[what][1], 'string', 'user']));
  });

  it('that is an item of a batch ends at once whatever it fails with', async () => {
    const { attempts } = await attemptsOf(
      engine,
      THROWN_NAMES.map((what) => throwing.failOddly.goal({ what })),
    );
    expect(attempts.map(({ outcome, error }) => [outcome, typeof error?.message])).toEqual(
      THROWN_NAMES.map(() => ['failed', 'string']),
    );
  });

  it('is skipped with what can be stored of its reason', async () => {
    const { state, reason } = await attemptsOf(engine, [throwing.skipOddly.goal({})]);
    expect([state, reason]).toEqual(['skipped', 'not\uFFFDnow \uFFFD']);
  });

  it('fails with what the database says of a result that it cannot take', async () => {
    const { state, attempts } = await attemptsOf(engine, [throwing.returnOddly.goal({})]);
    expect([state, attempts.length]).toEqual(['failed', 1]);
    expect(attempts[0]?.error?.message).toMatch(/^Its end could not be recorded: .*Unicode/);
  });

  it.each(['a BigInt', 'a NUL', 'a cycle'] as const)(
    'fails when it needs a goal with %s in its params',
    async (what) => {
      const { state, attempts } = await attemptsOf(engine, [throwing.needOddly.goal({ what })]);
      expect([state, attempts.length, attempts[0]?.error?.class]).toEqual(['failed', 1, 'user']);
    },
  );
});

describe('what an attempt leaves', () => {
  it('changes no outcome when it cannot be removed', async () => {
    const tried: string[] = [];
    const refuse = (what: string) => async () => {
      tried.push(what);
      throw new Error(`${what} is locked`);
    };
    const staged = { receipt: {} as never, temporary: '', publish: async () => undefined, discard: refuse('file') };
    await tidyUp({
      staged: [staged, staged],
      folder: { path: () => '', remove: refuse('folder') },
      held: { artifacts: memoryArtifacts(), release: refuse('path') },
    });
    expect(tried).toEqual(['file', 'file', 'folder', 'path']);
  });
});

describe('a run', () => {
  const planned = (plan: Pipeline['plan']) => {
    const executor = inlineOn(bench);
    const pipelines = [{ name: 'asked', description: 'Plans oddly.', plan }];
    return opened(createTestEngine(bench, { executor, pipelines }));
  };

  it.each(THROWN_NAMES)('fails when its plan throws %s', async (what) => {
    const engine = planned(() => Promise.reject(THROWN[what][0]()));
    expect(await engine.run([])).toBe('failed');
    expect((await engine.last())?.reason).toContain(THROWN[what][1]);
  });

  it.each<[string, unknown]>([
    ['a NUL', { a: 'b\0c' }],
    ['half a surrogate pair', { a: '\ud83d' }],
    ['a BigInt', { a: 1n }],
    ['a Date', { a: new Date(0) }],
    ['nothing', undefined],
  ])('fails when its params are no data: %s', async (_, params) => {
    const engine = planned(async () => ({ kind: 'run', goals: [], params: params as never }));
    expect(await engine.run([])).toBe('failed');
    expect((await engine.last())?.reason).toContain('must be JSON data');
  });

  it('is skipped, and cancelled, with what can be stored of the reason', async () => {
    const skipped = planned(async () => ({ kind: 'skip', reason: 'none\0here', params: {} }));
    expect(await skipped.run([])).toBe('skipped');
    expect((await skipped.last())?.reason).toBe('none\uFFFDhere');
    const hanging = defineTask({
      name: 'hanging',
      version: '1',
      params: z.object({}),
      outputs: { nothing: value<null>() },
      run: () => new Promise<never>(() => undefined),
    });
    const tasks = [hanging];
    const engine = opened(createTestEngine(bench, { tasks, executor: inlineExecutor({ ...bench, tasks }) }));
    const id = await engine.start([hanging.goal({})]);
    await engine.engine.cancel(id, 'not\0wanted');
    expect(await engine.engine.finished(id)).toBe('cancelled');
    expect((await engine.last())?.reason).toBe('not\uFFFDwanted');
  });

  it.each(['planned', 'needed'])('fails, and continues, when the priority of a task that is %s throws', async (how) => {
    const urgent = defineTask({
      name: 'urgent',
      version: '1',
      params: z.object({ how: z.string() }),
      outputs: { nothing: value<null>() },
      priority: () => {
        throw new Error('how urgent?');
      },
      run: async () => ({ nothing: null }),
    });
    const asks = defineTask({
      name: 'asks',
      version: '1',
      params: z.object({}),
      outputs: { nothing: value<null>() },
      run: async ({ need }) => need(urgent.goal({ how })),
    });
    const tasks = [urgent, asks];
    const engine = opened(createTestEngine(bench, { tasks, executor: inlineExecutor({ ...bench, tasks }) }));
    const state = await engine.run([how === 'planned' ? urgent.goal({ how }) : asks.goal({})]);
    expect(['failed', 'skipped']).toContain(state);
    expect((await engine.last())?.reason).toContain('how urgent?');
  });
});
