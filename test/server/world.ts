import { pino } from 'pino';
import { expect } from 'vitest';
import { errorBody, PROBLEM_TYPE, type Route } from '#api';
import type { Contract } from '#contracts';
import { EngineError } from '#engine';
import {
  defineFeatures,
  evaluate,
  type FeatureRow,
  fitFeatures,
  goldenOf,
  knn,
  labelOf,
  promote,
  registerModel,
  toLabels,
  toMatrix,
} from '#ml';
import { createServer, type Server, type ServerOptions } from '#server';
import { type ArtifactDriver, type Database, memoryArtifacts } from '#store';
import { createTestDatabase } from '../postgres/create-test-database.ts';
import { parcels, parcelsProject } from './parcels.ts';

export { parcel } from './parcels.ts';

const trainingRows: readonly FeatureRow[] = Array.from({ length: 40 }, (_, index) => ({
  id: index,
  weight: index,
  size: index % 2 === 0 ? 'small' : 'large',
  fragile: index % 3 === 0,
  note: null,
  outcome: index < 20 ? 'kept' : 'broken',
}));

/** A running server over a real database, with everything around it that a test may want to look at. */
export interface World {
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  readonly server: Server;
  /** What the server was created with. */
  readonly options: ServerOptions;
  readonly engine: FakeEngine;
  readonly log: readonly string[];
  close(): Promise<void>;
}

/** Stands where the engine would: it notes what it is asked. */
export class FakeEngine {
  readonly started: string[] = [];
  readonly cancelled: string[] = [];
  readonly retried: string[] = [];
  /** What the last run was asked for with. */
  asked: unknown;
  /** Why params are refused, if they are. */
  paramsRefusal: string | undefined;
  readonly start: ServerOptions['engine']['start'] = async ({ pipeline, params, isForced }) => {
    if (this.paramsRefusal !== undefined) throw new EngineError('params_invalid', this.paramsRefusal);
    this.started.push(pipeline);
    this.asked = { params, isForced };
    return { runId: '1', state: 'queued' };
  };
  /** Why a retry is refused, if it is. */
  refusal: string | undefined;
  readonly retry: ServerOptions['engine']['retry'] = async (id) => {
    if (this.refusal !== undefined) throw new EngineError('retry_refused', this.refusal);
    this.retried.push(id);
    return { runId: '2', state: 'queued' };
  };
  readonly cancel: ServerOptions['engine']['cancel'] = async (id) => {
    this.cancelled.push(id);
  };
  readonly nextRuns: ServerOptions['engine']['nextRuns'] = () => [
    { pipeline: 'ingest', at: new Date('2030-01-01T00:00:00Z') },
  ];
}

export async function createWorld(options: Partial<ServerOptions> = {}): Promise<World> {
  const database = options.database ?? (await createTestDatabase());
  const artifacts = memoryArtifacts();
  const engine = new FakeEngine();
  const log: string[] = [];
  const write = (line: string): void => void log.push(line);
  const all: ServerOptions = {
    database,
    artifacts,
    engine,
    contract: parcels,
    project: parcelsProject,
    dashboards: [],
    logger: pino({ level: 'info' }, { write }),
    ...options,
  };
  const server = await createServer(all);
  const close = async (): Promise<void> => {
    await server.close();
    await database.close();
    const undocumented = log.filter((line) => line.includes('undocumented error'));
    expect(undocumented, 'errors that the documentation of their route lists').toEqual([]);
  };
  return { database, artifacts, server, options: all, engine, log, close };
}

export interface Training {
  readonly k?: number;
  readonly contract?: Contract;
  readonly rows?: readonly FeatureRow[];
  /** Columns that the model leaves out. */
  readonly omitted?: readonly string[];
}

/** Trains, registers and promotes; a larger `k` says other probabilities. */
export async function addChampion({ database, artifacts }: World, training: Training = {}): Promise<number> {
  const version = await addModel({ database, artifacts }, training);
  await promote(database, { model: 'parcels', version, alias: 'champion', actor: 'test', reason: 'test' });
  return version;
}

export async function addModel(
  { database, artifacts }: Pick<World, 'database' | 'artifacts'>,
  { k = 3, contract = parcels, rows = trainingRows, omitted = contract === parcels ? ['note'] : [] }: Training = {},
): Promise<number> {
  const estimator = knn({ k });
  const features = fitFeatures(
    defineFeatures({ columns: Object.fromEntries(omitted.map((column) => [column, 'omit'])) }),
    contract,
    { rows },
  );
  const label = labelOf(contract);
  const matrix = toMatrix(features, rows);
  const labels = toLabels(label, rows);
  const model = estimator.fit(matrix, labels);
  const { version } = await registerModel(database, artifacts, {
    model: 'parcels',
    estimator: { kind: estimator.kind, settings: estimator.settings },
    payload: model.payload(),
    features,
    label,
    evaluation: evaluate(model, { matrix, labels }),
    golden: goldenOf({ model, features }, rows.slice(0, 5)),
    trainedOn: { datasetVersion: 'parcels-1', rows: rows.length, split: { seed: 1, testShare: 0.2 } },
    codeKey: 'code-1',
    trainingKey: `training-${k}`,
  });
  return version;
}

export interface Question {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Sent as it is, for bodies that are no JSON. */
  readonly payload?: string;
}

export interface Told {
  readonly status: number;
  // What a test expects of it differs; every test compares it with what it expects.
  // biome-ignore lint/suspicious/noExplicitAny: an answer is read by many tests, each by its own shape
  readonly json: any;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** Asks one endpoint and holds its answer against the shape that `#api` promises, whether it went well or not. */
export async function ask({ server }: Pick<World, 'server'>, route: Route, question: Question = {}): Promise<Told> {
  const path = route.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(question.params?.[name] ?? ''));
  const given = Object.entries(question.query ?? {}).flatMap(([name, value]) =>
    [value].flat().map((each): [string, string] => [name, each]),
  );
  const query = new URLSearchParams(given).toString();
  const body = question.payload ?? (question.body === undefined ? undefined : JSON.stringify(question.body));
  const answer = await server.inject({
    method: route.method,
    url: query === '' ? path : `${path}?${query}`,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...question.headers },
    ...(body === undefined ? {} : { payload: body }),
  });
  const json: unknown = answer.json();
  const isHealth = route.tag === 'system';
  const isError = answer.statusCode !== 200 && !isHealth;
  (isError ? errorBody : route.answer).parse(json);
  if (isError) expect(answer.headers['content-type']).toBe(PROBLEM_TYPE);
  return { status: answer.statusCode, json, headers: answer.headers, text: answer.body };
}
