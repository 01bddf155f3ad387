import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  type AnyTask,
  acceptResults,
  createEngine,
  defineTask,
  type Engine,
  explainGoal,
  type Goal,
  inlineExecutor,
  listAcceptances,
  rows,
  value,
} from '#engine';
import { createWorkbench, type Workbench } from '../fixtures/workbench.ts';

let bench: Workbench;
let engines: Engine[];
beforeEach(async () => {
  bench = await createWorkbench();
  engines = [];
});
afterEach(async () => {
  for (const engine of engines) await engine.close();
  await bench.close();
});

/** Two tasks, the second of which reads the first. */
function tasksOf(versions: {
  readonly make: string;
  readonly use: string;
  readonly factor?: number;
  readonly more?: boolean;
}) {
  const make = defineTask({
    name: 'make',
    version: versions.make,
    params:
      versions.more === true ? z.object({ n: z.number(), unit: z.string().default('m') }) : z.object({ n: z.number() }),
    outputs: { made: value<number>() },
    run: async ({ params }) => ({ made: params.n * (versions.factor ?? 1) }),
  });
  const use = defineTask({
    name: 'use',
    version: versions.use,
    params: z.object({ n: z.number() }),
    inputs: ({ n }) => ({ from: (make as ReturnType<typeof defineTask>).goal({ n }) }),
    outputs: { used: value<string>(), written: rows() },
    run: async ({ params, rows: write }) => ({
      used: `used with code ${versions.use}`,
      written: await write('written', async (tx) => {
        await tx.query('delete from owned_rows where owner = $1', [String(params.n)]);
        await tx.query('insert into owned_rows values ($1, 1)', [String(params.n)]);
        return 1;
      }),
    }),
  });
  return [make, use];
}

const used = (n: number): Goal => ({ task: 'use', params: { n } });

async function run(tasks: readonly AnyTask[], goals: readonly Goal[]): Promise<Readonly<Record<string, string>>> {
  const { database, artifacts, folder } = bench;
  const executor = inlineExecutor({ tasks, database, artifacts, slots: 2, folder: `${folder}/attempts` });
  const asked = { name: 'asked', description: 'asks', plan: async () => ({ kind: 'run', goals, params: {} }) as const };
  const engine = createEngine({ database, artifacts, tasks, executor, pipelines: [asked] });
  engines.push(engine);
  const { runId } = await engine.start({ pipeline: 'asked', trigger: 'manual' });
  await engine.finished(runId);
  const states = await database.query<{ task: string; state: string }>(
    'select task, state from task_runs where run_id = $1',
    [runId],
  );
  return Object.fromEntries(states.map(({ task, state }) => [task, state]));
}

const accept = (tasks: readonly AnyTask[], options: { readonly task?: string; readonly isDryRun?: boolean } = {}) =>
  acceptResults({ ...bench, tasks, task: 'use', actor: 'ann', reason: 'only a log line changed', ...options });

describe('accepting results', () => {
  it('re-keys them to the current code, so that nothing is computed', async () => {
    await run(tasksOf({ make: '1', use: '1' }), [used(1), used(2)]);
    const now = tasksOf({ make: '1', use: '2' });
    expect(await accept(now)).toEqual({ accepted: 2, current: 0, refused: 0, refusals: [] });
    expect(await run(now, [used(1), used(2)])).toEqual({ make: 'cached', use: 'cached' });
    const outputs = await bench.database.query<{ value: string }>(
      `select outputs -> 'used' ->> 'value' as value from manifests where accepted_from is not null`,
    );
    expect(outputs).toEqual([{ value: 'used with code 1' }, { value: 'used with code 1' }]);
  });

  it('is on record, and an explanation says so', async () => {
    await run(tasksOf({ make: '1', use: '1' }), [used(1)]);
    const now = tasksOf({ make: '1', use: '2' });
    await accept(now);
    const [acceptance] = await listAcceptances(bench.database, { task: 'use' });
    expect(acceptance).toMatchObject({
      ...{ task: 'use', fromCode: 'version:1', toCode: 'version:2', actor: 'ann', reason: 'only a log line changed' },
    });
    const { goals } = await explainGoal({ ...bench, tasks: now }, used(1));
    expect(goals[0]).toMatchObject({
      state: 'complete',
      result: { version: acceptance?.toVersion, acceptedFrom: acceptance?.fromVersion, runId: null },
    });
  });

  it('refuses goals whose inputs would differ', async () => {
    await run(tasksOf({ make: '1', use: '1' }), [used(1)]);
    const now = tasksOf({ make: '2', use: '2', factor: 10 });
    expect(await accept(now)).toMatchObject({
      accepted: 0,
      refused: 1,
      refusals: [{ goal: { task: 'use', params: { n: 1 } }, because: 'its input from (make(n=1)) may become another' }],
    });
    await run(now, [{ task: 'make', params: { n: 1 } }]);
    const { refusals } = await accept(now);
    expect(refusals[0]?.because).toMatch(/^its input from \(make\(n=1\)\) was [0-9a-f]{12}, is [0-9a-f]{12}$/);
    expect(await listAcceptances(bench.database)).toEqual([]);
    expect(await run(now, [used(1)])).toEqual({ make: 'cached', use: 'succeeded' });
  });

  it('refuses goals whose params are others under the current schema', async () => {
    await run(tasksOf({ make: '1', use: '1' }), [used(1)]);
    const { refusals, accepted } = await accept(tasksOf({ make: '2', use: '1', more: true }), { task: 'make' });
    expect(accepted).toBe(0);
    expect(refusals).toEqual([
      { goal: { task: 'make', params: { n: 1 } }, because: 'its params are others under the current schema' },
    ]);
  });

  it('goes from need to what needs it', async () => {
    await run(tasksOf({ make: '1', use: '1' }), [used(1)]);
    const now = tasksOf({ make: '2', use: '2' });
    expect(await accept(now, { task: 'use' })).toMatchObject({ accepted: 0, refused: 1 });
    expect(await accept(now, { task: 'make' })).toMatchObject({ accepted: 1, refused: 0 });
    expect(await accept(now, { task: 'use' })).toMatchObject({ accepted: 1, refused: 0 });
    expect(await run(now, [used(1)])).toEqual({ make: 'cached', use: 'cached' });
  });

  it('refuses results that are not whole any more', async () => {
    await run(tasksOf({ make: '1', use: '1' }), [used(1)]);
    await bench.database.query('delete from sink_markers');
    expect((await accept(tasksOf({ make: '1', use: '2' }))).refusals).toMatchObject([
      { because: 'its output written is missing' },
    ]);
  });

  it('says in a dry run what it would do, and leaves what is current as it is', async () => {
    await run(tasksOf({ make: '1', use: '1' }), [used(1)]);
    const now = tasksOf({ make: '1', use: '2' });
    expect(await accept(now, { isDryRun: true })).toMatchObject({ accepted: 1, refused: 0 });
    expect(await accept(now, { isDryRun: true })).toMatchObject({ accepted: 1, refused: 0 });
    await accept(now);
    expect(await accept(now)).toEqual({ accepted: 0, current: 1, refused: 0, refusals: [] });
    expect(await listAcceptances(bench.database)).toHaveLength(1);
  });

  it('wants to know who does it and why', async () => {
    await expect(
      acceptResults({ ...bench, tasks: tasksOf({ make: '1', use: '1' }), task: 'use', actor: 'ann', reason: ' ' }),
    ).rejects.toThrow('needs who does it and why');
  });
});
