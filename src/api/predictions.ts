import { z } from 'zod';
import { listCursor, listSearch, listSort, moment, pageSize, timezone } from './list-query.ts';
import { version } from './version.ts';

export const PREDICTION_ROWS_MAX = 10_000;
export const PAGE_SIZE_MAX = 500;

export const source = z.enum(['webapp', 'scheduled', 'api']).meta({ id: 'Source' });
const cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** Features by column name; the contract lists them (`GET /api/contract`). */
export const featureRow = z.record(z.string(), cell).meta({ id: 'FeatureRow' });

/** A class, or a number. */
const predictedValue = z.union([z.string(), z.number()]).meta({ id: 'PredictedValue' });

/** One row to predict: its features and, where they are known, the columns with roles id and time. */
const givenRow = z.record(z.string(), cell).meta({
  id: 'GivenRow',
  description:
    'Features by column name. The columns with roles `id` and `time` may come with them: they are checked, stored, and returned as `rowId` and `rowTime`. A label and columns with role `meta` are left out.',
});

/** One row or many. */
export const predictBody = z.union([z.array(givenRow).min(1).max(PREDICTION_ROWS_MAX), givenRow]);

export const predictQuery = z.strictObject({
  version: version.optional().meta({ description: 'A version of the model; the champion unless set', examples: [1] }),
});

export const predictHeaders = z.object({
  'idempotency-key': z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({
      description: 'The same key returns the same answer and stores nothing twice',
      examples: ['2f1c9a52'],
    }),
  'x-weir-source': source.optional().meta({ description: 'What sends them; `api` unless set', examples: ['api'] }),
});

export const storedPrediction = z
  .object({
    predictionId: z.string(),
    at: z.iso.datetime(),
    source,
    modelVersion: z.string().meta({ description: 'model@version', examples: ['churn@3'] }),
    rowId: z.string().optional().meta({ description: "The row's own id, as text" }),
    rowTime: z.iso.datetime().optional().meta({ description: "The row's own time" }),
    features: featureRow,
    prediction: predictedValue,
    probability: z.number().optional(),
    actual: predictedValue
      .optional()
      .meta({ description: 'What really happened: the newest label of the row. Absent while none is known' }),
    observedAt: z.iso.datetime().optional().meta({ description: 'When `actual` was so' }),
    isCorrect: z.boolean().optional().meta({ description: 'Whether the predicted class is the actual one' }),
    error: z.number().optional().meta({ description: 'The predicted minus the actual number' }),
  })
  .meta({ id: 'StoredPrediction' });

export const predictAnswer = z
  .object({ modelVersion: z.string(), predictions: z.array(storedPrediction) })
  .meta({ id: 'PredictAnswer' });

export const pastPredictionsSort = listSort(['made']);

/** A date means the whole day in `timezone`; `from` and `to` are inclusive. Newest first. */
export const pastPredictionsQuery = z.strictObject({
  from: moment.optional().meta({ description: 'The first day or moment', examples: ['2026-03-01'] }),
  to: moment.optional().meta({ description: 'The last day or moment', examples: ['2099-12-31T12:00:00Z'] }),
  timezone,
  source: z.enum(['webapp', 'scheduled', 'api', 'all']).default('all').meta({ description: 'What sent the rows' }),
  model: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'A model with all its versions, or one version of it', examples: ['churn', 'churn@3'] }),
  rowId: z
    .string()
    .min(1)
    .max(2000)
    .optional()
    .meta({ description: 'Predictions for the row with this id', examples: ['4711'] }),
  sort: pastPredictionsSort,
  search: listSearch,
  cursor: listCursor(['-made', '2026-03-01T12:00:00.000000Z', '1']),
  limit: pageSize(PAGE_SIZE_MAX),
});

export const pastPredictions = z
  .object({
    items: z.array(storedPrediction),
    nextCursor: z.string().nullable(),
    total: z
      .object({ count: z.int(), isEstimate: z.boolean() })
      .optional()
      .meta({ description: 'How many there are on all pages, with the first page; beyond 10,000 an estimate' }),
    timezone: z.string(),
  })
  .meta({ id: 'PastPredictions' });

export type StoredPrediction = z.infer<typeof storedPrediction>;
export type PastPredictions = z.infer<typeof pastPredictions>;
export type PastPredictionsQuery = z.infer<typeof pastPredictionsQuery>;
