import type { ContractColumn } from '#api';
import { own } from '../own.ts';

export type Cell = string | number | boolean | null;
/** What is sent of a row. */
export type RowValues = Record<string, Cell>;

/** One cell that violates the contract. */
export interface CellProblem {
  readonly field: string;
  readonly expected: string;
  readonly got: string;
}
export type ConvertedCell =
  | { readonly kind: 'value'; readonly value: Cell }
  | ({ readonly kind: 'problem' } & CellProblem);

export interface ConvertedRow {
  /** Counted from 1, header not included. */
  readonly number: number;
  /** The cells as they stand in the file, one for each name of its header. */
  readonly cells: readonly string[];
  /** Those of them that are sent, by the contract's columns. */
  readonly texts: Readonly<Record<string, string>>;
  readonly values: RowValues;
  readonly problems: readonly CellProblem[];
}

export interface ConvertedTable {
  readonly header: readonly string[];
  readonly rows: readonly ConvertedRow[];
  /** Required features without a column in the file. */
  readonly missing: readonly ContractColumn[];
  /** Optional features without a column in the file. */
  readonly absent: readonly ContractColumn[];
  /** Columns of the contract that the file has, in the contract's order. */
  readonly given: readonly ContractColumn[];
  /** Columns of the file that are not sent. */
  readonly unused: readonly string[];
  /** Columns of the contract with two matching columns. */
  readonly repeated: readonly string[];
}

/** The first column with a role, if the contract has one. */
export function columnWithRole(
  columns: readonly ContractColumn[],
  role: 'id' | 'time' | 'label',
): ContractColumn | undefined {
  return columns.find((column) => column.role === role);
}

/** The columns that say which row it is; both may stay empty. */
export function identitiesOf(columns: readonly ContractColumn[]): ContractColumn[] {
  const found = [columnWithRole(columns, 'id'), columnWithRole(columns, 'time')];
  return found.flatMap((column) => (column === undefined ? [] : [{ ...column, nullable: true }]));
}

/** The columns that a prediction uses. */
export function featuresOf(columns: readonly ContractColumn[]): ContractColumn[] {
  return columns.filter(({ role }) => role === 'feature');
}

/**
 * Converts the text of a cell to its column's type, as a check of files does. The pattern of a text is left to the
 * server, whose dialect it uses; so is a fraction that JSON numbers round away.
 */
export function convertCell(text: string, column: ContractColumn): ConvertedCell {
  const { name, expected } = column;
  if (text === '') {
    if (column.nullable) return { kind: 'value', value: null };
    return { kind: 'problem', field: name, expected, got: 'nothing' };
  }
  const value = maybeValue(text, column.cell);
  if (value !== undefined && isWithin(value, column)) return { kind: 'value', value };
  return { kind: 'problem', field: name, expected, got: `"${text.slice(0, 60)}"` };
}

/** The typed text, without surrounding space, which a field does not show; texts keep it. */
export function asTyped(
  texts: Readonly<Record<string, string>>,
  columns: readonly ContractColumn[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    columns.map(({ name, kind }) => {
      const text = own(texts, name) ?? '';
      return [name, kind === 'text' && text.trim() !== '' ? text : text.trim()];
    }),
  );
}

function maybeValue(text: string, { json, isWhole, booleans, form, keeps }: ContractColumn['cell']): Cell | undefined {
  if (booleans !== undefined) {
    if (booleans.true.includes(text.toLowerCase())) return true;
    return booleans.false.includes(text.toLowerCase()) ? false : undefined;
  }
  if (form !== undefined && !new RegExp(`^(?:${form})$`).test(text)) return undefined;
  if (json !== 'number') return keeps === undefined ? text : text.slice(0, keeps);
  const value = Number(text);
  // Zero has no sign.
  return (isWhole === true ? Number.isSafeInteger(value) : Number.isFinite(value)) ? value + 0 : undefined;
}

/** Whether a value meets its column's limits. */
function isWithin(value: Cell, { categories, min, max, ...column }: ContractColumn): boolean {
  if (typeof value === 'number') return (min === undefined || value >= min) && (max === undefined || value <= max);
  if (categories !== undefined) return typeof value === 'string' && categories.includes(value);
  if (column.kind !== 'text') return true;
  const { lengthMin = 0, lengthMax = Number.POSITIVE_INFINITY } = column;
  const length = [...String(value)].length;
  return length >= lengthMin && length <= lengthMax;
}

/** All fields of one row at once. */
export function convertRow(
  texts: Readonly<Record<string, string>>,
  columns: readonly ContractColumn[],
): Pick<ConvertedRow, 'texts' | 'values' | 'problems'> {
  const values: [string, Cell][] = [];
  const problems: CellProblem[] = [];
  for (const column of columns) {
    const text = own(texts, column.name) ?? '';
    if (text === '' && column.role !== 'feature') continue;
    const cell = convertCell(text, column);
    if (cell.kind === 'value') values.push([column.name, cell.value]);
    else problems.push({ field: cell.field, expected: cell.expected, got: cell.got });
  }
  return { texts, values: Object.fromEntries(values), problems };
}

/** `Cabin Class`, `cabin_class` and `cabinClass` are the same name to people. */
export function normalise(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/** A parsed file, its first line the header, against the contract's features and the id and time of its rows. */
export function convertTable(
  lines: readonly (readonly string[])[],
  columns: readonly ContractColumn[],
): ConvertedTable {
  const [header = [], ...body] = lines;
  const features = featuresOf(columns);
  const sent = [...features, ...identitiesOf(columns)];
  const matches = header.map((name) => matchColumn(name, sent));
  const given = matches.filter((match) => match !== undefined);
  const notGiven = features.filter((feature) => !given.includes(feature));
  return {
    header,
    rows: body.map((line, index) => {
      const cells = header.map((_, at) => line[at] ?? '');
      const texts = Object.fromEntries(
        matches.flatMap((match, at) => (match === undefined ? [] : [[match.name, cells[at] ?? '']])),
      );
      const row = { number: index + 1, cells, ...convertRow(texts, sent) };
      return line.length <= header.length ? row : { ...row, problems: [tooLong(line, header), ...row.problems] };
    }),
    given: sent.filter((column) => given.includes(column)),
    missing: notGiven.filter(({ nullable }) => !nullable),
    absent: notGiven.filter(({ nullable }) => nullable),
    unused: header.filter((_, index) => matches[index] === undefined),
    repeated: [...new Set(given.filter((match, index) => given.indexOf(match) !== index).map(({ name }) => name))],
  };
}

function tooLong(line: readonly string[], header: readonly string[]): CellProblem {
  return { field: 'the row', expected: `${header.length} cells, as the header has`, got: `${line.length}` };
}

function matchColumn(name: string, columns: readonly ContractColumn[]): ContractColumn | undefined {
  const exact = columns.find((column) => column.name === name.trim());
  if (exact !== undefined) return exact;
  const wanted = normalise(name);
  return columns.find((column) => normalise(column.name) === wanted || normalise(column.label) === wanted);
}
