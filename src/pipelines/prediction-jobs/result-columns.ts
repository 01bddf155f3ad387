import { type Contract, duckdbTypeOf, identifier, literal, maybeColumnWithRole } from '#contracts';
import type { JobAnswer } from './job-predictor.ts';

/** One line of a result: which line of the file it is of, and what came of it. */
export type ResultLine = { readonly line: number } & JobAnswer;

/** Columns of a result that come before those of the features, as past predictions are exported. */
export const RESULT_COLUMNS = [
  'line',
  'prediction_id',
  'row_id',
  'row_time',
  'model_version',
  'prediction',
  'probability',
  'probabilities',
  'problem',
] as const;

type ResultColumn = (typeof RESULT_COLUMNS)[number];

/** A result as NDJSON: one object a line. */
export function toJsonLine({ line, ...answer }: ResultLine): string {
  if ('problem' in answer) return `${JSON.stringify({ line, problem: answer.problem })}\n`;
  const { predictionId, rowId, rowTime, modelVersion, prediction, probability, probabilities, features } =
    answer.prediction;
  const said = { predictionId, rowId, rowTime, modelVersion, prediction, probability, probabilities, features };
  return `${JSON.stringify({ line, ...said })}\n`;
}

/** The features of a contract, in its order. */
export const featuresOf = ({ columns }: Contract): readonly string[] =>
  Object.keys(columns).filter((name) => columns[name]?.role === 'feature');

export const csvHeader = (features: readonly string[]): string =>
  toCsv([...RESULT_COLUMNS, ...features.map((name) => `feature.${name}`)]);

/** A result as CSV; a text that a spreadsheet would run as a formula gets a quote mark in front. */
export function toCsvLine({ line, ...answer }: ResultLine, features: readonly string[]): string {
  const made = 'problem' in answer ? undefined : answer.prediction;
  const own: Readonly<Record<ResultColumn, unknown>> = {
    line,
    prediction_id: made?.predictionId,
    row_id: made?.rowId,
    row_time: made?.rowTime,
    model_version: made?.modelVersion,
    prediction: made?.prediction,
    probability: made?.probability,
    probabilities: made?.probabilities && JSON.stringify(made.probabilities),
    problem: 'problem' in answer ? answer.problem : undefined,
  };
  return toCsv([...RESULT_COLUMNS.map((name) => own[name]), ...features.map((name) => made?.features[name])]);
}

const toCsv = (cells: readonly unknown[]): string => `${cells.map(toCell).join(',')}\n`;

const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^[+-](\d+(\.\d*)?|\.\d+)?([eE][+-]?\d+)?$/;

/** An empty cell is none, a quoted empty one an empty text. */
function toCell(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = String(value);
  const safe = typeof value === 'string' && FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return safe === '' || /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** SQL that writes the lines of `toJsonLine` as a Parquet file. */
export function parquetSql(contract: Contract, { from, to }: { readonly from: string; readonly to: string }): string {
  const features = featuresOf(contract);
  const label = maybeColumnWithRole(contract, 'label');
  const kind = label === undefined ? undefined : contract.columns[label]?.kind;
  const predicted = kind === 'number' || kind === 'integer' ? 'DOUBLE' : 'VARCHAR';
  const fields = features.map((name) => `${identifier(name)} ${duckdbTypeOf(contract.columns[name]?.kind ?? 'text')}`);
  const columns = {
    line: 'BIGINT',
    predictionId: 'BIGINT',
    rowId: 'VARCHAR',
    rowTime: 'TIMESTAMPTZ',
    modelVersion: 'VARCHAR',
    prediction: predicted,
    probability: 'DOUBLE',
    probabilities: 'JSON',
    problem: 'VARCHAR',
    ...(features.length === 0 ? {} : { features: `STRUCT(${fields.join(', ')})` }),
  };
  const named = Object.entries(columns).map(([name, type]) => `${name}: ${literal(type)}`);
  const selected = [
    'line',
    'predictionId as prediction_id',
    'rowId as row_id',
    'rowTime as row_time',
    'modelVersion as model_version',
    'prediction',
    'probability',
    'probabilities::varchar as probabilities',
    'problem',
    ...features.map((name) => `features.${identifier(name)} as ${identifier(`feature.${name}`)}`),
  ];
  return `copy (select ${selected.join(', ')} from read_json(${literal(from)}, format = 'newline_delimited',
    compression = 'gzip', columns = {${named.join(', ')}})) to ${literal(to)} (format parquet, compression zstd)`;
}
