import type { CellValue, ColumnKind } from '../contract.ts';
import { maybeValue } from '../kinds/cell-value.ts';
import { isDecimal, scaledOf, sizeOf } from '../kinds/decimal.ts';
import { microsecondsOf } from '../kinds/moments.ts';
import { isSampledText } from '../kinds/sampled.ts';
import { durationOf, timeOf } from '../kinds/times.ts';

/** Instead of the key of a row that lacks a part of it. No number has these bits, as zero has no sign. */
export const NO_KEY: bigint = -(2n ** 63n);

const DAY_US = 86_400_000_000n;
const MULTIPLIERS = [0x9e3779b97f4a7c15n, 0xd6e8feb86659fd93n] as const;
const WORD_BYTES = 8;

const bits = new DataView(new ArrayBuffer(WORD_BYTES));

/**
 * The value of a text by a kind, in 64 bits that are equal for equal values only: a double of numbers and booleans,
 * microseconds since 1970 of a timestamp, days of a date, microseconds of a time or duration, units of the last digit of a
 * decimal. Undefined when there is none, and for kinds of texts.
 */
export function maybeBits(kind: ColumnKind, text: string): bigint | undefined {
  if (kind === 'text' || kind === 'category') return undefined;
  const value = maybeValue(kind, text);
  if (value === undefined) return undefined;
  if (kind === 'timestamp') return microsecondsOf(text);
  if (kind === 'date') return microsecondsOf(`${value}T00:00:00Z`) / DAY_US;
  if (isDecimal(kind)) return scaledOf(text, sizeOf(kind).scale);
  if (kind === 'time') return timeOf(text);
  return kind === 'duration' ? durationOf(text) : bitsOf(Number(value));
}

/** The same of a value that a contract names: a day names its midnight in UTC where a timestamp is meant. */
export function maybeBitsOfConstant(kind: ColumnKind, value: CellValue): bigint | undefined {
  const text = String(value);
  const day = kind === 'timestamp' ? maybeValue('date', text) : undefined;
  return maybeBits(kind, day === undefined ? text : `${day}T00:00:00Z`);
}

const HOUR_US = 3_600_000_000;
const EXACT_MAX = 2n ** 53n;

/** The number that a decimal, a time or a duration is nearest to, by its bits: of the last two, hours. */
export function doubleOf(kind: ColumnKind, value: bigint): number {
  if (!isDecimal(kind)) return Number(value) / HOUR_US;
  // As DuckDB casts a decimal.
  const power = 10n ** BigInt(sizeOf(kind).scale);
  if (value >= -EXACT_MAX && value <= EXACT_MAX) return Number(value) / Number(power);
  return Number(value / power) + Number(value % power) / Number(power);
}

export function bitsOf(value: number): bigint {
  bits.setFloat64(0, value);
  return bits.getBigInt64(0);
}

/** The key of one value of a kind with bits is these bits; every other key is a hash, which two keys may share. */
export function hashOf(parts: readonly (bigint | Uint8Array)[], seed: number): bigint {
  let hash = BigInt(seed);
  for (const part of parts) {
    if (typeof part === 'bigint') {
      hash = mixed(hash ^ BigInt.asUintN(64, part));
      continue;
    }
    hash = mixed(hash ^ BigInt(part.length));
    for (let at = 0; at < part.length; at += WORD_BYTES) hash = mixed(hash ^ wordAt(part, at));
  }
  const signed = BigInt.asIntN(64, hash);
  return signed === NO_KEY ? signed ^ 1n : signed;
}

/** The hash of a text with the mark of `KernelKey.isMarked`. */
export function markedHashOf(hash: bigint, text: Uint8Array): bigint {
  const marked = (hash & ~1n) | (isSampledText(text) ? 1n : 0n);
  return marked === NO_KEY ? marked ^ 2n : marked;
}

function wordAt(bytes: Uint8Array, at: number): bigint {
  let word = 0n;
  for (let index = Math.min(at + WORD_BYTES, bytes.length) - 1; index >= at; index--)
    word = (word << 8n) | BigInt(bytes[index] ?? 0);
  return word;
}

function mixed(value: bigint): bigint {
  const first = BigInt.asUintN(64, value * MULTIPLIERS[0]);
  const second = BigInt.asUintN(64, (first ^ (first >> 32n)) * MULTIPLIERS[1]);
  return second ^ (second >> 32n);
}
