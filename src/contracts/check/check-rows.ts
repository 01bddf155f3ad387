import type { CellValue, Column, ColumnKind, Contract } from '../contract.ts';
import type { ValueOf } from '../define-contract.ts';
import { isValue, maybeValue } from '../kinds/cell-value.ts';
import { KINDS } from '../kinds/kinds.ts';
import { instantOf } from '../kinds/moments.ts';
import { toRegExp } from '../pattern.ts';

/** One problem of one row: where it is, what was expected and what was given. `row` counts from 0. */
export interface RowProblem {
  /** Position of the row, from 0. */
  readonly row: number;
  /** The column, or the unknown field; empty when the row is no object. */
  readonly field: string;
  /** What the contract expects there. */
  readonly expected: string;
  /** What came, shortened when it is long. */
  readonly got: string;
}

export type TypedRow = Readonly<Record<string, string | number | boolean | null>>;

/**
 * `rows` holds the rows without a problem, every column in the contract's order; `indexes` are their positions in the
 * input.
 */
export interface CheckedRows<C extends Pick<Contract, 'columns'> = Contract> {
  /** The rows without a problem, typed. */
  readonly rows: readonly { readonly [Name in keyof C['columns']]: ValueOf<C['columns'][Name]> }[];
  /** Where each of `rows` stood in what was checked. */
  readonly indexes: readonly number[];
  /** What is wrong with the others, at most 1,000 problems. */
  readonly problems: readonly RowProblem[];
}

/** Longer values are cut in messages. */
const SHOWN_MAX = 60;
const PROBLEMS_MAX = 1000;

/**
 * Checks rows given as JSON against the contract's columns, without a database. Numbers are JSON numbers and
 * booleans JSON booleans, never texts; timestamps and dates are ISO 8601 texts, and a midnight in UTC is a date; an absent
 * field and an empty text count as null. Fields without a column are problems. Rules over several rows (uniqueness apart) or in SQL are for files.
 * At most 1,000 problems are returned.
 */
export function checkRows<C extends Contract>(contract: C, rows: readonly unknown[]): CheckedRows<C> {
  const columns = Object.entries(contract.columns);
  const problems: RowProblem[] = [];
  const sound: TypedRow[] = [];
  const indexes: number[] = [];
  const seen = new Map(columns.filter(([, { unique }]) => unique).map(([name]) => [name, new Set<unknown>()]));
  for (const [row, given] of rows.entries()) {
    const found = [...checkRow(given, { row, columns, contract, seen })];
    if (found.length === 0) {
      // Without a problem every field is a cell of its column's type.
      sound.push(typedRow(given as TypedRow, columns));
      indexes.push(row);
    } else problems.push(...found.slice(0, PROBLEMS_MAX - problems.length));
  }
  // Each row was checked against the columns of this contract.
  return { rows: sound as unknown as CheckedRows<C>['rows'], indexes, problems };
}

interface RowContext {
  readonly row: number;
  readonly columns: readonly (readonly [string, Column])[];
  readonly contract: Contract;
  readonly seen: ReadonlyMap<string, Set<unknown>>;
}

function* checkRow(given: unknown, { row, columns, contract, seen }: RowContext): Generator<RowProblem> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    yield { row, field: '', expected: 'an object with the columns as fields', got: show(given) };
    return;
  }
  const fields = new Map<string, unknown>(Object.entries(given));
  for (const field of fields.keys()) {
    if (Object.hasOwn(contract.columns, field)) continue;
    const names = columns.map(([name]) => name).join(', ');
    yield { row, field, expected: `no such field; the columns are ${names}`, got: show(fields.get(field)) };
  }
  for (const [field, column] of columns) {
    const value = fields.get(field);
    const expected =
      unmet(value, column) ??
      (repeats(keyOf(value, column), seen.get(field)) ? 'a value that no earlier row has' : undefined);
    if (expected !== undefined) yield { row, field, expected, got: show(value) };
  }
}

/** The comparable form of a value: two spellings of one moment are equal. */
function keyOf(value: unknown, { kind }: Column): unknown {
  if (typeof value !== 'string' || value === '') return value;
  return kind === 'timestamp' ? instantOf(value) : maybeValue(kind, value);
}

