import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Engine, Params } from '#engine';
import { findJob, JOB_PIPELINE, listJobs, maybeJobOfRun, receiveFile } from '#pipelines';
import { ServerError, type ServerJobs } from '#server';
import type { Wiring } from './wire.ts';

export interface JobsOptions {
  readonly wiring: Pick<Wiring, 'database' | 'paths' | 'project'>;
  readonly engine: Pick<Engine, 'start'>;
}

/** A file to predict, and how. */
export interface JobFile extends Omit<Parameters<ServerJobs['create']>[0], 'version'> {
  /** The champion when it is null. */
  readonly version: number | null;
}

/** Puts a file where jobs find it, and starts the run that predicts it. A file whose run could not be created is removed. */
export async function sendJob<R>(
  folder: string,
  { name, content, version, isStored, by }: JobFile,
  start: (request: { readonly pipeline: string; readonly params: Params }) => Promise<R>,
): Promise<R> {
  const { file } = await receiveFile({ folder, name, content });
  try {
    return await start({ pipeline: JOB_PIPELINE, params: { file, name, version, store: isStored, by } });
  } catch (error) {
    await rm(path.join(folder, file), { force: true });
    throw error;
  }
}

/** The prediction jobs of a project, as its server offers them. */
export function serverJobs({ wiring: { database, paths, project }, engine }: JobsOptions): ServerJobs {
  return {
    create: async (job) => {
      const { runId, reason } = await sendJob(paths.predictionJobs, job, (request) =>
        engine.start({ ...request, trigger: 'manual' }),
      );
      const id = await maybeJobOfRun(database, runId);
      if (id === undefined) throw new ServerError('request_refused', `Run ${runId} predicts nothing: ${reason}`);
      return id;
    },
    list: (page) => listJobs(database, { ...page, model: project.name }),
    find: (id) => findJob(database, id),
  };
}
