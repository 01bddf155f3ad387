import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { errorBody, type PredictionJob, routes } from '#api';
import type { Engine } from '#engine';
import { jobDigests } from '#pipelines';
import { type DuckdbPool, fsArtifacts, openDuckdbPool } from '#store';
import { serverJobs } from '../../../src/app/serve/prediction-jobs.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { addChampion, createWorld, type World } from '../../server/world.ts';
import { type JobParts, jobEngine } from './job-engine.ts';

export interface JobsWorld extends Omit<World, 'engine'> {
  readonly engine: Engine;
  /** The version of the champion. */
  readonly version: number;
  /** Where artifacts and attempts are. */
  readonly folder: string;
  readonly duckdb: DuckdbPool;
  /** Whether a collection of garbage keeps a file that was sent. */
  isKept(payload: string | Buffer): Promise<boolean>;
  send(name: string, payload: string | Buffer, options?: SendOptions): Promise<Sent>;
  find(id: string): Promise<PredictionJob>;
  /** The job once its run has ended. */
  ended(id: string): Promise<PredictionJob>;
  result(id: string, format?: PredictionJob['format']): Promise<{ readonly type: unknown; readonly bytes: Buffer }>;
}

interface SendOptions {
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Sent {
  readonly status: number;
  readonly job: PredictionJob;
  /** The code of a refusal. */
  readonly code: string | undefined;
}

/** The digest of a file, as artifacts have it. */
export const digestOf = (payload: string | Buffer): string => createHash('sha256').update(payload).digest('hex');

/** A server with a model, whose engine runs prediction jobs. */
export async function createJobsWorld(around?: JobParts['around']): Promise<JobsWorld> {
  const folder = await mkdtemp(path.join(tmpdir(), 'weir-jobs-'));
  const database = await createTestDatabase();
  const artifacts = await fsArtifacts({ folder: path.join(folder, 'artifacts') });
  const duckdb = openDuckdbPool({ size: 2, threads: 1, memoryLimitMb: 256 });
  const engine = jobEngine({ database, artifacts, duckdb, folder, ...(around && { around }) });
  const project = { name: 'parcels' } as Parameters<typeof serverJobs>[0]['wiring']['project'];
  const jobs = serverJobs({ wiring: { database, artifacts, project }, engine });
  const world = await createWorld({ database, artifacts, duckdb, engine, jobs });
  const version = await addChampion({ ...world, artifacts });
  const { inject } = world.server;
  const find: JobsWorld['find'] = async (id) => {
    const { body } = await inject({ url: `/api/prediction-jobs/${id}` });
    return routes.predictionJob.answer.parse(JSON.parse(body));
  };
  return {
    ...{ ...world, artifacts, engine, version, find, folder, duckdb },
    isKept: async (payload) => (await jobDigests(database, [digestOf(payload)])).length > 0,
    send: async (name, payload, { query = {}, headers = {} } = {}) => {
      const answer = await inject({
        ...{ method: 'POST', url: '/api/prediction-jobs', query: { name, ...query }, payload },
        headers: { 'content-type': 'application/octet-stream', ...headers },
      });
      const json: unknown = answer.json();
      if (answer.statusCode !== 200)
        return { status: answer.statusCode, job: json as PredictionJob, code: errorBody.parse(json).code };
      return { status: 200, job: routes.createPredictionJob.answer.parse(json), code: undefined };
    },
    ended: async (id) => {
      await engine.finished((await find(id)).runId);
      return find(id);
    },
    result: async (id, format = 'csv') => {
      const answer = await inject({ url: `/api/prediction-jobs/${id}/result`, query: { format } });
      expect(answer.statusCode).toBe(200);
      return { type: answer.headers['content-type'], bytes: answer.rawPayload };
    },
    close: async () => {
      await engine.close();
      await world.close();
      await duckdb.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
