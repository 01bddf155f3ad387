import { z } from 'zod';
import { coerced } from './coercions.ts';
import { errorBody } from './errors.ts';
import { version } from './version.ts';

export const PREDICTION_ROWS_MAX = 10_000;
/** Rows of one request that are explained: some estimators predict hundreds of rows to explain one. */
export const EXPLAINED_ROWS_MAX = 100;
const ALIASES = ['champion', 'challenger'] as const;

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

/** A version of the model in an address: its number, an alias, or either behind the name of the model. */
export const predictVersion = z
  .union([version, z.enum(ALIASES), z.string().regex(/^.{1,200}@(?:[1-9]\d{0,8}|champion|challenger)$/u)])
  .meta({
    description: 'A version of the model: its number, `champion`, `challenger`, or `model@3`. The champion unless set',
    examples: [1],
  });

const flag = (usual: boolean) => z.enum(['true', 'false']).default(usual ? 'true' : 'false');

export const predictQuery = z.strictObject({
  version: predictVersion.optional(),
  store: flag(true).meta({
    description: 'Whether the predictions are stored; with `false` they have no ids and no dashboard counts them',
  }),
  explain: flag(false).meta({
    description: `Whether each prediction comes with what every column adds to it; of at most ${EXPLAINED_ROWS_MAX} rows`,
  }),
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
    coerced: coerced.optional(),
    prediction: predictedValue,
    probability: z.number().optional().meta({ description: 'Of the predicted class' }),
    probabilities: z
      .record(z.string(), z.number())
      .optional()
      .meta({ description: 'The probability of each class, by its name; absent where a number is predicted' }),
    latencyMs: z.number().optional().meta({
      description: 'Milliseconds from when the request had arrived until its rows were predicted, without storing them',
    }),
    actual: predictedValue
      .optional()
      .meta({ description: 'What really happened: the newest label of the row. Absent while none is known' }),
    observedAt: z.iso.datetime().optional().meta({ description: 'When `actual` was so' }),
    isCorrect: z.boolean().optional().meta({ description: 'Whether the predicted class is the actual one' }),
    error: z.number().optional().meta({ description: 'The predicted minus the actual number' }),
  })
  .meta({ id: 'StoredPrediction' });

export const explanation = z
  .object({
    of: z.enum(['number', 'probability', 'log-odds']).meta({
      description:
        'What `output` is: the predicted number, the probability of the class, or its log-odds against the other classes',
    }),
    class: z.string().optional().meta({ description: 'The class that is explained: the predicted one' }),
    output: z.number().meta({ description: '`base` and all contributions, added up' }),
    base: z.number().meta({ description: 'The mean output of the rows that are compared with' }),
    contributions: z
      .record(z.string(), z.number())
      .meta({ description: 'By how much each column that the model reads raises or lowers the output' }),
    isExact: z.boolean().meta({ description: 'Whether these are Shapley values, not an estimate from samples' }),
  })
  .meta({ id: 'Explanation' });

/** One prediction of an answer. */
export const madePrediction = z
  .object({
    ...storedPrediction.shape,
    predictionId: z.string().optional().meta({ description: 'Absent when it is not stored' }),
    at: z.iso.datetime().optional().meta({ description: 'When it was stored; absent when it is not' }),
    explanation: explanation.optional().meta({ description: 'With `explain=true`' }),
  })
  .meta({ id: 'MadePrediction' });

export const predictAnswer = z
  .object({
    modelVersion: z.string(),
    isStored: z.boolean().meta({ description: 'False for `store=false`: then no prediction has an id' }),
    coerced: coerced.optional(),
    predictions: z.array(madePrediction),
  })
  .meta({ id: 'PredictAnswer' });

/** Media type of streams: one JSON value on each line. */
export const NDJSON_TYPE = 'application/x-ndjson';

/** A line of a stream of rows. */
export const predictLine = givenRow;

const lineNumber = z.int().meta({ description: 'Number of the line of the body, from 1' });

/** A line of the answer to a stream: what came of one line of the body, and at last how many there were. */
export const predictLineAnswer = z.union([
  z.object({ line: lineNumber, ...madePrediction.shape }).meta({ id: 'LinePrediction' }),
  z
    .object({ line: lineNumber, problem: errorBody })
    .meta({ id: 'LineProblem', description: 'Why a line was not predicted; the lines after it are' }),
  z
    .object({
      end: z.object({
        isComplete: z.boolean().meta({ description: 'Whether the body was read to its end' }),
        predicted: z.int(),
        refused: z.int(),
        coerced: coerced.optional(),
        problem: errorBody.optional().meta({ description: 'Why the stream ended early' }),
      }),
    })
    .meta({ id: 'StreamEnd', description: 'The last line; a stream without it was cut off' }),
]);

export type MadePrediction = z.infer<typeof madePrediction>;

/** Whether a prediction of an answer is stored. */
export function isStoredPrediction(made: MadePrediction): made is MadePrediction & StoredPrediction {
  return made.predictionId !== undefined && made.at !== undefined;
}

export type StoredPrediction = z.infer<typeof storedPrediction>;
export type Explanation = z.infer<typeof explanation>;
