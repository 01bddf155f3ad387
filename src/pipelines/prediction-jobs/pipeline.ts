import { z } from 'zod';
import { formatOf } from '#contracts';
import type { Pipeline, Plan, PlanRequest } from '#engine';
import { championOf } from '#ml';
import { contractIdentity } from '../contract-identity.ts';
import { definePipeline } from '../define-pipeline.ts';
import { PipelineError } from '../errors.ts';
import { createJob, maybePlannedJob, retakeJob } from './jobs.ts';
import type { JobOptions, jobTasks } from './tasks.ts';
import { withPath } from './with-path.ts';

/** A run of this pipeline is a prediction job. */
export const JOB_PIPELINE = 'prediction-job';

const jobParams = z.strictObject({
  /** The name that its sender gave, whose ending says the form of the file. */
  file: z.string().min(1).max(255),
  /** Of the file, which is among the artifacts. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  /** The version of the model; the champion unless set. */
  version: z.int().positive().nullable().default(null),
  store: z.boolean().default(true),
  by: z.string().max(200).nullable().default(null),
});
type JobParams = z.infer<typeof jobParams>;

/** Params of a planned run. */
const plannedParams = z.object({ job: z.string() });

/** Predicts the rows of a file that was sent, with a version that is fixed when the run is created. */
export function jobPipeline(options: JobOptions, tasks: ReturnType<typeof jobTasks>): Pipeline {
  return definePipeline<JobParams>({
    name: JOB_PIPELINE,
    description: 'Predicts the rows of one file that was sent, and keeps the result for download',
    params: jobParams,
    plan: (request) => planJob(request, { options, tasks }),
    retake: async ({ runId, params, database }) => {
      const { success, data } = plannedParams.safeParse(params);
      return success ? retakeJob(database, { runId, job: data.job }) : undefined;
    },
  });
}

async function planJob(
  { runId, params }: PlanRequest<JobParams>,
  { options, tasks }: { readonly options: JobOptions; readonly tasks: ReturnType<typeof jobTasks> },
): Promise<Plan> {
  const { database, artifacts, model, contract } = options;
  const { file, digest, store: isStored, by } = params;
  // A run that was planned before its process ended keeps its job, and the version that people were told.
  const known = await maybePlannedJob(database, runId);
  const version = known?.version ?? params.version ?? (await championOf(database, model))?.version;
  if (version === undefined)
    return { kind: 'skip', reason: `model ${model} has no champion yet: train one first`, params: {} };
  const sizeBytes = (await artifacts.stat(digest))?.sizeBytes;
  if (sizeBytes === undefined) throw missing(file);
  const identity = contractIdentity(contract);
  const request = { runId, file, digest, contract: identity, sizeBytes, model, version, isStored, by };
  const format = await withPath(artifacts, digest, (place) => formatOf(place, file));
  // Of JSON, results are one object on each line, whichever way it came.
  const ofJob = format === 'json-array' ? 'ndjson' : format;
  const { id: job } = known ?? (await createJob(database, { ...request, format: ofJob }));
  const goal = tasks.predictJobRows.goal({ job, file, digest, version, isStored, contract: identity });
  return { kind: 'run', goals: [goal], params: { job, file, version, store: isStored } };
}

function missing(file: string): PipelineError {
  return new PipelineError(
    'file_unselectable',
    `The file ${JSON.stringify(file)} that was sent to be predicted is no longer there. Send it with: weir predict FILE, or POST /api/prediction-jobs.`,
  );
}
