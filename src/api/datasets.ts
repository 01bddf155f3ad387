import { z } from 'zod';
import { pageSize } from './list-query.ts';

export const datasetsQuery = z.strictObject({ limit: pageSize(1000) });

export const datasetVersion = z
  .object({
    version: z.int(),
    digest: z.string().meta({ description: 'SHA-256 of its rows as CSV; `trainedOn.datasetVersion` of a model' }),
    sizeBytes: z.int(),
    rows: z.int(),
    unlabelled: z.int().meta({ description: 'Rows that wait for their label' }),
    replaced: z.int().meta({ description: 'Rows left out, because a later one has the same id' }),
    added: z.int().meta({ description: 'Rows that the version before does not have' }),
    removed: z.int(),
    changed: z.int(),
    /** What each source of the project gave. */
    parts: z.array(
      z.object({
        kind: z.enum(['sql', 'files', 'good-data']),
        description: z.string(),
        files: z.int(),
        rows: z.int(),
        bad: z.int().meta({ description: 'Rows that broke the contract and were left out' }),
      }),
    ),
    runId: z.string(),
    createdAt: z.iso.datetime(),
    trained: z.array(z.int()).meta({ description: 'Versions of the model that were trained on it' }),
  })
  .meta({ id: 'DatasetVersion' });

export const datasets = z.object({ model: z.string(), versions: z.array(datasetVersion) }).meta({ id: 'Datasets' });

export type DatasetVersion = z.infer<typeof datasetVersion>;
