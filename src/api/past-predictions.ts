import { z } from 'zod';
import { FEATURE_PREFIX } from './feature-prefix.ts';
import { listCursor, listSearch, listSort, moment, PAGE_SIZE_MAX, pageSize, timezone } from './list-query.ts';
import { predictedValue, storedPrediction } from './predictions.ts';

export const pastPredictionsSort = listSort(['made']);

const yesOrNo = z.enum(['true', 'false']);
const key = z.string().min(1).max(2000);

/**
 * Which stored predictions: all filters must hold. A date means the whole day in `timezone`; `from` and `to` are
 * inclusive. Besides these there is a filter for each feature of the contract, which the server knows.
 */
const filter = {
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
  rowId: key.optional().meta({ description: 'Predictions for the row with this id', examples: ['4711'] }),
  request: key
    .optional()
    .meta({ description: 'Predictions of the request with this idempotency key', examples: ['2f1c9a52'] }),
  prediction: z
    .string()
    .max(2000)
    .optional()
    .meta({ description: 'The predicted class, or the predicted number', examples: ['yes'] }),
  'prediction.min': z.coerce
    .number()
    .optional()
    .meta({ description: 'Predicted numbers from this on, itself included', examples: [0] }),
  'prediction.max': z.coerce
    .number()
    .optional()
    .meta({ description: 'Predicted numbers up to this, itself included', examples: [1] }),
  labelled: yesOrNo.optional().meta({ description: 'Whether it is known what really happened', examples: ['true'] }),
  correct: yesOrNo.optional().meta({
    description: 'Whether the predicted class is what really happened; predictions without a label are neither',
    examples: ['false'],
  }),
  sort: pastPredictionsSort,
  search: listSearch,
} as const;

const page = {
  total: z.enum(['none', 'estimate', 'exact']).default('estimate').meta({
    description:
      'How the first page says how many there are on all pages. `exact` counts them and needs `from`; when that takes too long, it is an estimate',
  }),
  cursor: listCursor(['-made', '2026-03-01T12:00:00.000000Z', '1']),
  limit: pageSize(PAGE_SIZE_MAX),
} as const;

export const pastPredictionsQuery = withFeatures({ ...filter, ...page });
/** The predictions of an export: those of all pages. */
export const pastExportQuery = withFeatures(filter);

/** A query of these fields and of filters by feature, whose names depend on the contract; any other field is refused. */
function withFeatures<const S extends z.core.$ZodLooseShape>(shape: S) {
  return z.looseObject(shape).superRefine((query, context) => {
    const keys = Object.keys(query).filter((name) => !Object.hasOwn(shape, name) && !name.startsWith(FEATURE_PREFIX));
    if (keys.length > 0) context.addIssue({ code: 'unrecognized_keys', keys, input: query });
  });
}

export const pastPredictions = z
  .object({
    items: z.array(storedPrediction),
    nextCursor: z.string().nullable(),
    total: z.object({ count: z.int(), isExact: z.boolean() }).optional().meta({
      description:
        'How many there are on all pages, with the first page. Up to 10,000 they are counted; beyond, it is an estimate unless `total=exact`',
    }),
    lookedThrough: z.object({ rows: z.int(), to: z.iso.datetime() }).optional().meta({
      description:
        'Present where the page ended before it was full, because it had looked through this many predictions, the last one of that time. `nextCursor` continues there',
    }),
    timezone: z.string(),
  })
  .meta({ id: 'PastPredictions' });

/** Everything that is known of one prediction. */
export const pastPrediction = z
  .object({
    ...storedPrediction.shape,
    request: z.string().optional().meta({ description: 'The idempotency key of the request that it is of' }),
    rowNumber: z.int().meta({ description: 'Which row of its request it is, from 0' }),
    labels: z
      .array(
        z.object({
          value: z.union([predictedValue, z.boolean()]),
          observedAt: z.iso.datetime(),
          receivedAt: z.iso.datetime(),
          source: z.string().meta({ description: 'Who sent it' }),
        }),
      )
      .meta({ description: 'All labels of the row, the one that counts first; at most 100' }),
    origin: z
      .object({ file: z.string(), runId: z.string() })
      .optional()
      .meta({ description: 'Of a scheduled prediction: the file in good-data that the row was in, and the run' }),
  })
  .meta({ id: 'PastPrediction' });

export type PastPredictions = z.infer<typeof pastPredictions>;
export type PastPredictionsQuery = z.infer<typeof pastPredictionsQuery>;
export type PastExportQuery = z.infer<typeof pastExportQuery>;
export type PastPrediction = z.infer<typeof pastPrediction>;
