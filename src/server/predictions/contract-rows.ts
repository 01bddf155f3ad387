import {
  type Coerced,
  type Column,
  type Contract,
  maybeColumnWithRole,
  momentOf,
  startRowsCheck,
  withoutRoles,
} from '#contracts';
import { type FeatureRow, ROW_ID_LENGTH_MAX, type RowIdentity } from '#ml';
import type { Steps } from '../in-turns.ts';
import { Problems, type ReadRowsLimits, ROWS_OF_STEP, readRows } from './read-rows.ts';

/** Rows that meet the contract: what a model uses of them, and which rows they are. */
export interface ContractRows {
  readonly rows: readonly FeatureRow[];
  /** Absent when no row has an id or a time. */
  readonly identities?: readonly RowIdentity[];
  /** What was changed of each row; absent when nothing was. */
  readonly coerced?: readonly (Coerced | undefined)[];
}

/** Reads a body into rows that meet the contract, step by step, or reports which row and field does not. */
export type RowReader = (body: unknown) => Steps<ContractRows>;

export function rowReader(contract: Contract, limits: ReadRowsLimits): RowReader {
  const { accepted, id, time } = acceptedColumns(contract);
  const others = Object.keys(contract.columns).filter((column) => !Object.hasOwn(accepted.columns, column));
  const features = Object.keys(accepted.columns).filter((column) => column !== id && column !== time);
  const isDated = time !== undefined && hasMoment(accepted.columns[time]);
  return function* (body) {
    const given = yield* readRows(body, limits);
    const check = startRowsCheck(accepted);
    for (const some of stepsOf(given)) {
      check.add(some.map((row) => withoutFields(row, others)));
      yield;
    }
    const { rows, problems, coercedRows: coerced } = check.result();
    const found = new Problems(limits.problemsListed);
    for (const problem of problems) found.add(problem);
    found.assertNone();
    if (id === undefined && time === undefined) return { rows, ...(coerced && { coerced }) };
    const named: { readonly identity: RowIdentity; readonly row: FeatureRow }[] = [];
    for (const some of stepsOf(rows)) {
      for (const row of some)
        named.push({ identity: identityOf(row, { id, time: isDated ? time : undefined }), row: pick(row, features) });
      yield;
    }
    const identities = named.map(({ identity }) => identity);
    return {
      rows: named.map(({ row }) => row),
      ...(identities.some(isNamed) && { identities }),
      ...(coerced && { coerced }),
    };
  };
}

function* stepsOf<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < rows.length; start += ROWS_OF_STEP) yield rows.slice(start, start + ROWS_OF_STEP);
}

const pick = (row: FeatureRow, columns: readonly string[]): FeatureRow =>
  Object.fromEntries(columns.map((column) => [column, row[column] ?? null]));

/** The columns that a row to predict may have, besides those that are left out. */
export interface AcceptedColumns {
  /** The features, and the id and the time of the row, which may be absent. */
  readonly accepted: Contract;
  readonly id: string | undefined;
  readonly time: string | undefined;
}

export function acceptedColumns(contract: Contract): AcceptedColumns {
  const { columns, ...accepted } = withoutRoles(contract, ['label', 'meta']);
  const [id, time] = [maybeColumnWithRole(contract, 'id'), maybeColumnWithRole(contract, 'time')];
  const entries = Object.entries(columns)
    .filter(([name, { role }]) => role === 'feature' || name === id || name === time)
    .map(([name, column]) => [name, column.role === 'feature' ? column : optional(column)] as const);
  return { accepted: { ...accepted, columns: Object.fromEntries(entries) }, id, time };
}

/** The column of an id or a time, with the bound that storing sets. */
function optional(column: Column): Column {
  if (column.kind !== 'text') return { ...column, nullable: true };
  return { ...column, nullable: true, lengthMax: Math.min(column.lengthMax ?? ROW_ID_LENGTH_MAX, ROW_ID_LENGTH_MAX) };
}

const hasMoment = (column: Column | undefined): boolean => column?.kind === 'timestamp' || column?.kind === 'date';

function identityOf(row: FeatureRow, { id, time }: Pick<AcceptedColumns, 'id' | 'time'>): RowIdentity {
  const [rowId, rowTime] = [id, time].map((column) => (column === undefined ? null : (row[column] ?? null)));
  return {
    ...(rowId == null ? {} : { rowId: String(rowId) }),
    ...(rowTime == null ? {} : { rowTime: momentOf(String(rowTime)) }),
  };
}

const isNamed = ({ rowId, rowTime }: RowIdentity): boolean => rowId !== undefined || rowTime !== undefined;

/** Rows from a file may include their label and notes; a model uses neither. */
function withoutFields(row: FeatureRow, fields: readonly string[]): FeatureRow {
  if (!fields.some((field) => Object.hasOwn(row, field))) return row;
  return Object.fromEntries(Object.entries(row).filter(([field]) => !fields.includes(field)));
}
