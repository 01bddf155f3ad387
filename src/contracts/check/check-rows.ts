import { maybeRowCoercer } from '../coercions/coerce-row.ts';
import type { Coerced } from '../coercions/coercion.ts';
import { CoercionCounts } from '../coercions/coercion-counts.ts';
import type { CellValue, Column, Contract } from '../contract.ts';
import type { ValueOf } from '../define-contract.ts';
import { maybeJsonValue } from '../kinds/cell-value.ts';
import { EXPECTED_OF_UNIQUE, isMissing, isRepeated, maybeUnmet, shown } from '../rules/check-cell.ts';
import { startContractRules, type startRowRules } from './row-rules.ts';

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
  /** How many fields were changed as their columns allow, by column and coercion; absent when none was. */
  readonly coerced?: Coerced;
  /** What was changed of each of `rows`, by field; undefined for one that stayed as it was. Absent when all of them did. */
  readonly coercedRows?: readonly (Coerced | undefined)[];
}

const PROBLEMS_MAX = 1000;

/**
 * Checks rows given as JSON against a contract, without a database: its columns, and of its expectations those of cells,
 * rows and keys that make rows bad, that need no SQL and no other dataset, and that mean the same of JSON as of a file; functions too. Numbers are JSON numbers and
 * booleans JSON booleans, never texts; timestamps, dates, times and durations are ISO 8601 texts, decimals texts or numbers of at most 15 digits, and a midnight in UTC is a date; an absent
 * field and an empty text count as null. Fields without a column are problems. Rules over the whole file, in SQL, with a tolerance, or about
 * the text of a number are for files. At most 1,000 problems are returned.
 */
export function checkRows<C extends Contract>(contract: C, rows: readonly unknown[]): CheckedRows<C> {
  const check = startRowsCheck(contract);
  check.add(rows);
  return check.result();
}

/** A check of rows that are given a few at a time, as `checkRows` checks them all: positions and uniqueness go on. */
export interface RowsCheck<C extends Contract> {
  add(rows: readonly unknown[]): void;
  result(): CheckedRows<C>;
}

export function startRowsCheck<C extends Contract>(contract: C): RowsCheck<C> {
  const columns = Object.entries(contract.columns);
  const problems: RowProblem[] = [];
  const sound: TypedRow[] = [];
  const indexes: number[] = [];
  const seen = new Map(columns.filter(([, { unique }]) => unique).map(([name]) => [name, new Set<unknown>()]));
  const unmetRules = startContractRules(contract);
  const counts = new CoercionCounts();
  const coerce = maybeRowCoercer(contract);
  const changes: (Coerced | undefined)[] = [];
  let row = 0;
  return {
    add: (rows) => {
      for (const each of rows) {
        const { fields: given, by } =
          coerce !== undefined && isObject(each) ? coerce(each) : { fields: each, by: undefined };
        if (by !== undefined) counts.addAll(by);
        const found = problemsOf(given, { row, columns, contract, seen, unmetRules });
        if (found === undefined) {
          // Without a problem every field is a cell of its column's type.
          sound.push(typedRow(given as TypedRow, columns));
          indexes.push(row);
          if (coerce !== undefined) changes.push(by);
        } else problems.push(...found.slice(0, PROBLEMS_MAX - problems.length));
        row += 1;
      }
    },
    // Each row was checked against the columns of this contract.
    result: () => {
      const coerced = counts.maybeCoerced();
      const isChanged = changes.some((by) => by !== undefined);
      const rows = sound as unknown as CheckedRows<C>['rows'];
      return {
        ...{ rows, indexes, problems },
        ...(coerced === undefined ? {} : { coerced }),
        ...(isChanged ? { coercedRows: changes } : {}),
      };
    },
  };
}

function isObject(given: unknown): given is Readonly<Record<string, unknown>> {
  return typeof given === 'object' && given !== null && !Array.isArray(given);
}

interface RowContext {
  readonly row: number;
  readonly columns: readonly (readonly [string, Column])[];
  readonly contract: Contract;
  readonly seen: ReadonlyMap<string, Set<unknown>>;
  readonly unmetRules: ReturnType<typeof startRowRules>;
}

/** Undefined for a sound row, which is most of them. */
function problemsOf(given: unknown, context: RowContext): RowProblem[] | undefined {
  const { row, columns, contract, seen, unmetRules } = context;
  if (!isObject(given))
    return [{ row, field: '', expected: 'an object with the columns as fields', got: shown(given) }];
  let found: RowProblem[] | undefined;
  for (const field of Object.keys(given)) {
    if (Object.hasOwn(contract.columns, field)) continue;
    const names = columns.map(([name]) => name).join(', ');
    found ??= [];
    found.push({ row, field, expected: `no such field; the columns are ${names}`, got: shown(given[field]) });
  }
  for (const [field, column] of columns) {
    // Own fields only: an object inherits others, such as `constructor`.
    const value = Object.hasOwn(given, field) ? given[field] : undefined;
    if (value === undefined && column.optional === true) continue;
    const expected =
      maybeUnmet(value, column) ??
      (isRepeated(value, { kind: column.kind, seen: seen.get(field) }) ? EXPECTED_OF_UNIQUE : undefined);
    if (expected === undefined) continue;
    found ??= [];
    found.push({ row, field, expected, got: shown(value) });
  }
  if (found !== undefined) return found;
  const unmet = unmetRules(given);
  return unmet.length === 0 ? undefined : unmet.map((rule) => ({ row, ...rule }));
}

function typedRow(given: TypedRow, columns: readonly (readonly [string, Column])[]): TypedRow {
  const typed: Record<string, CellValue | null> = {};
  for (const [name, { kind }] of columns) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    const cell = isMissing(value) ? null : (maybeJsonValue(kind, value) ?? value);
    // A column may be called __proto__, which an assignment would not create.
    if (name === '__proto__') Object.defineProperty(typed, name, { value: cell, enumerable: true });
    else typed[name] = cell;
  }
  return typed;
}
