import type { CellValue, ColumnKind } from '../contract.ts';
import { literal, numeral } from '../sql.ts';
import { isDecimal, maybeWritten } from './decimal.ts';
import { definitionOf, maybeForm } from './kinds.ts';
import { hasTextBounds } from './text-bounds.ts';
import { typedSql } from './typed-sql.ts';

const DECIMALS = 20;
const DIGITS = /^[+-]?(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

const forms = new Map<ColumnKind, RegExp | undefined>();

function formOf(kind: ColumnKind): RegExp | undefined {
  if (forms.has(kind)) return forms.get(kind);
  const form = maybeForm(kind);
  forms.set(kind, form);
  return form;
}

/** The value of a text by a kind, as `typedSql` reads it; undefined when there is none. */
export function maybeValue(kind: ColumnKind, text: string): CellValue | undefined {
  const { json, isWhole, booleans, keeps, nested, toSpelling } = definitionOf(kind);
  if (booleans !== undefined) {
    if (booleans.true.includes(text.toLowerCase())) return true;
    return booleans.false.includes(text.toLowerCase()) ? false : undefined;
  }
  if (nested !== undefined && !isNested(parsed(text), nested)) return undefined;
  if (formOf(kind)?.test(text) === false) return undefined;
  if (toSpelling !== undefined) return toSpelling(text);
  if (json === 'string') return keeps === undefined ? text : text.slice(0, keeps);
  const value = Number(text);
  const isValue = isWhole === true ? Number.isSafeInteger(value) && !hasFraction(text) : Number.isFinite(value);
  // Zero has no sign.
  return isValue ? value + 0 : undefined;
}

/**
 * The normal form of a JSON value of the kind, undefined when it is none: a number must be a JSON number, not a text; a day
 * has no midnight, zero no sign. A decimal is a text, or a number of at most 15 digits, which a double keeps; a list or
 * struct is an array or object, or its JSON.
 */
export function maybeJsonValue(kind: ColumnKind, value: unknown): CellValue | undefined {
  const { json, isWhole, nested } = definitionOf(kind);
  if (nested !== undefined && typeof value === 'object')
    return isNested(value, nested) ? JSON.stringify(value) : undefined;
  if (isDecimal(kind) && typeof value === 'number') {
    const text = maybeWritten(value);
    return text === undefined ? undefined : maybeValue(kind, text);
  }
  // A value of one of the three types of cells.
  if (typeof value !== json) return undefined;
  if (typeof value === 'string') return maybeValue(kind, value);
  if (typeof value !== 'number') return value as boolean;
  return (isWhole === true ? Number.isSafeInteger(value) : Number.isFinite(value)) ? value + 0 : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isNested(value: unknown, nested: 'array' | 'object'): boolean {
  if (nested === 'array') return Array.isArray(value);
  return typeof value === 'object' && value !== null && !Array.isArray(value);
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
  if (hasTextBounds(kind)) return `(${typedSql(kind, literal(String(read)))})`;
  if (typeof read === 'number') return numeral(read);
  if (typeof read === 'boolean') return String(read);
  return kind === 'date' ? `date ${literal(read)}` : literal(read);
}
