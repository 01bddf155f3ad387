import { z } from 'zod';
import { coerced } from './coercions.ts';
import { keyHeaders } from './open-inference.ts';
import { predictedValue } from './predictions.ts';
import { protocolError } from './protocol-error.ts';
import type { Route } from './route.ts';

const cells = z.array(z.unknown());
/** Parameters of a model, of which models here have none. */
const params = z.strictObject({}).nullish();
const records = z.array(z.record(z.string(), z.unknown()));
const columns = z.record(z.string(), z.unknown());

/** The forms of a body of MLflow's scoring protocol. The server checks it with messages of its own. */
export const invocationsBody = z
  .union([
    z.strictObject({
      dataframe_split: z.strictObject({ index: cells.optional(), columns: z.array(z.string()), data: z.array(cells) }),
      params,
    }),
    z.strictObject({ dataframe_records: records, params }),
    z.strictObject({ instances: z.union([records, columns]), params }),
    z.strictObject({ inputs: z.union([records, columns]), params }),
  ])
  .meta({ id: 'Invocations' });

const text = z.unknown().meta({ type: 'string' });
const probe = { method: 'GET', tag: 'protocols', access: 'anyone', refusal: protocolError } as const;

/** MLflow's scoring protocol: what `mlflow models serve` answers. */
export const mlflowRoutes = {
  invocations: {
    method: 'POST',
    path: '/invocations',
    tag: 'protocols',
    access: 'operator',
    summary: 'MLflow: predict rows, as JSON in one of four forms or as CSV, and store the predictions',
    isChange: false,
    refusal: protocolError,
    headers: keyHeaders,
    body: invocationsBody,
    otherBodies: { 'text/csv': text },
    answer: z.object({ predictions: z.array(predictedValue), coerced: coerced.optional() }),
  },
  mlflowPing: {
    ...probe,
    path: '/ping',
    summary: 'MLflow: does the server answer?',
    answer: text,
    answerType: 'text/plain',
  },
  mlflowHealth: {
    ...probe,
    path: '/health',
    summary: 'MLflow: does the server answer?',
    answer: text,
    answerType: 'text/plain',
  },
  mlflowVersion: {
    ...probe,
    path: '/version',
    summary: 'MLflow: the version of Weir',
    answer: text,
    answerType: 'text/plain',
  },
} as const satisfies Record<string, Route>;
