import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTask, inlineExecutor, value } from '#engine';
import { createTestEngine, createWorkbench, type TestEngine, type Workbench } from './fixtures/workbench.ts';

let bench: Workbench;
const engines: TestEngine[] = [];
beforeAll(async () => {
  bench = await createWorkbench();
});
afterAll(async () => {
  await Promise.all(engines.map((engine) => engine.close()));
  await bench.close();
});

const seen: unknown[] = [];
const query = defineTask({
  name: 'query',
  version: '1',
  params: z.object({ sql: z.string() }),
  outputs: { rows: value<readonly number[]>() },
  run: async ({ params }) => ({ rows: [...params.sql].map((letter) => letter.charCodeAt(0)) }),
});
const check = defineTask({
  name: 'check',
  version: '1',
  params: z.object({ above: z.number() }),
  reads: { queried: query },
  outputs: { good: value<readonly number[]>() },
  run: async ({ params, inputs }) => {
    seen.push(params);
    return { good: inputs.queried.rows.filter((each) => each > params.above) };
  },
});
const fit = defineTask({
  name: 'fit',
  version: '1',
  params: z.object({ times: z.number() }),
  reads: { checked: check, queried: query },
  priority: (params) => Object.keys(params).length,
  outputs: { share: value<number>() },
  run: async ({ params, inputs }) => {
    seen.push(params);
    return { share: (params.times * inputs.checked.good.length) / inputs.queried.rows.length };
  },
});
const tasks = [query, check, fit];

function open(): TestEngine {
  const executor = inlineExecutor({ ...bench, tasks, folder: `${bench.folder}/attempts` });
  const engine = createTestEngine(bench, { tasks, executor });
  engines.push(engine);
  return engine;
}

describe('a task that reads others', () => {
  it('passes the params of those tasks on to them, and runs with its own', async () => {
    const engine = open();
    expect(await engine.run([fit.goal({ sql: 'abcd', above: 98, times: 10 })])).toBe('succeeded');
    expect(seen).toEqual([{ above: 98 }, { times: 10 }]);
    const [row] = await bench.database.query<{ outputs: unknown }>(
      `select outputs from manifests where params ? 'times'`,
    );
    expect(row?.outputs).toMatchObject({ share: { value: 5 } });
  });

  it('is known by its own params: others that lead to equal inputs find its result', async () => {
    const engine = open();
    seen.length = 0;
    // The other query gives other rows, of which the same are good.
    expect(await engine.run([check.goal({ sql: 'abcd', above: 98 })])).toBe('succeeded');
    expect(await engine.run([fit.goal({ sql: 'abcd', above: 98, times: 3 })])).toBe('succeeded');
    expect(seen).toEqual([{ times: 3 }]);
    expect(await engine.states()).toEqual({ query: 'cached', check: 'cached', fit: 'succeeded' });
  });

  it('has the key of a task that states only these params and names its inputs itself', async () => {
    const byHand = defineTask({
      name: 'check',
      version: '1',
      params: z.object({ above: z.number() }),
      inputs: () => ({ queried: query.goal({ sql: 'abcd' }) }),
      outputs: { good: value<readonly number[]>() },
      run: async () => ({ good: [] }),
    });
    const own = [query, byHand];
    const executor = inlineExecutor({ ...bench, tasks: own, folder: `${bench.folder}/attempts` });
    const engine = createTestEngine(bench, { tasks: own, executor });
    engines.push(engine);
    expect(await engine.run([byHand.goal({ above: 98 })])).toBe('succeeded');
    expect(await engine.states()).toEqual({ query: 'cached', check: 'cached' });
  });

  it('refuses a goal without a param that only a task further up states', () => {
    expect(() => fit.goal({ above: 98, times: 1 } as never)).toThrow(/Params of task fit do not fit.*sql/s);
  });

  it('refuses a name that is read twice, and params whose names nobody can know', () => {
    const twice = defineTask({
      name: 'twice',
      version: '1',
      params: z.object({}),
      reads: { one: query },
      inputs: () => ({ one: query.goal({ sql: 'x' }) }),
      outputs: {},
      run: async () => ({}),
    });
    expect(() => twice.inputs({ sql: 'x' })).toThrow('has an input one both in `inputs` and in `reads`');
    const record = { name: 'loose', version: '1', params: z.record(z.string(), z.number()), outputs: {} };
    expect(() => defineTask({ ...record, reads: { one: query }, run: async () => ({}) })).toThrow(
      'Params of task loose must be a z.object',
    );
  });
});
