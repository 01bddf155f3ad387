import { type PredictionJob, predictionResultPath } from '#api';
import { at } from './made-up-times.ts';

const FORMATS = ['csv', 'ndjson', 'parquet'] as const;

/** Files that were sent to be predicted: one that is, one that failed, and one that was read to its end. */
export function makeJobs(nowMs: number): PredictionJob[] {
  const base = {
    ...{ sizeBytes: 4_200_000, format: 'csv' as const, runId: 'run-1000', modelVersion: 'titanic@3', by: 'ada' },
    ...{ isStored: true, problem: null, summary: null, coerced: null, startedAt: null, endedAt: null, results: [] },
  } satisfies Partial<PredictionJob>;
  return [
    {
      ...{ ...base, id: '3', file: 'manifest-1912.csv', state: 'running', createdAt: at(nowMs, 1) },
      rows: { in: 1_200_000, predicted: 430_000, refused: 12 },
    },
    {
      ...{ ...base, id: '2', file: 'manifest-broken.csv', state: 'failed', createdAt: at(nowMs, 20) },
      ...{ problem: 'Task check-prediction-file failed: the file cannot be read as text.' },
      rows: { in: null, predicted: 0, refused: 0 },
    },
    withResults({
      ...{ ...base, id: '1', file: 'manifest-1911.parquet', state: 'succeeded', createdAt: at(nowMs, 40) },
      ...{ format: 'parquet', isStored: false, coerced: { fare: { comma: 1_204 } } },
      rows: { in: 90_000, predicted: 90_000, refused: 0 },
    }),
  ];
}

/** The same job once it has succeeded. */
export const withResults = (job: PredictionJob): PredictionJob => ({
  ...{ ...job, state: 'succeeded' },
  results: FORMATS.map((format) => ({ format, url: predictionResultPath(job.id, format) })),
});
