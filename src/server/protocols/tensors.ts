import { z } from 'zod';
import type { MadePrediction } from '#api';
import type { Column, Contract } from '#contracts';
import type { FeatureRow } from '#ml';
import { ServerError } from '../errors.ts';
import { acceptedColumns } from '../predictions/contract-rows.ts';

const NUMBERS = [
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP16',
  'FP32',
  'FP64',
] as const;
const cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const tensor = z.object({
  name: z.string().min(1),
  shape: z.array(z.int().min(0)).min(1).max(2),
  datatype: z.enum([...NUMBERS, 'BOOL', 'BYTES']),
  /** Absent where the data is binary, behind the JSON. */
  data: z.array(z.union([cell, z.array(cell)])).optional(),
});

/** A request of the Open Inference Protocol: a tensor for each column. */
export const inferRequest = z.object({
  id: z.string().max(200).optional(),
  inputs: z.array(tensor).min(1).max(10_000),
  outputs: z.array(z.object({ name: z.string() })).optional(),
});
export type InferRequest = z.infer<typeof inferRequest>;
type Tensor = z.infer<typeof tensor>;
type Cell = z.infer<typeof cell>;

/** The rows of tensors that hold one column each, of shape `[n]` or `[n, 1]`. */
export function toRows({ inputs }: InferRequest): readonly FeatureRow[] {
  const columns = inputs.map((input) => [input.name, valuesOf(input)] as const);
  const [first] = columns;
  const count = first?.[1].length ?? 0;
  const other = columns.find(([, values]) => values.length !== count);
  if (other !== undefined)
    throw invalid(`as many values in each input; got ${count} of ${first?.[0]} and ${other[1].length} of ${other[0]}`);
  return Array.from({ length: count }, (_, row) =>
    Object.fromEntries(columns.map(([name, values]) => [name, values[row] ?? null])),
  );
}

function valuesOf({ name, shape, datatype, data }: Tensor): readonly Cell[] {
  if (data === undefined)
    throw invalid(`the data of ${name} as JSON; the binary extension is not supported, so send binary_data=False`);
  const [rows = 0, width = 1] = shape;
  const values = data.flat();
  if (width !== 1 || values.length !== rows)
    throw invalid(
      `${name} with shape [n] or [n, 1], one value for each row; got [${shape}] and ${values.length} values`,
    );
  const wanted = datatype === 'BOOL' ? 'boolean' : datatype === 'BYTES' ? 'string' : 'number';
  const strange = values.find((value) => value !== null && typeof value !== wanted);
  if (strange !== undefined) throw invalid(`${datatype} data of ${name}; got ${JSON.stringify(strange).slice(0, 80)}`);
  return values;
}

export interface OutputTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data: readonly Cell[];
}

/** The outputs that were asked for, or all. */
export function toOutputs(predictions: readonly MadePrediction[], asked: InferRequest['outputs']): OutputTensor[] {
  const all = outputsOf(predictions);
  const unknown = asked?.find(({ name }) => !all.some((output) => output.name === name));
  if (unknown !== undefined)
    throw invalid(`outputs among ${all.map(({ name }) => name).join(', ')}; got ${JSON.stringify(unknown.name)}`);
  return asked === undefined ? all : asked.flatMap(({ name }) => all.filter((output) => output.name === name));
}

function outputsOf(predictions: readonly MadePrediction[]): OutputTensor[] {
  const shape = [predictions.length];
  const isNumber = typeof predictions[0]?.prediction === 'number';
  const classes = Object.keys(predictions[0]?.probabilities ?? {});
  return [
    {
      name: 'prediction',
      datatype: isNumber ? 'FP64' : 'BYTES',
      shape,
      data: predictions.map((one) => one.prediction),
    },
    ...(isNumber
      ? []
      : [
          { name: 'probability', datatype: 'FP64', shape, data: predictions.map(({ probability = 0 }) => probability) },
        ]),
    ...classes.map((name) => ({
      ...{ name: `probability of ${name}`, datatype: 'FP64', shape },
      data: predictions.map(({ probabilities }) => probabilities?.[name] ?? 0),
    })),
    { name: 'prediction_id', datatype: 'BYTES', shape, data: predictions.map(({ predictionId = '' }) => predictionId) },
  ];
}

/** The inputs and outputs of the model as the protocol describes them. */
export function modelTensors(contract: Contract): {
  readonly inputs: readonly Omit<OutputTensor, 'data'>[];
  readonly outputs: readonly Omit<OutputTensor, 'data'>[];
} {
  const { accepted } = acceptedColumns(contract);
  const label = Object.values(contract.columns).find(({ role }) => role === 'label');
  const isNumber = label?.kind === 'number' || label?.kind === 'integer';
  const shape = [-1];
  return {
    inputs: Object.entries(accepted.columns).map(([name, column]) => ({ name, datatype: datatypeOf(column), shape })),
    outputs: [
      { name: 'prediction', datatype: isNumber ? 'FP64' : 'BYTES', shape },
      ...(isNumber ? [] : [{ name: 'probability', datatype: 'FP64', shape }]),
      { name: 'prediction_id', datatype: 'BYTES', shape },
    ],
  };
}

function datatypeOf({ kind }: Column): string {
  if (kind === 'integer') return 'INT64';
  if (kind === 'number') return 'FP64';
  return kind === 'boolean' ? 'BOOL' : 'BYTES';
}

function invalid(expected: string): ServerError {
  return new ServerError('request_invalid', `Expected ${expected}.`);
}
