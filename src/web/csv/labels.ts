import type { ContractColumn } from '#api';
import { type CellProblem, columnWithRole, convertCell, normalise } from './convert.ts';

/** A label as it is sent: what happened to a row. */
export interface SentLabel {
  readonly rowId?: string;
  readonly predictionId?: string;
  readonly value: string | number | boolean;
  readonly observedAt?: string;
}

/** A line of a file of labels. */
export interface LabelLine {
  /** Counted from 1, header not included. */
  readonly number: number;
  /** What the row or the prediction is called, and its label, as they stand in the file. */
  readonly id: string;
  readonly text: string;
  /** Absent when there is a problem. */
  readonly label?: SentLabel;
  readonly problems: readonly CellProblem[];
}

export interface LabelTable {
  /** Names of the columns in the file. */
  readonly idName: string;
  readonly valueName: string;
  readonly lines: readonly LabelLine[];
}

interface LabelColumns {
  readonly id: ContractColumn;
  readonly value: ContractColumn;
}

/** The lines of a file of labels, its header first, by the contract. Throws when it lacks a column. */
export function convertLabels(lines: readonly (readonly string[])[], columns: readonly ContractColumn[]): LabelTable {
  const [id, value] = [columnWithRole(columns, 'id'), columnWithRole(columns, 'label')];
  if (id === undefined || value === undefined) throw new Error('Expected a contract with an id and a label.');
  const [header = [], ...body] = lines;
  const place = (names: readonly string[], own?: ContractColumn): number => placeOf(header, { names, own, columns });
  const prediction = place(['prediction_id']);
  const row = prediction === -1 ? place(['row_id', 'id'], id) : -1;
  const label = place(['value', 'label', 'actual'], value);
  const observed = place(['observed_at', 'observed']);
  if ((prediction === -1 && row === -1) || label === -1)
    throw new Error(
      `Expected the columns ${id.name} (or row_id, or prediction_id) and ${value.name} (or value); got ${header.join(', ')}.`,
    );
  const at = prediction === -1 ? row : prediction;
  const cells = body.map((line, index) => ({
    number: index + 1,
    ...{ id: line[at]?.trim() ?? '', text: line[label]?.trim() ?? '', observedAt: line[observed]?.trim() ?? '' },
  }));
  return {
    idName: header[at] ?? '',
    valueName: header[label] ?? '',
    lines: cells.map((each) => toLine(each, { id, value, isPrediction: prediction !== -1 })),
  };
}

interface Names {
  readonly names: readonly string[];
  /** The column of the contract, whose names count first. */
  readonly own: ContractColumn | undefined;
  readonly columns: readonly ContractColumn[];
}

/** The place of a column by its names; -1 when there is none. A general name never means another column of the contract. */
function placeOf(header: readonly string[], { names, own, columns }: Names): number {
  const others = columns.map(({ name }) => normalise(name));
  const general = names.map(normalise).filter((name) => !others.includes(name));
  const wanted = [...(own === undefined ? [] : [own.name, own.label].map(normalise)), ...general];
  const inFile = header.map(normalise);
  return wanted.map((name) => inFile.indexOf(name)).find((place) => place !== -1) ?? -1;
}

interface LabelCells {
  readonly number: number;
  readonly id: string;
  readonly text: string;
  readonly observedAt: string;
}

function toLine(
  { number, id, text, observedAt }: LabelCells,
  { isPrediction, ...columns }: LabelColumns & { readonly isPrediction: boolean },
): LabelLine {
  const named = isPrediction ? undefined : convertCell(id, { ...columns.id, nullable: false });
  const value = convertCell(text, { ...columns.value, nullable: false });
  const problems = [named, value].filter((cell) => cell?.kind === 'problem');
  if (isPrediction && !/^[1-9]\d{0,17}$/.test(id))
    problems.unshift({ kind: 'problem', field: 'prediction_id', expected: 'the id of a prediction', got: `"${id}"` });
  if (problems.length > 0 || value.kind === 'problem' || value.value === null) return { number, id, text, problems };
  const label = {
    ...(isPrediction ? { predictionId: id } : { rowId: id }),
    value: value.value,
    ...(observedAt !== '' && { observedAt }),
  };
  return { number, id, text, label, problems };
}