function repeats(value: unknown, seen: Set<unknown> | undefined): boolean {
  if (seen === undefined || isMissing(value)) return false;
  if (seen.has(value)) return true;
  seen.add(value);
  return false;
}

function isMissing(value: unknown): value is undefined | null | '' {
  return value === undefined || value === null || value === '';
}

/** The expected value, in words, or undefined when the value is valid. */
function unmet(value: unknown, column: Column): string | undefined {
  if (isMissing(value)) return column.nullable || column.alwaysNull === true ? undefined : expectedOf(column);
  if (column.alwaysNull === true) return 'null';
  return holds(value, column) ? undefined : expectedOf(column);
}

function holds(value: unknown, column: Column): boolean {
  return isValue(column.kind, value) && isWithin(value, column);
}

/** Whether a value of the right kind meets the column's further limits. */
function isWithin(value: CellValue, column: Column): boolean {
  switch (column.kind) {
    case 'number':
    case 'integer':
      return within(Number(value), column);
    case 'category':
      return column.categories.includes(String(value));
    case 'text':
      return isTextWithin(String(value), column);
    case 'boolean':
    case 'timestamp':
    case 'date':
      return true;
    default:
      return column satisfies never;
  }
}

function within(value: number, { min, max }: { readonly min?: number; readonly max?: number }): boolean {
  return (min === undefined || value >= min) && (max === undefined || value <= max);
}

function isTextWithin(value: string, { pattern, lengthMin, lengthMax }: Column & { kind: 'text' }): boolean {
  // Files cannot hold it either, and PostgreSQL refuses it.
  if (value.includes('\0')) return false;
  if (lengthMin !== undefined || lengthMax !== undefined) {
    const length = [...value].length;
    if (length < (lengthMin ?? 0) || length > (lengthMax ?? Number.POSITIVE_INFINITY)) return false;
  }
  return pattern === undefined || toRegExp(pattern).test(value);
}

/** The column in words: "a whole number from 0 to 100". */
export function expectedOf(column: Column): string {
  return `${kindInWords(column)}${column.nullable ? ' or null' : ''}`;
}

function kindInWords(column: Column): string {
  const { words } = KINDS[column.kind];
  switch (column.kind) {
    case 'number':
    case 'integer':
      return `${words}${rangeInWords(column)}`;
    case 'category':
      return `one of ${column.categories.map((name) => JSON.stringify(name)).join(', ')}`;
    case 'text':
      return `${words}${textInWords(column)}`;
    case 'boolean':
    case 'timestamp':
    case 'date':
      return words;
    default:
      return column satisfies never;
  }
}

function rangeInWords({ min, max }: { readonly min?: number; readonly max?: number }): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` of at least ${min}`;
  return max === undefined ? '' : ` of at most ${max}`;
}

function textInWords({ pattern, lengthMin, lengthMax }: Column & { kind: 'text' }): string {
  return [
    ...(lengthMin === undefined ? [] : [`at least ${lengthMin} characters`]),
    ...(lengthMax === undefined ? [] : [`at most ${lengthMax} characters`]),
    ...(pattern === undefined ? [] : [`the form ${pattern}`]),
  ]
    .map((part, index) => (index === 0 ? ` of ${part}` : `, ${part}`))
    .join('');
}

function typedRow(given: TypedRow, columns: readonly (readonly [string, Column])[]): TypedRow {
  return Object.fromEntries(
    columns.map(([name, { kind }]) => {
      // Own fields only: an object inherits others, such as `constructor`.
      const value = Object.hasOwn(given, name) ? given[name] : undefined;
      return [name, isMissing(value) ? null : typedCell(value, kind)];
    }),
  );
}

/** The normal form of a value: a day without its midnight, zero without a sign. */
function typedCell(value: CellValue, kind: ColumnKind): CellValue {
  if (typeof value === 'number') return value + 0;
  return typeof value === 'string' ? (maybeValue(kind, value) ?? value) : value;
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  // JSON cannot represent Infinity, which a number such as 1e999 becomes.
  if (typeof value === 'number' && !Number.isFinite(value)) return 'a number beyond 1.8e308';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}
