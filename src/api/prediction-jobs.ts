import { z } from 'zod';
import { coerced } from './coercions.ts';
import { fileName } from './files.ts';
import { listCursor, listSearch, listSort, PAGE_SIZE_MAX, pageSize } from './list-query.ts';
import { numberId } from './number-id.ts';
import { predictVersion } from './predictions.ts';
import type { Route } from './route.ts';

/** Formats of files to predict, and of results. */
export const predictionJobFormat = z.enum(['csv', 'ndjson', 'parquet']).meta({ id: 'PredictionJobFormat' });

const createQuery = z.strictObject({
  name: fileName.meta({
    description:
      'Name of the file; its ending says the format: .parquet, .ndjson, .jsonl or .json, else CSV. Text may be compressed: gzip, Zstandard, bzip2, or a zip of one file',
    examples: ['houses.csv'],
  }),
  version: predictVersion.optional(),
  store: z.enum(['true', 'false']).default('true').meta({
    description: 'Whether the predictions are stored with all others; with `false` only the result has them',
  }),
});

const jobsQuery = z.strictObject({
  sort: listSort(['created']),
  search: listSearch,
  cursor: listCursor(['-created', '2026-03-01T12:00:00.000000Z', '1']),
  limit: pageSize(PAGE_SIZE_MAX),
});

export const predictionJob = z
  .object({
    id: z.string(),
    file: z.string().meta({ description: 'The name that its sender gave' }),
    sizeBytes: z.int(),
    format: predictionJobFormat,
    state: z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled', 'skipped']),
    problem: z.string().nullable().meta({ description: 'Why it ended without a result; null while it has not' }),
    runId: z.string().meta({ description: 'The run that predicts it; a retry of that run takes its place' }),
    modelVersion: z.string().meta({ description: 'model@version, fixed when it was created', examples: ['churn@3'] }),
    isStored: z.boolean(),
    by: z.string().nullable().meta({ description: 'Who sent it; null without a login' }),
    createdAt: z.iso.datetime(),
    startedAt: z.iso.datetime().nullable(),
    endedAt: z.iso.datetime().nullable(),
    rows: z.object({
      in: z.int().nullable().meta({ description: 'Rows of the file; null until it was checked' }),
      predicted: z.int(),
      refused: z.int().meta({ description: 'Rows that have no prediction; the result says why of each' }),
    }),
    summary: z.string().nullable().meta({ description: 'What the check of the file found; null until it was checked' }),
    coerced: coerced.nullable().meta({
      description:
        'How many cells of the file were changed as the contract allows, by column and change; null when none was',
    }),
    results: z
      .array(z.object({ format: predictionJobFormat, url: z.string() }))
      .meta({ description: 'Where the result is; empty until the job has succeeded' }),
  })
  .meta({ id: 'PredictionJob' });

export const predictionJobs = z
  .object({ items: z.array(predictionJob), nextCursor: z.string().nullable() })
  .meta({ id: 'PredictionJobs' });

const id = z.object({ id: numberId });
const resultQuery = z.strictObject({
  format: predictionJobFormat.default('csv').meta({ description: 'Format of the file', examples: ['csv'] }),
});

const path = (job: string): string => `/api/prediction-jobs/${job}`;
/** The result of a job as a file. */
export const predictionResultPath = (job: string, format: z.infer<typeof predictionJobFormat>): string =>
  `${path(encodeURIComponent(job))}/result?format=${format}`;

/** The endpoints of prediction jobs; `routes` has them with all others. */
export const predictionJobRoutes = {
  predictionJobs: {
    method: 'GET',
    path: '/api/prediction-jobs',
    tag: 'predictions',
    access: 'viewer',
    summary: 'Files that were sent to be predicted, newest first',
    query: jobsQuery,
    answer: predictionJobs,
  },
  createPredictionJob: {
    method: 'POST',
    path: '/api/prediction-jobs',
    tag: 'predictions',
    access: 'operator',
    summary:
      'Predict the rows of a file of any length; the body is its bytes, and the answer comes before the predictions',
    query: createQuery,
    body: z.unknown().meta({ type: 'string', format: 'binary' }),
    isRaw: true,
    answer: predictionJob,
  },
  predictionJob: {
    method: 'GET',
    path: path(':id'),
    tag: 'predictions',
    access: 'viewer',
    summary: 'One prediction job with its progress',
    params: id,
    answer: predictionJob,
  },
  predictionJobResult: {
    method: 'GET',
    path: `${path(':id')}/result`,
    tag: 'predictions',
    access: 'viewer',
    summary: 'The rows of a prediction job with their predictions; those that were refused have a problem instead',
    params: id,
    query: resultQuery,
    answer: z.unknown().meta({ type: 'string', format: 'binary' }),
    answerType: 'application/octet-stream',
  },
  cancelPredictionJob: {
    method: 'POST',
    path: `${path(':id')}/cancel`,
    tag: 'predictions',
    access: 'operator',
    summary: 'Cancel a prediction job; predictions that are stored already stay',
    params: id,
    answer: predictionJob,
  },
} as const satisfies Readonly<Record<string, Route>>;

export type PredictionJob = z.infer<typeof predictionJob>;
export type PredictionJobFormat = z.infer<typeof predictionJobFormat>;
export type PredictionJobsQuery = z.infer<typeof jobsQuery>;
