import { z } from 'zod';
import { version } from './version.ts';

export const PREDICTION_ROWS_MAX = 10_000;

export const source = z.enum(['webapp', 'scheduled', 'api']).meta({ id: 'Source' });
const cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** Features by column name; the contract lists them (`GET /api/contract`). */
export const featureRow = z.record(z.string(), cell).meta({ id: 'FeatureRow' });

/** A class, or a number. */
export const predictedValue = z.union([z.string(), z.number()]).meta({ id: 'PredictedValue' });

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

export type StoredPrediction = z.infer<typeof storedPrediction>;
