import { z } from 'zod';
import { protocolError } from './protocol-error.ts';
import type { Route } from './route.ts';

/** Types of numbers that a tensor may have, by the least and the greatest whole number; null for a fraction. */
export const TENSOR_NUMBERS = {
  UINT8: [0, 2 ** 8 - 1],
  UINT16: [0, 2 ** 16 - 1],
  UINT32: [0, 2 ** 32 - 1],
  UINT64: [0, Number.MAX_SAFE_INTEGER],
  INT8: [-(2 ** 7), 2 ** 7 - 1],
  INT16: [-(2 ** 15), 2 ** 15 - 1],
  INT32: [-(2 ** 31), 2 ** 31 - 1],
  INT64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  FP16: null,
  FP32: null,
  FP64: null,
} as const;
const datatype = z.enum([...(Object.keys(TENSOR_NUMBERS) as (keyof typeof TENSOR_NUMBERS)[]), 'BOOL', 'BYTES']);
const TENSORS_MAX = 10_000;
const NAME_LENGTH_MAX = 200;

const cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);
/** Settings of a request that clients send, such as `binary_data`; none changes an answer here. */
const parameters = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional();

const JSON_CELL = { type: ['string', 'number', 'boolean', 'null'] };

const tensor = z.strictObject({
  name: z.string().min(1).max(NAME_LENGTH_MAX).meta({ description: 'A column of the contract' }),
  shape: z.array(z.int().min(0)).min(1).max(2).meta({ description: '`[n]` or `[n, 1]`: one value for each row' }),
  datatype,
  parameters,
  // Its values are checked where they become rows: a schema of each value would take longer than predicting.
  data: z
    .custom<readonly unknown[]>(Array.isArray, {
      message:
        'a list of values as JSON (the extension for binary tensors is not supported; with tritonclient, call set_data_from_numpy(values, binary_data=False))',
    })
    .meta({
      description: 'The values; of shape `[n, 1]` also as a list of lists',
      type: 'array',
      items: { anyOf: [JSON_CELL, { type: 'array', items: JSON_CELL }] },
    }),
});

/** A request of the Open Inference Protocol: a tensor for each column. */
export const inferBody = z
  .strictObject({
    id: z.string().max(NAME_LENGTH_MAX).optional().meta({ description: 'Comes back in the answer' }),
    parameters,
    inputs: z.array(tensor).min(1).max(TENSORS_MAX),
    outputs: z
      .array(z.strictObject({ name: z.string().max(NAME_LENGTH_MAX), parameters }))
      .max(TENSORS_MAX)
      .optional()
      .meta({ description: 'Which outputs the answer has; all unless set' }),
  })
  .meta({ id: 'InferRequest' });

const outputTensor = z
  .object({ name: z.string(), datatype: z.string(), shape: z.array(z.int()), data: z.array(cell) })
  .meta({ id: 'OutputTensor' });
const tensorForm = z
  .object({ name: z.string(), datatype: z.string(), shape: z.array(z.int()) })
  .meta({ id: 'TensorForm', description: 'A tensor without its data; −1 in its shape is any number of rows' });

const inferAnswer = z
  .object({
    model_name: z.string(),
    model_version: z.string(),
    id: z.string().optional(),
    parameters: z.record(z.string(), z.int()).optional().meta({
      description:
        'How many values were changed as the contract allows, by column and change: `coerced.fare.comma`; absent when none was',
    }),
    outputs: z.array(outputTensor),
  })
  .meta({ id: 'InferAnswer' });
const inferenceModel = z
  .object({
    name: z.string(),
    versions: z.array(z.string()),
    platform: z.string(),
    inputs: z.array(tensorForm),
    outputs: z.array(tensorForm),
  })
  .meta({ id: 'InferenceModel' });
const readiness = z.object({ ready: z.boolean() });

const name = z.string().min(1).max(NAME_LENGTH_MAX).meta({ description: 'The model: it is named like the project' });
const ofModel = z.object({ name });
const ofVersion = z.object({
  name,
  version: z
    .string()
    .regex(/^(?:[1-9]\d{0,8}|champion|challenger)$/, 'a version such as 3, champion or challenger')
    .meta({ description: 'A version of the model: its number, `champion` or `challenger`', examples: ['1'] }),
});
/** The header of a request that may be sent again. */
export const keyHeaders = z.object({
  'idempotency-key': z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({
      description: 'The same key returns the same answer and stores nothing twice',
      examples: ['2f1c9a52'],
    }),
});

const described = { method: 'GET', tag: 'protocols', access: 'viewer', refusal: protocolError } as const;
const predicted = {
  method: 'POST',
  tag: 'protocols',
  access: 'operator',
  isChange: false,
  refusal: protocolError,
  headers: keyHeaders,
  body: inferBody,
  answer: inferAnswer,
} as const;
const MODEL = '/v2/models/:name';
const VERSION = `${MODEL}/versions/:version` as const;

/** The Open Inference Protocol, version 2, over HTTP: what clients of Triton, KServe and others speak. */
export const openInferenceRoutes = {
  inferenceServer: {
    ...described,
    path: '/v2',
    access: 'anyone',
    summary: 'Open Inference Protocol: the server and its extensions',
    answer: z.object({ name: z.string(), version: z.string(), extensions: z.array(z.string()) }),
  },
  inferenceLive: {
    ...described,
    path: '/v2/health/live',
    access: 'anyone',
    summary: 'Open Inference Protocol: is this process alive?',
    answer: z.object({ live: z.boolean() }),
  },
  inferenceReady: {
    ...described,
    path: '/v2/health/ready',
    access: 'anyone',
    summary: 'Open Inference Protocol: is there a champion? 503 until then',
    answer: readiness,
    unavailable: readiness,
  },
  inferenceModel: {
    ...described,
    path: MODEL,
    summary: 'Open Inference Protocol: inputs and outputs of the model',
    params: ofModel,
    answer: inferenceModel,
  },
  inferenceModelVersion: {
    ...described,
    path: VERSION,
    summary: 'Open Inference Protocol: inputs and outputs of a version of the model',
    params: ofVersion,
    answer: inferenceModel,
  },
  inferenceModelReady: {
    ...described,
    path: `${MODEL}/ready`,
    summary: 'Open Inference Protocol: can the champion predict?',
    params: ofModel,
    answer: z.object({ name: z.string(), ready: z.boolean() }),
  },
  inferenceModelVersionReady: {
    ...described,
    path: `${VERSION}/ready`,
    summary: 'Open Inference Protocol: can a version of the model predict?',
    params: ofVersion,
    answer: z.object({ name: z.string(), ready: z.boolean() }),
  },
  infer: {
    ...predicted,
    path: `${MODEL}/infer`,
    summary: 'Open Inference Protocol: predict rows, given as a tensor for each column, and store the predictions',
    params: ofModel,
  },
  inferVersion: {
    ...predicted,
    path: `${VERSION}/infer`,
    summary: 'Open Inference Protocol: predict rows with a version of the model',
    params: ofVersion,
  },
} as const satisfies Record<string, Route>;

export type InferBody = z.output<typeof inferBody>;
export type InferAnswer = z.output<typeof inferAnswer>;
export type TensorForm = z.output<typeof tensorForm>;
