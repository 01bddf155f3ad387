import type { ColumnKind } from '../cell.ts';
import { maybeValue } from '../kinds/cell-value.ts';
import { isBefore, maybeConstant } from '../kinds/comparable.ts';
import { isDecimal, roundedText, shiftedText, sizeOf } from '../kinds/decimal.ts';
import type { Coercion } from './coercion.ts';

/** What of a column decides how its cells are changed. */
export interface CoercedColumn {
  readonly kind: ColumnKind;
  /** In the order in which they are tried; a cell is left as it is where it is absent. */
  readonly coerce?: readonly Coercion[] | undefined;
  readonly min?: number | string | undefined;
  readonly max?: number | string | undefined;
  readonly categories?: readonly string[] | undefined;
}

export interface CoercedText {
  readonly text: string;
  /** Those that changed it. */
  readonly by: readonly Coercion[];
}

/**
 * The text of a cell as its column's coercions leave it; undefined where they change nothing, or make no value of it: such a
 * cell stays as it stands. What is not among the stated coercions is never done.
 */
export function maybeCoerced(text: string, column: CoercedColumn): CoercedText | undefined {
  const { coerce = [], kind } = column;
  const by: Coercion[] = [];
  let now = text;
  for (const coercion of coerce) {
    if (now === '') break;
    const changed = maybeChanged(coercion, now, column);
    if (changed === undefined || changed === now) continue;
    now = changed;
    by.push(coercion);
  }
  const isSound = by.length > 0 && (now === '' || maybeValue(kind, now) !== undefined);
  return isSound ? { text: now, by } : undefined;
}

function maybeChanged(coercion: Coercion, text: string, column: CoercedColumn): string | undefined {
  const { kind } = column;
  switch (coercion) {
    case 'trim':
      return text.trim();
    case 'comma':
      return /^[+-]?\d*,\d+(?:[eE][+-]?\d+)?(?: ?%)?$/.test(text) ? text.replace(',', '.') : undefined;
    case 'percent':
      return text.endsWith('%') ? maybePercent(text.slice(0, -1).trim()) : undefined;
    case 'round':
      return maybeRounded(text, kind);
    case 'words':
      return maybeValue('boolean', text) === undefined ? WORDS.get(text.toLowerCase()) : undefined;
    case 'case':
      return maybeCategory(text, column.categories ?? []);
    case 'lower':
      return text.toLowerCase();
    case 'upper':
      return text.toUpperCase();
    case 'epoch-seconds':
      return maybeMoment(text, 0);
    case 'epoch-milliseconds':
      return maybeMoment(text, 3);
    case 'clip':
      return maybeBound(text, column);
    default:
      return coercion satisfies never;
  }
}

const WORDS: ReadonlyMap<string, string> = new Map([
  ...['yes', 'y', 'on', 't'].map((word) => [word, 'true'] as const),
  ...['no', 'n', 'off', 'f'].map((word) => [word, 'false'] as const),
]);

/** By its digits: a hundredth of 0.07 is 0.0007 exactly. */
function maybePercent(text: string): string | undefined {
  return maybeValue('number', text) === undefined ? undefined : shiftedText(text, -2);
}

function maybeRounded(text: string, kind: ColumnKind): string | undefined {
  if (maybeValue(kind, text) !== undefined || maybeValue('number', text) === undefined) return undefined;
  return roundedText(text, isDecimal(kind) ? sizeOf(kind).scale : 0);
}

function maybeCategory(text: string, categories: readonly string[]): string | undefined {
  if (categories.includes(text)) return undefined;
  const lower = text.toLowerCase();
  const same = categories.filter((name) => name.toLowerCase() === lower);
  // Of several that differ in case alone none is meant more than another.
  return same.length === 1 ? same[0] : undefined;
}

const EPOCH = /^(-?)(\d{1,15})(?:\.(\d{1,9}))?$/;
const MICROSECONDS = 1_000_000n;

/** A number of units of 10^-`decimals` seconds since 1970, to the microsecond, as a timestamp. */
function maybeMoment(text: string, decimals: number): string | undefined {
  const [, sign, whole = '', fraction = ''] = EPOCH.exec(text) ?? [];
  if (whole === '') return undefined;
  const digits = `${whole}${fraction.padEnd(9, '0')}`.slice(0, whole.length + 6 - decimals);
  const microseconds = BigInt(digits) * (sign === '-' ? -1n : 1n);
  const rest = ((microseconds % MICROSECONDS) + MICROSECONDS) % MICROSECONDS;
  const moment = new Date(Number((microseconds - rest) / 1000n));
  if (Number.isNaN(moment.getTime())) return undefined;
  const places = rest === 0n ? '' : `.${String(rest).padStart(6, '0')}`;
  return moment.toISOString().replace('.000Z', `${places}Z`);
}

function maybeBound(text: string, { kind, min, max }: CoercedColumn): string | undefined {
  const value = maybeConstant(kind, text);
  if (value === undefined) return undefined;
  const [least, most] = [min, max].map((bound) => (bound === undefined ? undefined : maybeConstant(kind, bound)));
  if (least !== undefined && isBefore(value, least)) return String(min);
  return most !== undefined && isBefore(most, value) ? String(max) : undefined;
}
