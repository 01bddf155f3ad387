import { z } from 'zod';

export const PREDICTION_ROWS_MAX = 10_000;
export const PAGE_SIZE_MAX = 500;
// The largest integer of PostgreSQL.
const MODEL_VERSION_MAX = 2_147_483_647;

export const source = z.enum(['webapp', 'scheduled', 'api']).meta({ id: 'Source' });
const cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** One row of features by column name; the contract lists them (`GET /api/contract`). */
export const featureRow = z.record(z.string(), cell).meta({ id: 'FeatureRow' });

/** One row or many. */
export const predictBody = z.union([z.array(featureRow).min(1).max(PREDICTION_ROWS_MAX), featureRow]);

export const predictQuery = z.strictObject({
  version: z.coerce.number().int().positive().max(MODEL_VERSION_MAX).optional(),
});

/**
 * `idempotency-key`: the same key returns the same answer and stores nothing twice. `x-weir-source`: the client; `api`
 * when absent.
 */
export const predictHeaders = z.object({
  'idempotency-key': z.string().min(1).max(200).optional(),
  'x-weir-source': source.optional(),
});

export const storedPrediction = z
  .object({
    id: z.string(),
    at: z.iso.datetime(),
    source,
    modelVersion: z.string().meta({ description: 'model@version', examples: ['churn@3'] }),
    features: featureRow,
    prediction: z.union([z.string(), z.number()]),
    probability: z.number().optional(),
  })
  .meta({ id: 'StoredPrediction' });

export const predictAnswer = z
  .object({ modelVersion: z.string(), predictions: z.array(storedPrediction) })
  .meta({ id: 'PredictAnswer' });

/** A date means the whole day in `timezone`; `from` and `to` are inclusive. Newest first. */
export const pastPredictionsQuery = z.strictObject({
  from: z.union([z.iso.date(), z.iso.datetime({ offset: true })]).optional(),
  to: z.union([z.iso.date(), z.iso.datetime({ offset: true })]).optional(),
  timezone: z.string().max(60).default('UTC'),
  source: z.enum(['webapp', 'scheduled', 'api', 'all']).default('all'),
  model: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'A model with all its versions, or one version of it', examples: ['churn', 'churn@3'] }),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(PAGE_SIZE_MAX).default(50),
});

export const pastPredictions = z
  .object({
    items: z.array(storedPrediction),
    nextCursor: z.string().nullable(),
    timezone: z.string(),
  })
  .meta({ id: 'PastPredictions' });

export type StoredPrediction = z.infer<typeof storedPrediction>;
export type PastPredictions = z.infer<typeof pastPredictions>;
export type PastPredictionsQuery = z.infer<typeof pastPredictionsQuery>;
