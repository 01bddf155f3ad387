import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CheckResult, saveCheck } from '#contracts';
import { recordDataset } from '#ml';
import { defaultRules, defineDashboard, saveWindow } from '#monitor';
import { findJob, type JobsQuery, listJobs, listWaiting, localPlaces, receiveFile } from '#pipelines';
import { openDuckdbPool } from '#store';
import { createTestDatabase } from '../postgres/create-test-database.ts';
import { houseRows, houses } from './houses.ts';
import { parcels } from './parcels.ts';
import { addChampion, addModel, createWorld, FakeEngine, type Training, type World } from './world.ts';

const dashboard = defineDashboard({
  ...{ id: 'overview', title: 'Overview', audience: 'people', refreshSeconds: 5 },
  ...{ windows: [{ label: '10 min', minutes: 10 }], defaultWindowMinutes: 10, variables: [], panels: [] },
});

const result: CheckResult = {
  ...{ contract: 'parcels', file: 'a.csv', digest: 'd'.repeat(64), sizeBytes: 100, durationMs: 3 },
  rows: { in: 1, good: 1, bad: 0, rejected: 0 },
  ...{ verdict: 'pass', criticality: 'low', violations: [], expectations: [], columns: [], summary: 'good' },
};

const loaded = { loadedAt: new Date(0), isWatching: true, problem: null };

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: 'path' | 'query' | 'header';
    readonly required: boolean;
    readonly example?: unknown;
    readonly schema: { readonly default?: unknown; readonly examples?: readonly unknown[] };
  }[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly examples?: Readonly<Record<string, { value: unknown }>> }>>;
  };
  readonly responses: Readonly<Record<string, unknown>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** A server with everything that an example may name: two model versions, a run, a check, a dataset and a folder. */
async function createFullWorld(training: Training & Required<Pick<Training, 'contract'>>) {
  const folder = await mkdtemp(path.join(tmpdir(), 'weir-examples-'));
  const database = await createTestDatabase();
  const cancel = async (id: string): Promise<void> => {
    await database.query(`update runs set state = 'cancelled', ended_at = now(), settled_at = now() where id = $1`, [
      id,
    ]);
  };
  const duckdb = openDuckdbPool({ size: 1 });
  const jobs = {
    list: (page: JobsQuery) => listJobs(database, { ...page, model: 'parcels' }),
    find: (id: string) => findJob(database, id),
    create: async () => '1',
  };
  const world = await createWorld({
    ...{ duckdb, jobs },
    ...{ database, contract: training.contract, dashboards: [dashboard], engine: { ...new FakeEngine(), cancel } },
    alertChannels: [{ name: 'teams', kind: 'teams', send: async () => ({ kind: 'accepted' }) }],
    alertRules: defaultRules({ hasModel: true, tolerance: 0.01, schedules: [] }),
    reload: { state: () => loaded, reload: async () => loaded },
    files: {
      receive: (name, content) => receiveFile({ folder, name, content }),
      list: () => listWaiting(database, { folder }),
      open: localPlaces.open,
      ofCheck: async () => ({
        runId: '1',
        parts: [
          { part: 'bad', path: 'bad-data/a.csv', sizeBytes: 1, identity: '1', file: fileURLToPath(import.meta.url) },
        ],
      }),
    },
  });
  await addModel(world, { ...training, k: 3 });
  await addChampion(world, { ...training, k: 5 });
  await database.query(
    `insert into runs (pipeline, state, trigger, created_at) values ('train', 'running', 'manual', now())`,
  );
  await database.query(
    `insert into alert_rule_states (rule, state, since, had_data, evaluated_at) values ('bad-rows', 'firing', now(), true, now())`,
  );
  await database.query(
    `insert into alerts (dedupe_key, kind, criticality, title, summary) values ('a', 'test', 'low', 'A', 'a')`,
  );
  await addWorker(world);
  await addJob(world, 'succeeded');
  await addJob(world, 'running');
  const { digest, sizeBytes } = await world.artifacts.put(Buffer.from('id\n1\n'));
  const counts = { rows: 1, unlabelled: 0, replaced: 0, added: 1, removed: 0, changed: 0 };
  const dataset = { model: 'parcels', digest, sizeBytes, contract: 'c', ...counts, parts: [], runId: '1' };
  await recordDataset(database, dataset);
  await saveCheck(database, { id: '1', result });
  await saveWindow(database, {
    ...{
      model: 'parcels',
      version: 2,
      stream: 'data',
      status: 'no-reference',
      rows: 1,
      sentence: 'No reference.',
      runId: '1',
    },
    ...{ from: new Date(0), to: new Date(1), sustained: { k: 3, n: 5 }, scores: [], unjudged: [], files: [] },
  });
  const close = async (): Promise<void> => {
    await world.close();
    await duckdb.close();
    await rm(folder, { recursive: true });
  };
  return { ...world, folder, close };
}

