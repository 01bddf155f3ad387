import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type AnyTask, blob, defineTask, type Engine, getRun, listRuns, type Pipeline, pinRun } from '#engine';
import { type CleanupOptions, cleanupPipeline, cleanupRegistry, cleanupTasks } from '#pipelines';
import { createWorld, type World } from '../world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.clear();
  for await (const { digest } of world.artifacts.list()) await world.artifacts.delete(digest);
  await world.database.query('truncate predictions, prediction_requests, pins, collections, collection_items');
});

const make = defineTask({
  name: 'make-bytes',
  version: '1',
  params: z.object({ text: z.string() }),
  outputs: { bytes: blob() },
  run: async ({ params, blob: put }) => ({ bytes: await put(Buffer.from(params.text)) }),
});
let texts: readonly string[] = [];
const making: Pipeline = {
  name: 'making',
  description: 'Makes what the test asks for.',
  plan: async () => ({ kind: 'run', goals: texts.map((text) => make.goal({ text })), params: {} }),
};

function start(options: Partial<CleanupOptions> = {}): Engine {
  const { database, artifacts } = world;
  const given: CleanupOptions = {
    ...{ database, artifacts, roots: [], sinks: [], folders: {}, tasks: () => tasks },
    ...{
      runDays: null,
      predictionDays: null,
      checkDays: null,
      alertDays: null,
      unusedDays: null,
      supersededDays: 30,
      graceHours: 0,
    },
    ...{ forgetRecords: async () => 0, ...options },
  };
  const cleanup = cleanupTasks(given);
  const tasks: readonly AnyTask[] = [...cleanupRegistry(cleanup), make];
  return world.engine({ tasks, pipelines: [making, cleanupPipeline(given, cleanup)] });
}

async function run(engine: Engine, pipeline: string): Promise<string> {
  const { runId } = await engine.start({ pipeline, trigger: 'manual' });
  expect(await engine.finished(runId)).toBe('succeeded');
  return runId;
}

const makeOld = async (days: number): Promise<void> => {
  await world.database.query(
    `update runs set created_at = created_at - $1 * interval '1 day', ended_at = ended_at - $1 * interval '1 day'`,
    [days],
  );
  await world.database.query(`update manifests set created_at = created_at - $1 * interval '1 day'`, [days]);
};

async function outputsOf(runId: string): Promise<Record<string, unknown>> {
  const rows = await world.database.query<{ task: string; outputs: Record<string, { value: unknown }> }>(
    `select t.task, m.outputs from task_runs t join manifests m using (version) where t.run_id = $1`,
    [runId],
  );
  return Object.assign(
    {},
    ...rows.map(({ outputs }) => Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]))),
  );
}

const runsOf = async (pipeline: string) => (await listRuns(world.database, { pipeline })).items.map(({ id }) => id);

