import type { Engine, Params } from '#engine';
import {
  arrivingContract,
  assertFileName,
  contractIdentity,
  findJob,
  JOB_PIPELINE,
  listJobs,
  type ModelProject,
  maybeJobOfRun,
  maybeSameJob,
} from '#pipelines';
import { ServerError, type ServerJobs } from '#server';
import type { ArtifactDriver, Database } from '#store';
import type { Wiring } from './wire.ts';

export interface JobsOptions {
  readonly wiring: Pick<Wiring, 'database' | 'artifacts' | 'project'>;
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
  readonly artifacts: ArtifactDriver;
  /** Creates the run, and does not wait for its end. */
  readonly start: (request: { readonly pipeline: string; readonly params: Params }) => Promise<R>;
}

/**
 * Keeps a file among the artifacts, where every machine reads it, and creates the run that predicts it. A file that no run
 * reads goes with the next collection of garbage.
 */
export async function sendJob<R extends { readonly runId: string }>(
  { name, content, version, isStored, by }: JobFile,
  { database, artifacts, start }: JobStart<R>,
): Promise<{ readonly run: R; readonly job: string | undefined }> {
  assertFileName(name);
  const { digest } = await artifacts.put(content);
  return startJob({ name, digest, version, isStored, by }, { database, start });
}

async function startJob<R extends { readonly runId: string }>(
  { name, digest, version, isStored, by }: Omit<JobFile, 'content'> & { readonly digest: string },
  { database, start }: Pick<JobStart<R>, 'database' | 'start'>,
): Promise<{ readonly run: R; readonly job: string | undefined }> {
  const run = await start({ pipeline: JOB_PIPELINE, params: { file: name, digest, version, store: isStored, by } });
  return { run, job: await maybeJobOfRun(database, run.runId) };
}

interface OnceOptions<R> extends JobStart<R> {
  readonly project: ModelProject;
}

/**
 * The same, unless a job predicts this file already, or has predicted it: with the same name, rows, contract, version and
 * wish to be stored. So what is asked again after an interruption goes on, and no row is predicted twice.
 */
export async function sendJobOnce(
  { content, ...file }: JobFile & { readonly version: number },
  { project, ...options }: OnceOptions<{ readonly runId: string }>,
): Promise<{ readonly runId: string; readonly job: string | undefined }> {
  const { database, artifacts } = options;
  const { digest } = await artifacts.put(content);
  const contract = contractIdentity(arrivingContract(project.contract));
  const asked = {
    file: file.name,
    digest,
    contract,
    model: project.name,
    version: file.version,
    isStored: file.isStored,
  };
  const same = await maybeSameJob(database, asked);
  if (same !== undefined) return { runId: same.runId, job: same.id };
  const { run, job } = await startJob({ ...file, digest }, options);
  return { runId: run.runId, job };
}

/** The prediction jobs of a project, as its server offers them. */
export function serverJobs({ wiring: { database, artifacts, project }, engine }: JobsOptions): ServerJobs {
  return {
    create: async (file) => {
      const { run, job } = await sendJob(file, {
        ...{ database, artifacts },
        start: (request) => engine.start({ ...request, trigger: 'manual' }),
      });
      if (job !== undefined) return job;
      throw new ServerError('request_refused', `Run ${run.runId} predicts nothing: ${run.reason}`);
    },
    list: (page) => listJobs(database, { ...page, model: project.name }),
    find: (id) => findJob(database, id),
  };
}
