import { createGunzip } from 'node:zlib';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type PredictionJob, type PredictionJobFormat, predictionResultPath, routes } from '#api';
import { ServerError } from '../errors.ts';
import type { ServerJob, ServerJobs } from '../options.ts';
import { toAskedVersion } from '../predictions/asked-version.ts';
import { attachment } from './attachment.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';
import { receivedBytes, registerBytes } from './received-bytes.ts';

const ENDED: readonly string[] = ['succeeded', 'failed', 'cancelled', 'skipped'];
const ADVICE = 'Split it with weir split, compress it with gzip, run weir predict here, or raise server.uploadMaxMb.';
const TYPES: Readonly<Record<PredictionJobFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
};

/** Files of rows that are predicted by a run, and what came of them. */
export function registerPredictionJobs(app: FastifyInstance, context: RouteContext): void {
  const { jobs, engine } = context;
  fulfil(app, routes.predictionJobs, {
    handle: async ({ query }) => {
      const { items, nextCursor } = await present(jobs).list(query);
      return { items: items.map(toPredictionJob), nextCursor };
    },
  });
  fulfil(app, routes.predictionJob, {
    handle: async ({ params }) => toPredictionJob(await jobOf(params.id, jobs)),
  });
  fulfil(app, routes.cancelPredictionJob, {
    handle: async ({ params: { id } }) => {
      const { state, runId } = await jobOf(id, jobs);
      if (ENDED.includes(state))
        throw new ServerError('run_ended', `Prediction job ${id} has ended as ${state}; it cannot be cancelled.`);
      await engine.cancel(runId, 'cancelled through the API');
      return toPredictionJob(await jobOf(id, jobs));
    },
  });
  registerCreation(app, context);
  registerResults(app, context);
}

function registerCreation(app: FastifyInstance, { jobs, limits, predictor, project }: RouteContext): void {
  registerBytes(app, (scope) =>
    fulfil(scope, routes.createPredictionJob, {
      handle: async ({ query, body, request }) => {
        const { name, store } = query;
        const known = present(jobs);
        // The version is fixed now, and known to be usable before the file is read. Nothing confirms it later.
        const asked = toAskedVersion(query.version, project.name);
        const { version } = await predictor.predict([], { version: asked, isLookedUp: true });
        const content = notEmpty(receivedBytes({ request, body, bytesMax: limits.uploadBytes, advice: ADVICE }));
        const id = await known.create({ name, content, version, isStored: store === 'true', by: senderOf(request) });
        return toPredictionJob(await jobOf(id, jobs));
      },
    }),
  );
}

function registerResults(app: FastifyInstance, { jobs, artifacts }: RouteContext): void {
  fulfil(app, routes.predictionJobResult, {
    handle: async ({ params: { id }, query: { format }, reply }) => {
      const { file, state, results } = await jobOf(id, jobs);
      if (results === null) throw unfinished(id, state);
      if ((await artifacts.stat(results[format])) === undefined)
        throw new ServerError(
          'output_missing',
          `The result of prediction job ${id} is no longer stored. Send the file again.`,
        );
      reply.type(TYPES[format]).header('content-disposition', attachment(`${stemOf(file)}-predictions.${format}`));
      if (reply.request.method === 'HEAD') return reply.send('');
      const content = await artifacts.read(results[format]);
      if (format === 'parquet') return reply.send(content);
      const text = createGunzip();
      // What cannot be read ends the answer early, so that no client takes a part for the whole.
      content.once('error', (error) => text.destroy(error));
      text.once('close', () => content.destroy());
      return reply.send(content.pipe(text));
    },
  });
}

function present(jobs: ServerJobs | undefined): ServerJobs {
  if (jobs === undefined) throw new ServerError('model_absent');
  return jobs;
}

async function jobOf(id: string, jobs: ServerJobs | undefined): Promise<ServerJob> {
  const job = await present(jobs).find(id);
  if (job !== undefined) return job;
  throw new ServerError(
    'prediction_job_unknown',
    `There is no prediction job ${JSON.stringify(id)}. GET /api/prediction-jobs lists those that exist.`,
  );
}

function unfinished(id: string, state: string): ServerError {
  const advice = ENDED.includes(state) ? 'Send the file again.' : `Ask for it when the job has ended.`;
  return new ServerError(
    'prediction_job_unfinished',
    `Expected prediction job ${id} to have succeeded; it is ${state}. ${advice}`,
  );
}

/** The blocks of a file that has some. */
async function* notEmpty(blocks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const block of blocks) {
    bytes += block.length;
    yield block;
  }
  if (bytes > 0) return;
  throw new ServerError(
    'request_invalid',
    'Expected the bytes of a file as the body; it is empty. Send the file itself, with curl --data-binary @FILE.',
  );
}

const senderOf = ({ identity }: FastifyRequest): string | null =>
  identity === undefined || identity.kind === 'local' ? null : identity.name;

/** The name of a file without its ending. */
const stemOf = (file: string): string =>
  file.replace(/(\.(csv|tsv|txt|ndjson|jsonl|json|parquet|pq))?(\.(gz|zst|bz2|zip))?$/i, '');

function toPredictionJob(job: ServerJob): PredictionJob {
  const { id, file, sizeBytes, format, state, reason, runId, model, version, isStored, by, summary, coerced, results } =
    job;
  return {
    ...{ id, file, sizeBytes, format, state, runId, isStored, by, summary, coerced },
    problem: reason,
    modelVersion: `${model}@${version}`,
    createdAt: job.createdAt.toISOString(),
    startedAt: job.startedAt?.toISOString() ?? null,
    endedAt: job.endedAt?.toISOString() ?? null,
    rows: { in: job.rowsIn, predicted: job.rowsPredicted, refused: job.rowsRefused },
    results:
      results === null
        ? []
        : (['csv', 'ndjson', 'parquet'] as const).map((each) => ({
            format: each,
            url: predictionResultPath(id, each),
          })),
  };
}
