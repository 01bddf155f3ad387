import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Route, routes } from '#api';
import { createEngine, defineTask, type Engine, type Executor, inlineExecutor, type Pipeline, value } from '#engine';
import type { ArtifactDriver, Database } from '#store';
import { createWorkbench, type Workbench } from '../engine/fixtures/workbench.ts';
import { parcelsProject } from './parcels.ts';
import { ask, createWorld, type Told, type World } from './world.ts';

const count = defineTask({
  ...{ name: 'count', version: '1', params: z.object({ n: z.number() }) },
  outputs: { n: value<number>() },
  run: async ({ params }) => params,
});
const grow = defineTask({
  ...{ name: 'grow', version: '1', params: z.object({ n: z.number() }) },
  inputs: ({ n }) => ({ next: { task: 'grow', params: { n: n + 1 } } }),
  outputs: { n: value<number>() },
  run: async ({ params }) => params,
});
/** Takes a text, and refuses each retry. */
const notes: Pipeline = {
  name: 'notes',
  description: '',
  params: z.strictObject({ text: z.string() }),
  plan: async ({ params }) => ({ kind: 'run', goals: [count.goal({ n: 1 })], params }),
  retake: async () => 'its file a.csv was ingested.',
};

let bench: Workbench;
let executor: Executor;
let engine: Engine;
let world: World;

/** An engine as a server has it, over the database of the bench. */
function engineOver({ database, artifacts }: { readonly database: Database; readonly artifacts: ArtifactDriver }) {
  const parts = { database, artifacts, tasks: [count, grow], executor, pipelines: [notes] };
  return createEngine({ ...parts, limits: { plannedDepth: 10 }, isSoleOwner: true });
}

beforeAll(async () => {
  bench = await createWorkbench();
  executor = inlineExecutor({ ...bench, tasks: [count, grow] });
  engine = engineOver(bench);
  const pipelines = ['notes', 'gone'].map((name) => ({ name, description: '' }));
  const schedules = [
    { pipeline: 'notes', cron: 'off', timeZone: 'UTC' },
    { pipeline: 'gone', cron: '* * * * *', timeZone: 'UTC' },
  ];
  world = await createWorld({ database: bench.database, engine, project: { ...parcelsProject, pipelines, schedules } });
});
afterAll(async () => {
  await world.server.close();
  await engine.close();
  await executor.close();
  await bench.close();
});

interface Refused {
  readonly what: string;
  readonly route: Route;
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly code: string;
}

const start = (name: string, params: unknown) => ({ route: routes.startRun, params: { name }, body: { params } });
const goals = (...asked: readonly unknown[]) => start('goals', { goals: asked });
const pausing = (pipeline: string) => ({
  ...{ route: routes.pauseSchedule, params: { pipeline }, body: { by: 'me', reason: 'a holiday' } },
});

const REFUSED: readonly Refused[] = [
  {
    ...{ what: 'a worker that nobody started', route: routes.drainWorker, params: { worker: 'host:1' } },
    ...{ body: { by: 'me', reason: 'it is slow' }, code: 'worker_unknown' },
  },
  { what: 'a pipeline that nobody defined', ...start('nobody', {}), code: 'pipeline_unknown' },
  { what: 'a pipeline that the engine lost', ...start('gone', {}), code: 'pipeline_unknown' },
  { what: 'a param that a pipeline does not take', ...start('notes', { day: 1 }), code: 'params_invalid' },
  { what: 'a param of another type', ...start('notes', { text: 7 }), code: 'params_invalid' },
  { what: 'a text that PostgreSQL cannot keep', ...start('notes', { text: 'a\u0000b' }), code: 'value_unfit' },
  { what: 'no goals', ...goals(), code: 'params_invalid' },
  { what: 'a goal of an unknown task', ...goals({ task: 'nobody', params: {} }), code: 'params_invalid' },
  { what: 'a goal whose params do not fit', ...goals({ task: 'count', params: { n: 'x' } }), code: 'params_invalid' },
  { what: 'a retry of an unknown run', route: routes.retryRun, params: { id: '404' }, code: 'run_unknown' },
  { what: 'a cancellation of an unknown run', route: routes.cancelRun, params: { id: '404' }, code: 'run_unknown' },
  { what: 'an unknown run', route: routes.run, params: { id: '404' }, code: 'run_unknown' },
  { what: 'a pause without a schedule', ...pausing('notes'), code: 'schedule_unknown' },
  { what: 'a pause of an unknown pipeline', ...pausing('nobody'), code: 'schedule_unknown' },
  { what: 'a pause without a reason', ...pausing('gone'), body: { by: 'me', reason: '' }, code: 'request_invalid' },
  { what: 'a wrong cursor of runs', route: routes.runs, query: { cursor: 'x' }, code: 'cursor_invalid' },
  { what: 'a wrong cursor of checks', route: routes.checks, query: { cursor: 'x' }, code: 'cursor_invalid' },
  { what: 'a wrong cursor of alerts', route: routes.alerts, query: { cursor: 'x' }, code: 'cursor_invalid' },
];

function expectRefusal(told: Told, code: string): void {
  expect(told.json).toMatchObject({ code });
  expect(told.json.detail).not.toContain('An internal error occurred');
  expect(told.status === 503 || (told.status >= 400 && told.status < 500)).toBe(true);
}

describe('over HTTP', () => {
  it.each(REFUSED)('$what is refused as $code, and never as a failure inside', async ({ route, code, ...question }) => {
    expectRefusal(await ask(world, route, question), code);
  });

  it('a retry that the pipeline refuses is refused with its reason', async () => {
    const { runId } = await engine.start({ pipeline: 'notes', trigger: 'manual', params: { text: 'a' } });
    await engine.finished(runId);
    const told = await ask(world, routes.retryRun, { params: { id: runId } });
    expectRefusal(told, 'retry_refused');
    expect(told).toMatchObject({ status: 409, json: { detail: expect.stringContaining('a.csv was ingested') } });
  });

  it('a retry of a run whose pipeline no longer exists is refused', async () => {
    const [run] = await bench.database.query<{ id: string }>(
      `insert into runs (pipeline, state, trigger, created_at, ended_at, settled_at)
       values ('former', 'failed', 'manual', now(), now(), now()) returning id::text`,
    );
    expectRefusal(await ask(world, routes.retryRun, { params: { id: run?.id ?? '' } }), 'pipeline_unknown');
  });

  it('a run that is too large fails with the limit as its reason', async () => {
    const told = await ask(world, routes.startRun, {
      ...{ params: { name: 'goals' }, body: { params: { goals: [{ task: 'grow', params: { n: 1 } }] } } },
    });
    expect(told).toMatchObject({ status: 200, json: { state: 'failed' } });
    const { json } = await ask(world, routes.run, { params: { id: told.json.runId } });
    expect(json.reason).toContain('engine.limits');
  });

  it('a start in an engine that is closed says that the server is shutting down', async () => {
    const closed = engineOver(bench);
    await closed.close();
    const closing = await createWorld({ database: bench.database, engine: closed, project: parcelsProject });
    const told = await ask(closing, routes.startRun, { params: { name: 'goals' }, body: { params: { goals: [] } } });
    await closing.server.close();
    expectRefusal(told, 'server_closing');
    expect(told.status).toBe(503);
  });
});
