import type { ContractColumn } from '#api';
import { own } from '../own.ts';

export type Cell = string | number | boolean | null;
export type Features = Record<string, Cell>;

/** One cell that is not as the contract wants it. */
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
  readonly texts: Readonly<Record<string, string>>;
  readonly features: Features;
  readonly problems: readonly CellProblem[];
}

export interface ConvertedTable {
  readonly rows: readonly ConvertedRow[];
  /** Features that no column of the file gives and that may not be empty. */
  readonly missing: readonly ContractColumn[];
  /** Features that no column gives and that may be empty. */
  readonly absent: readonly ContractColumn[];
  /** Names in the file that are no feature. */
  readonly ignored: readonly string[];
  /** Features that two columns claim to give. */
  readonly repeated: readonly string[];
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
/** A day, or its midnight in UTC, as tools store days. */
const DATE = /^(\d{4}-\d{2}-\d{2})(?:[T ]00:00:00(?:\.0{1,9})?(?:Z|[+-]00:?00)?)?$/;
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/;

/** The columns a prediction is made from. */
export function featuresOf(columns: readonly ContractColumn[]): ContractColumn[] {
  return columns.filter(({ role }) => role === 'feature');
}

/** What a column wants, in words: `a number from 0 to 100`. */
export function describe(column: ContractColumn): string {
  switch (column.kind) {
    case 'number':
      return `a number${range(column)}`;
    case 'integer':
      return `a whole number${range(column)}`;
    case 'boolean':
      return 'true or false';
    case 'category':
      return column.categories === undefined ? 'a category' : `one of ${column.categories.join(', ')}`;
    case 'text':
      return column.lengthMax === undefined ? 'text' : `text of at most ${column.lengthMax} characters`;
    case 'timestamp':
      return 'a time such as 2026-01-31T09:30:00Z';
    case 'date':
      return 'a date such as 2026-01-31';
    default: {
      const never: never = column.kind;
      return never;
    }
  }
}

function range({ min, max }: ContractColumn): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` of at least ${min}`;
  return max === undefined ? '' : ` of at most ${max}`;
}

/** Text as typed or read from a file to the type its column has. The pattern of a text is left to the server, whose dialect it is in. */
export function convertCell(text: string, column: ContractColumn): ConvertedCell {
  const trimmed = text.trim();
  if (trimmed === '') {
    if (column.nullable) return { kind: 'value', value: null };
    return { kind: 'problem', field: column.name, expected: describe(column), got: 'nothing' };
  }
  const value = maybeValue(column.kind === 'text' ? text : trimmed, column);
  if (value !== undefined) return { kind: 'value', value };
  return { kind: 'problem', field: column.name, expected: describe(column), got: `"${trimmed.slice(0, 60)}"` };
}

function maybeValue(text: string, column: ContractColumn): Cell | undefined {
  switch (column.kind) {
    case 'number':
      return NUMBER.test(text) ? maybeInRange(Number(text), column) : undefined;
    case 'integer':
      return NUMBER.test(text) && Number.isSafeInteger(Number(text)) ? maybeInRange(Number(text), column) : undefined;
    case 'boolean':
      return maybeBoolean(text);
    case 'category':
      return column.categories === undefined || column.categories.includes(text) ? text : undefined;
    case 'text':
      return column.lengthMax === undefined || text.length <= column.lengthMax ? text : undefined;
    case 'timestamp':
      return TIMESTAMP.test(text) && !Number.isNaN(Date.parse(text)) ? text : undefined;
    case 'date':
      return maybeDay(text);
    default: {
      const never: never = column.kind;
      return never;
    }
  }
}

function maybeInRange(value: number, { min, max }: ContractColumn): number | undefined {
  const isInRange =
    Number.isFinite(value) && (min === undefined || value >= min) && (max === undefined || value <= max);
  return isInRange ? value : undefined;
}

function maybeBoolean(text: string): boolean | undefined {
  const lower = text.toLowerCase();
  if (['true', 'yes', '1', '1.0'].includes(lower)) return true;
  return ['false', 'no', '0', '0.0'].includes(lower) ? false : undefined;
}

// Date.parse takes 2026-02-31 for the third of March in some engines.
function maybeDay(text: string): string | undefined {
  const day = DATE.exec(text)?.[1] ?? '';
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day) ? day : undefined;
}

/** All fields of one row at once. */
export function convertRow(
  texts: Readonly<Record<string, string>>,
  columns: readonly ContractColumn[],
): Omit<ConvertedRow, 'number'> {
  const features: [string, Cell][] = [];
  const problems: CellProblem[] = [];
  for (const column of columns) {
    const cell = convertCell(own(texts, column.name) ?? '', column);
    if (cell.kind === 'value') features.push([column.name, cell.value]);
    else problems.push({ field: cell.field, expected: cell.expected, got: cell.got });
  }
  return { texts, features: Object.fromEntries(features), problems };
}

// `Cabin Class`, `cabin_class` and `cabinClass` are one name to the person who made the file.
function normalise(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/** A parsed file, its first line the header, against the contract's features. */
export function convertTable(
  lines: readonly (readonly string[])[],
  columns: readonly ContractColumn[],
): ConvertedTable {
  const [header = [], ...body] = lines;
  const features = featuresOf(columns);
  const matches = header.map((name) => matchColumn(name, features));
  const given = matches.filter((match) => match !== undefined);
  const notGiven = features.filter((feature) => !given.includes(feature));
  return {
    rows: body.map((line, index) => {
      const texts = Object.fromEntries(
        matches.flatMap((match, at) => (match === undefined ? [] : [[match.name, line[at] ?? '']])),
      );
      return { number: index + 1, ...convertRow(texts, features) };
    }),
    missing: notGiven.filter(({ nullable }) => !nullable),
    absent: notGiven.filter(({ nullable }) => nullable),
    ignored: header.filter((_, index) => matches[index] === undefined),
    repeated: [...new Set(given.filter((match, index) => given.indexOf(match) !== index).map(({ name }) => name))],
  };
}

function matchColumn(name: string, features: readonly ContractColumn[]): ContractColumn | undefined {
  const exact = features.find((feature) => feature.name === name.trim());
  if (exact !== undefined) return exact;
  const wanted = normalise(name);
  return features.find((feature) => normalise(feature.name) === wanted || normalise(feature.label) === wanted);
}