/** As the schema names one. */
async function addWorker({ database }: World): Promise<void> {
  await database.query(
    `insert into workers (id, name, version, runtime, labels, slots) values (gen_random_uuid(), 'render-3-4711', '0.1.0', 'r', '{default}', 1)`,
  );
}

async function addJob({ database, artifacts }: World, state: string): Promise<void> {
  const { digest } = await artifacts.put(gzipSync('line\n'));
  await database.query(
    `with run as (insert into runs (pipeline, state, trigger) values ('prediction-job', $2, 'manual') returning id)
     insert into prediction_jobs (run_id, file, size_bytes, format, model, model_version, is_stored,
       result_csv, result_ndjson, result_parquet)
     select id, 'a.csv', 1, 'csv', 'parcels', 1, true, $1, $1, $1 from run`,
    [digest, state],
  );
}

describe.each([
  { what: 'classes and whole numbers as ids', training: { contract: parcels } },
  {
    what: 'numbers, texts as ids and a time',
    training: { contract: houses, rows: houseRows, omitted: ['parish', 'lift'] },
  },
])('the documentation of a project with $what', ({ training }) => {
  let world: Awaited<ReturnType<typeof createFullWorld>>;
  let url: string;
  let operations: readonly Operation[];

  beforeAll(async () => {
    world = await createFullWorld(training);
    ({ url } = await world.server.listen({ port: 0 }));
    const { paths } = (await (await fetch(`${url}/docs/json`)).json()) as Document;
    operations = Object.entries(paths).flatMap(([at, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ ...operation, method, path: at })),
    );
  });
  afterAll(() => world.close());

  /** The status of an example that is sent through a socket, like the page does. */
  async function statusOf(operation: Operation, { isFull = false, ...request }: Request): Promise<number> {
    const values = operation.parameters.flatMap(({ name, in: place, required, example, schema }) => {
      const value = example ?? (isFull ? (schema.examples?.[0] ?? schema.default) : undefined);
      return value === undefined && !required ? [] : [{ name, place, value: String(value) }];
    });
    const inPlace = (wanted: string) => values.filter(({ place }) => place === wanted);
    const address = new URL(url);
    address.pathname = inPlace('path').reduce(
      (filled, { name, value }) => filled.replace(`{${name}}`, encodeURIComponent(value)),
      operation.path,
    );
    for (const { name, value } of inPlace('query')) address.searchParams.set(name, value);
    const headers = Object.fromEntries(inPlace('header').map(({ name, value }) => [name, value]));
    const { type, body } = request;
    const answer = await fetch(address, {
      method: operation.method.toUpperCase(),
      headers: { ...headers, ...(type === undefined ? {} : { 'content-type': type }) },
      ...(body === undefined ? {} : { body }),
    });
    await answer.body?.cancel();
    return answer.status;
  }

  it('has an example that is accepted for every route', async () => {
    const refused: string[] = [];
    for (const operation of operations) {
      for (const request of requestsOf(operation)) {
        const status = await statusOf(operation, request);
        expect(Object.keys(operation.responses)).toContain(String(status));
        if (status !== expectedStatus(operation))
          refused.push(`${operation.method} ${operation.path}: ${status} ${request.body ?? ''}`);
      }
    }
    expect(refused).toEqual([]);
  });

  it('has an example or a default for every parameter, and they are accepted together', async () => {
    const reads = operations.filter(({ method }) => method === 'get');
    const parameters = operations.flatMap(({ parameters: all }) => all);
    const bare = parameters.filter(({ schema }) => (schema.examples?.[0] ?? schema.default) === undefined);
    expect(bare.map(({ name }) => name)).toEqual([]);
    for (const operation of reads)
      expect([operation.path, await statusOf(operation, { isFull: true })]).toEqual([
        operation.path,
        expectedStatus(operation),
      ]);
  });
});

/** Task runs have names that no document can know before they ran. */
const OF_TASK_RUNS = '/api/v1/runs/{id}/task-runs/';
/** Examples hold neither the password of a user nor the token of a link that somebody got. */
const OF_LOGINS: Readonly<Record<string, number>> = {
  'post /api/v1/session': 401,
  'post /api/v1/session/setup': 410,
  'post /api/v1/session/password': 401,
};
const expectedStatus = ({ method, path: at }: Operation): number =>
  at.startsWith(OF_TASK_RUNS) ? 404 : (OF_LOGINS[`${method} ${at}`] ?? 200);

interface Request {
  readonly type?: string;
  readonly body?: string;
  /** Whether optional parameters are sent too. */
  readonly isFull?: boolean;
}

/** A request for each example of a body; one without a body for a route that takes none. */
function requestsOf({ requestBody }: Operation): readonly Request[] {
  if (requestBody === undefined) return [{}];
  return Object.entries(requestBody.content).flatMap(([type, { examples = {} }]) =>
    Object.values(examples).map(({ value }) => ({
      type,
      body: type === 'application/json' ? JSON.stringify(value) : String(value),
    })),
  );
}
