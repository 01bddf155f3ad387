import type { ContractColumn } from '#api';
import { type CsvRecord, type CsvTable, FAULTS_IN_WORDS, labelFileNames, readCell } from '#contracts/browser';
import { columnsByName, columnWithRole } from '../columns.ts';
import type { CellProblem } from './convert.ts';

/** A label as it is sent: what happened to a row. */
export interface SentLabel {
  readonly rowId?: string;
  readonly predictionId?: string;
  readonly value: string | number | boolean;
  readonly observedAt?: string;
}

/** A row of a file of labels. */
export interface LabelLine {
  /** Its line in the file, from 1. */
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

/** As in files that arrive: below the largest bigint, which no id reaches. */
const PREDICTION_ID = { kind: 'text', nullable: false, pattern: '^[1-9][0-9]{0,17}$' } as const;
const OBSERVED_AT = { kind: 'timestamp', nullable: true } as const;

/** The rows of a file of labels, by the contract. Throws when it lacks a column. */
export function convertLabels({ header = [], records }: CsvTable, columns: readonly ContractColumn[]): LabelTable {
  const [id, value] = [columnWithRole(columns, 'id'), columnWithRole(columns, 'label')];
  if (id === undefined || value === undefined) throw new Error('Expected a contract with an id and a label.');
  const names = labelFileNames({ columns: columnsByName(columns) }, header);
  const place = (name: string | undefined): number => (name === undefined ? -1 : header.indexOf(name));
  const places = {
    id: place(names.predictionId ?? names.rowId),
    value: place(names.value),
    observedAt: place(names.observedAt),
  };
  if (places.id === -1 || places.value === -1)
    throw new Error(
      `Expected the columns ${id.name} (or row_id, or prediction_id) and ${value.name} (or value); got ${header.join(', ')}.`,
    );
  const isPrediction = names.predictionId !== undefined;
  return {
    idName: header[places.id] ?? '',
    valueName: header[places.value] ?? '',
    lines: records.map((record) => toLine(record, { id, value, isPrediction, places, header })),
  };
}

interface LabelColumns {
  readonly id: ContractColumn;
  readonly value: ContractColumn;
  readonly isPrediction: boolean;
  readonly places: { readonly id: number; readonly value: number; readonly observedAt: number };
  readonly header: readonly string[];
}

function toLine(
  { line, cells, values, fault }: CsvRecord,
  { places, header, isPrediction, ...columns }: LabelColumns,
): LabelLine {
  const read = values ?? cells;
  const [id = '', text = '', observedAt = ''] = [places.id, places.value, places.observedAt].map((at) => read[at]);
  const about = { number: line, id: cells[places.id] ?? '', text: cells[places.value] ?? '' };
  if (fault !== undefined)
    return { ...about, problems: [{ field: '', expected: 'a row', got: FAULTS_IN_WORDS[fault] }] };
  const named = readCell(id, isPrediction ? PREDICTION_ID : { ...columns.id, nullable: false });
  const value = readCell(text, { ...columns.value, nullable: false });
  const observed = readCell(observedAt, OBSERVED_AT);
  const problems = [
    { field: header[places.id] ?? '', cell: named },
    { field: header[places.value] ?? '', cell: value },
    { field: header[places.observedAt] ?? '', cell: observed },
  ].flatMap(({ field, cell }) => ('value' in cell ? [] : [{ field, ...cell }]));
  if (problems.length > 0 || !('value' in value) || value.value === null) return { ...about, problems };
  const label = {
    ...(isPrediction ? { predictionId: id } : { rowId: id }),
    value: value.value,
    ...(observedAt !== '' && { observedAt }),
  };
  return { ...about, label, problems };
}
