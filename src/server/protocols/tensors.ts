import { type InferAnswer, type InferBody, type MadePrediction, TENSOR_NUMBERS, type TensorForm } from '#api';
import type { Column, Contract } from '#contracts';
import type { FeatureRow } from '#ml';
import { ServerError } from '../errors.ts';
import { acceptedColumns } from '../predictions/contract-rows.ts';
import { assertRowCount } from '../predictions/read-rows.ts';

type Tensor = InferBody['inputs'][number];
type Cell = string | number | boolean | null;
type OutputTensor = InferAnswer['outputs'][number];

const SHOWN_CHARACTERS_MAX = 80;
const CLASS_PREFIX = 'probability of ';

/** The rows of tensors that hold one column each, of shape `[n]` or `[n, 1]`. */
export function toRows({ inputs }: Pick<InferBody, 'inputs'>, rowsMax: number): readonly FeatureRow[] {
  const [{ name: first = '', shape: [count = 0] = [] } = {}] = inputs;
  // Before there is an object for each of them.
  assertRowCount(count, rowsMax);
  const columns = new Map<string, readonly Cell[]>();
  for (const input of inputs) {
    if (columns.has(input.name)) throw invalid(`each input once; got ${show(input.name)} twice`);
    const values = valuesOf(input);
    if (values.length !== count)
      throw invalid(
        `as many values in each input; got ${count} of ${show(first)} and ${values.length} of ${show(input.name)}`,
      );
    columns.set(input.name, values);
  }
  return Array.from({ length: count }, (_, row) =>
    Object.fromEntries([...columns].map(([name, values]) => [name, values[row] ?? null])),
  );
}

function valuesOf({ name, shape, datatype, data }: Tensor): readonly Cell[] {
  const [rows = 0, width = 1] = shape;
  const values = data.flat();
  if (width !== 1 || values.length !== rows)
    throw invalid(
      `${show(name)} with shape [n] or [n, 1], one value for each row; got the shape [${shape}] and ${values.length} values`,
    );
  const isFit = fitOf(datatype);
  const strange = values.findIndex((value) => value !== null && !isFit(value));
  if (strange >= 0)
    throw invalid(
      `${inWords(datatype)} or null as values of ${show(name)}; got ${show(values[strange])} in row ${strange}`,
    );
  // Each was just seen to be of the type.
  return values as readonly Cell[];
}

function fitOf(datatype: Tensor['datatype']): (value: unknown) => boolean {
  if (datatype === 'BOOL') return (value) => typeof value === 'boolean';
  if (datatype === 'BYTES') return (value) => typeof value === 'string';
  const range = TENSOR_NUMBERS[datatype];
  if (range === null) return Number.isFinite;
  const [least, greatest] = range;
  // Only a number is a whole one.
  return (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= greatest;
}

function inWords(datatype: Tensor['datatype']): string {
  if (datatype === 'BOOL') return 'true, false (BOOL)';
  if (datatype === 'BYTES') return 'texts (BYTES)';
  const range = TENSOR_NUMBERS[datatype];
  return range === null
    ? `finite numbers (${datatype})`
    : `whole numbers from ${range[0]} to ${range[1]} (${datatype})`;
}

function show(value: unknown): string {
  // Infinity has no JSON.
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}…` : text;
}

/** Refuses outputs that no answer has, before anything is predicted and stored. */
export function assertOutputs(asked: InferBody['outputs'], contract: Contract): void {
  const names = modelTensors(contract).outputs.map(({ name }) => name);
  // Of a label without listed classes, only the model knows them.
  const isOpen = !names.some((name) => name.startsWith(CLASS_PREFIX)) && names.includes('probability');
  const seen = new Set<string>();
  for (const { name } of asked ?? []) {
    if (!names.includes(name) && !(isOpen && name.startsWith(CLASS_PREFIX)))
      throw invalid(`outputs among ${names.join(', ')}; got ${show(name)}`);
    // An answer may not grow with what is asked for.
    if (seen.has(name)) throw invalid(`each output once; got ${show(name)} twice`);
    seen.add(name);
  }
}

/** The outputs that were asked for, or all. */
export function toOutputs(predictions: readonly MadePrediction[], asked: InferBody['outputs']): OutputTensor[] {
  const all = outputsOf(predictions);
  return asked === undefined
    ? all
    : asked.map(({ name }) => all.find((output) => output.name === name) ?? classTensor(name, predictions));
}

/** The probabilities of a class; 0 where the model does not know it. */
function classTensor(name: string, predictions: readonly MadePrediction[]): OutputTensor {
  const label = name.slice(CLASS_PREFIX.length);
  const data = predictions.map(({ probabilities }) => probabilities?.[label] ?? 0);
  return { name, datatype: 'FP64', shape: [predictions.length], data };
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
    ...classes.map((name) => classTensor(`${CLASS_PREFIX}${name}`, predictions)),
    { name: 'prediction_id', datatype: 'BYTES', shape, data: predictions.map(({ predictionId = '' }) => predictionId) },
  ];
}

/** The inputs and outputs of the model as the protocol describes them. */
export function modelTensors(contract: Contract): {
  readonly inputs: TensorForm[];
  readonly outputs: TensorForm[];
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
      ...classesOf(label).map((name) => ({ name: `${CLASS_PREFIX}${name}`, datatype: 'FP64', shape })),
      { name: 'prediction_id', datatype: 'BYTES', shape },
    ],
  };
}

/** The classes that the contract lists. */
function classesOf(label: Column | undefined): readonly string[] {
  if (label?.kind === 'boolean') return ['true', 'false'];
  return label?.kind === 'category' ? label.categories : [];
}

function datatypeOf({ kind }: Column): string {
  if (kind === 'integer') return 'INT64';
  if (kind === 'number') return 'FP64';
  return kind === 'boolean' ? 'BOOL' : 'BYTES';
}

function invalid(expected: string): ServerError {
  return new ServerError('rows_invalid', `Expected ${expected}. Nothing was predicted.`);
}
