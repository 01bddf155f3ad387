import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Engine, Params } from '#engine';
import { findJob, JOB_PIPELINE, listJobs, maybeJobOfRun, receiveFile, removeUnread } from '#pipelines';
import { ServerError, type ServerJobs } from '#server';
import type { Database } from '#store';
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

/** How runs over sent files are created. */
interface JobStart<R> {
  readonly database: Database;
  /** Where jobs find the files that were sent. */
  readonly folder: string;
  /** Creates the run, and does not wait for its end. */
  readonly start: (request: { readonly pipeline: string; readonly params: Params }) => Promise<R>;
}

/**
 * Puts a file where jobs find it, and creates the run that predicts it. A file that no run will read is removed: the run
 * could not be created, or it ended without a job.
 */
export async function sendJob<R extends { readonly runId: string }>(
  { name, content, version, isStored, by }: JobFile,
  { database, folder, start }: JobStart<R>,
): Promise<{ readonly run: R; readonly job: string | undefined }> {
  const { file } = await receiveFile({ folder, name, content });
  let run: R;
  try {
    run = await start({ pipeline: JOB_PIPELINE, params: { file, name, version, store: isStored, by } });
  } catch (error) {
    // Why there is no run says more than why its file is still there, which the cleanup removes later.
    await removeUnread(database, { folder, file }).catch(() => undefined);
    throw error;
  }
  const job = await maybeJobOfRun(database, run.runId);
  if (job === undefined) await rm(path.join(folder, file), { force: true });
  return { run, job };
}

/** The prediction jobs of a project, as its server offers them. */
export function serverJobs({ wiring: { database, paths, project }, engine }: JobsOptions): ServerJobs {
  return {
    create: async (file) => {
      const { run, job } = await sendJob(file, {
        ...{ database, folder: paths.predictionJobs },
        start: (request) => engine.start({ ...request, trigger: 'manual' }),
      });
      if (job !== undefined) return job;
      throw new ServerError('request_refused', `Run ${run.runId} predicts nothing: ${run.reason}`);
    },
    list: (page) => listJobs(database, { ...page, model: project.name }),
    find: (id) => findJob(database, id),
  };
}