describe('the cleanup pipeline', () => {
  it('forgets runs that ended long ago, but for the last of each pipeline and those pinned', async () => {
    texts = ['a'];
    const engine = start({ runDays: 30 });
    const old = [await run(engine, 'making'), await run(engine, 'making'), await run(engine, 'making')];
    await pinRun(world.database, old[1] ?? '', { actor: 'ann', reason: 'looked at again in May' });
    await makeOld(31);
    const recent = await run(engine, 'cleanup');
    expect(await outputsOf(recent)).toMatchObject({ runs: 1, predictions: 0 });
    expect(await runsOf('making')).toEqual([old[2], old[1]]);
    expect(await getRun(world.database, old[0] ?? '')).toBeUndefined();
    expect(await runsOf('cleanup')).toEqual([recent]);
  });

  it('collects results that no run used for long, and their bytes, and leaves the others', async () => {
    // The bytes are of this very moment; the cleaning believes it is the next day.
    const effects = { now: () => new Date(Date.now() + 24 * 3_600_000) };
    const engine = start({ unusedDays: 10, runDays: 30, effects });
    texts = ['unused', 'used'];
    await run(engine, 'making');
    await makeOld(11);
    texts = ['used'];
    await run(engine, 'making');
    const cleanup = await run(engine, 'cleanup');
    expect(await outputsOf(cleanup)).toMatchObject({ collected: { versions: 1, blobs: 1, files: 0 } });
    const left = await world.database.query<{ text: string }>(
      `select params ->> 'text' as text from manifests where task = 'make-bytes'`,
    );
    expect(left).toEqual([{ text: 'used' }]);
    const [item] = await world.database.query(`select actor from collections`);
    expect(item).toEqual({ actor: 'cleanup pipeline' });
  });

  it('deletes predictions older than given, and the keys of their requests', async () => {
    await world.database.query(
      `insert into predictions (at, model, model_version, source, features, prediction, request, row_number)
       select clock_timestamp() - days * interval '1 day', 'm', 1, 'api', '{}', '1', 'request ' || days, 1
       from unnest(array[1, 9, 11]) as days`,
    );
    await world.database.query(
      `insert into prediction_requests (request, body_digest, at)
       select 'request ' || days, 'digest', clock_timestamp() - days * interval '1 day' from unnest(array[1, 9, 11]) as days`,
    );
    const cleanup = await run(start({ predictionDays: 10 }), 'cleanup');
    expect(await outputsOf(cleanup)).toMatchObject({ predictions: 1 });
    const left = await world.database.query('select request from predictions order by at');
    expect(left).toEqual([{ request: 'request 9' }, { request: 'request 1' }]);
    expect(await world.database.query('select request from prediction_requests order by at')).toEqual(left);
  });

  it('deletes counts of requests of the time of such predictions', async () => {
    await world.database.query(
      `insert into request_counts (width, at, route, status, duration_ms, requests)
       select interval '1 hour', clock_timestamp() - days * interval '1 day', 'r' || days, '2xx', 1, 1 from unnest(array[9, 11]) as days`,
    );
    await run(start({ predictionDays: 10 }), 'cleanup');
    expect(await world.database.query('select route from request_counts')).toEqual([{ route: 'r9' }]);
  });

  it('deletes alerts older than given, but none of a rule that still fires', async () => {
    await world.database.query('truncate alerts, alert_rule_states cascade');
    await world.database.query(
      `insert into alerts (dedupe_key, kind, criticality, title, summary, rule_name, created_at)
       select rule || days, 'made', 'low', 't', 's', rule, clock_timestamp() - days * interval '1 day'
         from unnest(array[9, 11]) as days, unnest(array['fires', 'fired']) as rule`,
    );
    await world.database.query(
      `insert into alert_rule_states (rule, state, since, told, told_at, had_data, evaluated_at)
       values ('fires', 'firing', now(), 'firing', now(), true, now()), ('fired', 'resolved', now(), null, null, true, now())`,
    );
    const cleanup = await run(start({ alertDays: 10 }), 'cleanup');
    expect(await outputsOf(cleanup)).toMatchObject({ alerts: 1 });
    expect(await world.database.query('select dedupe_key as key from alerts order by 1')).toEqual([
      { key: 'fired9' },
      { key: 'fires11' },
      { key: 'fires9' },
    ]);
  });

  it('keeps everything when it is told to keep forever', async () => {
    texts = ['a'];
    const engine = start();
    const old = [await run(engine, 'making'), await run(engine, 'making')];
    await makeOld(10_000);
    await world.database.query(
      `insert into predictions (at, model, model_version, source, features, prediction, row_number) values ('2001-01-01', 'm', 1, 'api', '{}', '1', 1)`,
    );
    const cleanup = await run(engine, 'cleanup');
    expect(await outputsOf(cleanup)).toMatchObject({ runs: 0, predictions: 0, collected: { versions: 0, blobs: 0 } });
    expect(await runsOf('making')).toEqual([old[1], old[0]]);
    expect(await world.database.query('select from predictions')).toHaveLength(1);
  });

  it('cleans its own records after a month', async () => {
    const engine = start();
    await run(engine, 'cleanup');
    await makeOld(31);
    const second = await run(engine, 'cleanup');
    expect(await outputsOf(second)).toMatchObject({ collected: { versions: 4 } });
  });
});
