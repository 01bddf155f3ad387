import type { CellValue, ColumnKind } from '../cell.ts';
import { maybeValue } from './cell-value.ts';
import { isDecimal, PRECISION_MAX, scaledOf } from './decimal.ts';
import { microsecondsOf } from './moments.ts';
import { durationOf, timeOf } from './times.ts';

/** A value in the form in which those of one kind, or of two kinds that compare, are ordered and equal. */
export type Comparable = string | number | bigint | boolean;

/** What values of a kind compare with: numbers with whole numbers, days with moments, categories with texts. */
export type Family = 'numbers' | 'decimals' | 'truths' | 'moments' | 'times' | 'durations' | 'texts';

export function familyOf(kind: ColumnKind): Family {
  if (isDecimal(kind)) return 'decimals';
  switch (kind) {
    case 'number':
    case 'integer':
      return 'numbers';
    case 'time':
      return 'times';
    case 'duration':
      return 'durations';
    case 'boolean':
      return 'truths';
    case 'timestamp':
    case 'date':
      return 'moments';
    case 'category':
    case 'text':
    case 'list':
    case 'struct':
      return 'texts';
    default:
      return kind satisfies never;
  }
}

/**
 * The comparable form of a value of the kind: two spellings of one moment or duration are equal, a day is its midnight in
 * UTC, and decimals of any scale are in units that all of them have.
 */
export function comparableOf(value: CellValue, kind: ColumnKind): Comparable {
  if (typeof value !== 'string') return value;
  switch (familyOf(kind)) {
    case 'moments':
      return microsecondsOf(value);
    case 'decimals':
      return scaledOf(value, PRECISION_MAX);
    case 'times':
      return timeOf(value);
    case 'durations':
      return durationOf(value);
    default:
      return value;
  }
}

/** A value that a contract names, to compare those of a column of the kind with; undefined when no cell can hold it. */
export function maybeConstant(kind: ColumnKind, value: CellValue): Comparable | undefined {
  const text = String(value);
  const day = kind === 'timestamp' ? maybeValue('date', text) : undefined;
  const read = day ?? maybeValue(kind, text);
  return read === undefined ? undefined : comparableOf(read, kind);
}

/** Whether a value comes before another of its family. Texts are in the order of their code points, as bytes of UTF-8 are. */
export function isBefore(left: Comparable, right: Comparable): boolean {
  if (typeof left !== 'string' || typeof right !== 'string') return left < right;
  for (let at = 0; at < left.length && at < right.length; at++) {
    const [own, other] = [left.charCodeAt(at), right.charCodeAt(at)];
    // The halves of a pair stand before U+E000 as code units, and behind all of them as code points.
    if (own !== other) return isHalf(own) === isHalf(other) ? own < other : isHalf(other);
  }
  return left.length < right.length;
}

function isHalf(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}
