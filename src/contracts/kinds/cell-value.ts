import type { CellValue, ColumnKind } from '../contract.ts';
import { literal, numeral } from '../sql.ts';
import { isTimestamp, maybeDay } from './moments.ts';
import { typedSql } from './typed-sql.ts';

const DECIMALS = 20;
const NUMBER = /^[+-]?(?=\.?\d)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/;

/** The value that a text stands for by a kind, as `typedSql` reads it; undefined when it stands for none. */
export function maybeValue(kind: ColumnKind, text: string): CellValue | undefined {
  switch (kind) {
    case 'number':
    case 'integer': {
      const value = NUMBER.test(text) ? Number(text) : Number.NaN;
      const isValue = kind === 'number' ? Number.isFinite(value) : Number.isSafeInteger(value) && !hasFraction(text);
      // Zero has no sign.
      return isValue ? value + 0 : undefined;
    }
    case 'boolean':
      if (/^(?:true|1|1\.0)$/i.test(text)) return true;
      return /^(?:false|0|0\.0)$/i.test(text) ? false : undefined;
    case 'timestamp':
      return isTimestamp(text) ? text : undefined;
    case 'date':
      return maybeDay(text);
    case 'category':
    case 'text':
      return text;
    default:
      return kind satisfies never;
  }
}

/** Whether a number has a fraction that its double rounds away: 9007199254740990.5 is not whole. As many decimals count as in SQL. */
function hasFraction(text: string): boolean {
  const [, whole = '', fraction = '', exponent = '0'] = NUMBER.exec(text) ?? [];
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
    const moment = maybeDay(text) === undefined ? text : `${maybeDay(text)}T00:00:00Z`;
    return isTimestamp(moment) ? `(${typedSql(kind, literal(moment))})` : undefined;
  }
  const read = maybeValue(kind, text);
  if (read === undefined) return undefined;
  if (typeof read === 'number') return numeral(read);
  if (typeof read === 'boolean') return String(read);
  return kind === 'date' ? `date ${literal(read)}` : literal(read);
}
