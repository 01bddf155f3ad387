import type { ColumnKind } from '../../contract.ts';
import { isNumeric } from '../value-kinds.ts';

/*
 * Values as a profile lists them, which is as DuckDB writes them: 1.0 of numbers and 1 of whole ones, 1e+16 and 1e-05, and
 * 2026-03-01 12:00:00.5+00. test/contracts/profile/readers.property.test.ts compares both.
 */

const EXPONENT_MIN = -4;
const EXPONENT_MAX = 16;
const DAY_MS = 86_400_000;
const SECOND_US = 1_000_000n;
const MS_US = 1000n;

/** A value by the 64 bits of its word; of kinds that have a value in them. */
export function nameOf(kind: ColumnKind, word: bigint): string {
  if (kind !== 'integer' && isNumeric(kind)) return nameOfDouble(toNumber(word));
  switch (kind) {
    case 'integer':
      return String(toNumber(word));
    case 'boolean':
      return toNumber(word) === 1 ? 'true' : 'false';
    case 'date':
      return nameOfDay(Number(word));
    case 'timestamp':
      return nameOfMoment(word);
    default:
      throw new Error(`Values of the kind ${kind} are not in their words.`);
  }
}

const bits = new DataView(new ArrayBuffer(8));

/** The double of a word. */
export function toNumber(word: bigint): number {
  bits.setBigInt64(0, word);
  return bits.getFloat64(0);
}

function nameOfDouble(value: number): string {
  const [, sign = '', digits = '', exponentText = '0'] = /^(-?)([\d.]+)e([+-]\d+)$/.exec(value.toExponential()) ?? [];
  const exponent = Number(exponentText);
  if (exponent >= EXPONENT_MIN && exponent < EXPONENT_MAX) {
    const plain = plainDecimal(digits.replace('.', ''), exponent);
    return sign + plain;
  }
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `${sign}${digits}e${exponent < 0 ? '-' : '+'}${size}`;
}

/** The digits with a point, the first of them worth so many powers of ten. */
function plainDecimal(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${whole}.${digits.slice(exponent + 1) || '0'}`;
}

/** A date, by days since 1970. */
export function nameOfDay(days: number): string {
  return new Date(days * DAY_MS).toISOString().slice(0, 'YYYY-MM-DD'.length);
}

/** A timestamp in UTC as ISO 8601 with milliseconds, by microseconds since 1970. */
export function isoOf(microseconds: bigint): string {
  return new Date(Number(floored(microseconds, MS_US))).toISOString();
}

function nameOfMoment(microseconds: bigint): string {
  const seconds = floored(microseconds, SECOND_US);
  const fraction = microseconds - seconds * SECOND_US;
  const written = new Date(Number(seconds) * 1000).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length);
  // A millionth is the smallest number that is written without an exponent.
  const decimals = fraction === 0n ? '' : String(Number(fraction) / 1_000_000).slice(1);
  return `${written.replace('T', ' ')}${decimals}+00`;
}

function floored(value: bigint, unit: bigint): bigint {
  const quotient = value / unit;
  return value < 0n && quotient * unit !== value ? quotient - 1n : quotient;
}
