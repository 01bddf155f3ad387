import { type CellValue, COLUMN_KINDS, type ColumnKind } from '../contract.ts';
import { literal, numeral } from '../sql.ts';
import { KINDS, maybeForm } from './kinds.ts';
import { typedSql } from './typed-sql.ts';

const DECIMALS = 20;
const DIGITS = /^[+-]?(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

const FORMS: ReadonlyMap<string, RegExp> = new Map(
  COLUMN_KINDS.flatMap((kind) => {
    const form = maybeForm(kind);
    return form === undefined ? [] : [[kind, form] as const];
  }),
);

/** The value of a text by a kind, as `typedSql` reads it; undefined when there is none. */
export function maybeValue(kind: ColumnKind, text: string): CellValue | undefined {
  const { json, isWhole, booleans, keeps } = KINDS[kind];
  if (booleans !== undefined) {
    if (booleans.true.includes(text.toLowerCase())) return true;
    return booleans.false.includes(text.toLowerCase()) ? false : undefined;
  }
  if (FORMS.get(kind)?.test(text) === false) return undefined;
  if (json === 'string') return keeps === undefined ? text : text.slice(0, keeps);
  const value = Number(text);
  const isValue = isWhole === true ? Number.isSafeInteger(value) && !hasFraction(text) : Number.isFinite(value);
  // Zero has no sign.
  return isValue ? value + 0 : undefined;
}

/** Whether a JSON value is a value of the kind; a number must be a JSON number, not a text. */
export function isValue(kind: ColumnKind, value: unknown): value is CellValue {
  const { json, isWhole } = KINDS[kind];
  if (typeof value !== json) return false;
  if (typeof value === 'number') return isWhole === true ? Number.isSafeInteger(value) : Number.isFinite(value);
  return typeof value !== 'string' || FORMS.get(kind)?.test(value) !== false;
}

/** Whether a number has a fraction that its double rounds away: 9007199254740990.5 is not whole. As many decimals count as in SQL. */
function hasFraction(text: string): boolean {
  const [, whole = '', fraction = '', exponent = '0'] = DIGITS.exec(text) ?? [];
  const point = whole.length + Number(exponent);
  return /[1-9]/.test(`${whole}${fraction}`.slice(Math.max(0, point), Math.max(0, point + DECIMALS)));
}

/**
 * A value that a contract names, as SQL to compare a column of the kind with; undefined when no cell of the kind can hold
 * it. A day names its midnight in UTC where a timestamp is meant.
 */
export function maybeConstantSql(kind: ColumnKind, value: CellValue): string | undefined {
  const text = String(value);
  if (kind === 'timestamp') {
    const day = maybeValue('date', text);
    const moment = maybeValue(kind, day === undefined ? text : `${day}T00:00:00Z`);
    return moment === undefined ? undefined : `(${typedSql(kind, literal(String(moment)))})`;
  }
  const read = maybeValue(kind, text);
  if (read === undefined) return undefined;
  if (typeof read === 'number') return numeral(read);
  if (typeof read === 'boolean') return String(read);
  return kind === 'date' ? `date ${literal(read)}` : literal(read);
}
