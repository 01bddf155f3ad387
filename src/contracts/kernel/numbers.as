// AssemblyScript: the number that a text stands for, correctly rounded, as JavaScript's Number reads it.
import { doubles, powers, wholes } from './tables';

/** The number of any text that has the form of one; JavaScript reads what is too rare to be read here. */
@external("env", "number")
declare function hostNumber(start: i32, end: i32): f64;
/** The same of a whole number; NaN where the text stands for none. */
@external("env", "whole")
declare function hostWhole(start: i32, end: i32): f64;

const PLUS: u8 = 43;
const MINUS: u8 = 45;
const POINT: u8 = 46;
const ZERO: u8 = 48;
const ZEROS: u64 = 0x3030303030303030;
const POINTS: u64 = 0x2e2e2e2e2e2e2e2e;
const ONES: u64 = 0x0101010101010101;
const DIGITS_MAX = 19;
/** Larger exponents give zero or infinity, whatever the digits of a record. */
const EXPONENT_MAX = 100_000_000;
/** Doubles and powers of ten up to these are exact. */
const EXACT_MAX: u64 = 9007199254740992;
const EXACT_POWER = 22;
const POWER_MAX = 64;
const SAFE_MAX: f64 = 9007199254740991;

/** The last number that was read. */
export let number: f64 = 0;

/** Whether eight bytes are digits. */
@inline function areDigits(word: u64): bool {
  return ((word & 0xf0f0f0f0f0f0f0f0) | (((word + 0x0606060606060606) & 0xf0f0f0f0f0f0f0f0) >> 4)) == 0x3333333333333333;
}

/** The number that eight digits write: pairs, then fours, then all. */
@inline function ofDigits(word: u64): u64 {
  const pairs = (word - ZEROS) * 10 + ((word - ZEROS) >> 8);
  return (
    ((pairs & 0x000000ff000000ff) * 0x000f424000000064 + ((pairs >> 16) & 0x000000ff000000ff) * 0x0000271000000001) >> 32
  );
}

@inline function signed(value: f64, isNegative: bool): f64 {
  // Zero has no sign.
  return isNegative && value != 0 ? -value : value;
}

/** Reads a number; false when the text stands for none. */
export function readNumber(start: i32, end: i32, isWhole: bool): bool {
  const sign = load<u8>(start);
  const isNegative = sign == MINUS;
  const from = start + (isNegative || sign == PLUS ? 1 : 0);
  const length = end - from;
  if (length <= 0) return false;
  if (length > 8) {
    if (length > 15) return readLong(start, end, isWhole);
    const low = load<u64>(end - 8);
    const high = (load<u64>(from) << (<u64>(16 - length) << 3)) | ((ZEROS >> (<u64>(length - 9) << 3)) >> 8);
    if (!areDigits(low) || !areDigits(high)) return readLong(start, end, isWhole);
    number = signed(<f64>(ofDigits(high) * 100_000_000 + ofDigits(low)), isNegative);
    return true;
  }
  // The characters are moved to the end of the word, behind zeros.
  let word = (load<u64>(from) << (<u64>(8 - length) << 3)) | ((ZEROS >> (<u64>(length - 1) << 3)) >> 8);
  if (areDigits(word)) {
    number = signed(<f64>ofDigits(word), isNegative);
    return true;
  }
  const other = word ^ POINTS;
  const points = (other - ONES) & ~other & 0x8080808080808080;
  if (points == 0 || length == 1 || isWhole) return readLong(start, end, isWhole);
  // The digits before the point take its place.
  const place = ctz(points) & 0x38;
  const before = ((<u64>1) << place) - 1;
  word = ((word & before) << 8) | <u64>ZERO | (word & (((<u64>-1) << place) << 8));
  if (!areDigits(word)) return readLong(start, end, isWhole);
  number = signed(<f64>ofDigits(word) / load<f64>(doubles + <i32>(56 - place)), isNegative);
  return true;
}

/** A number of any length, with a point and an exponent. */
function readLong(start: i32, end: i32, isWhole: bool): bool {
  let at = start;
  const sign = load<u8>(at);
  if (sign == MINUS || sign == PLUS) at++;
  const first = at;
  // The first nineteen digits from the first that is not zero, whether more are behind them, and ten to which power.
  let digits: u64 = 0;
  let count = 0;
  let hasMore = false;
  let exponent = 0;
  for (; at < end; at++) {
    const digit = load<u8>(at) - ZERO;
    if (digit > 9) break;
    if (count < DIGITS_MAX) {
      digits = digits * 10 + digit;
      if (digits != 0) count++;
    } else {
      hasMore = hasMore || digit != 0;
      exponent++;
    }
  }
  let seen = at - first;
  if (at < end && load<u8>(at) == POINT) {
    const point = ++at;
    for (; at < end; at++) {
      const digit = load<u8>(at) - ZERO;
      if (digit > 9) break;
      if (count < DIGITS_MAX) {
        digits = digits * 10 + digit;
        if (digits != 0) count++;
        exponent--;
      } else hasMore = hasMore || digit != 0;
    }
    seen += at - point;
  }
  if (seen == 0) return false;
  if (at < end) {
    if ((load<u8>(at) | 32) != 101) return false;
    at++;
    const exponentSign = at < end ? load<u8>(at) : 0;
    if (exponentSign == MINUS || exponentSign == PLUS) at++;
    if (at == end) return false;
    let given = 0;
    for (; at < end; at++) {
      const digit = load<u8>(at) - ZERO;
      if (digit > 9) return false;
      if (given < EXPONENT_MAX) given = given * 10 + digit;
    }
    exponent += exponentSign == MINUS ? -given : given;
  }
  if (digits == 0) {
    number = 0;
    return true;
  }
  if (isWhole) return isWholeNumber(start, end, digits, exponent, hasMore, sign == MINUS);
  number = valueOf(start, end, digits, exponent, hasMore, sign == MINUS);
  return isFinite(number);
}

/** Whether digits times a power of ten are a whole number within what a double holds exactly. */
function isWholeNumber(start: i32, end: i32, digits: u64, exponent: i32, hasMore: bool, isNegative: bool): bool {
  if (hasMore) {
    number = hostWhole(start, end);
    return number == number;
  }
  number = valueOf(start, end, digits, exponent, false, isNegative);
  if (abs(number) > SAFE_MAX || trunc(number) != number) return false;
  if (exponent >= 0 || number == 0) return true;
  // A fraction that the double rounds away: 9007199254740990.5 is not whole.
  return -exponent <= DIGITS_MAX && digits % load<u64>(wholes - (exponent << 3)) == 0;
}

function valueOf(start: i32, end: i32, digits: u64, exponent: i32, hasMore: bool, isNegative: bool): f64 {
  if (!hasMore && digits <= EXACT_MAX && exponent >= -EXACT_POWER && exponent <= EXACT_POWER) {
    const exact = <f64>digits;
    const value = exponent < 0 ? exact / load<f64>(doubles - (exponent << 3)) : exact * load<f64>(doubles + (exponent << 3));
    return isNegative ? -value : value;
  }
  if (exponent >= -POWER_MAX && exponent <= POWER_MAX) {
    const value = rounded(digits, exponent);
    // The digits that were cut off do not matter where the next number is rounded to the same.
    if (value >= 0 && (!hasMore || value == rounded(digits + 1, exponent))) return isNegative ? -value : value;
  }
  return hostNumber(start, end) + 0;
}

let high: u64 = 0;
let low: u64 = 0;

/** All 128 bits of a product. */
@inline function multiply(a: u64, b: u64): void {
  const a0 = a & 0xffffffff;
  const a1 = a >> 32;
  const b0 = b & 0xffffffff;
  const b1 = b >> 32;
  const middle = a1 * b0 + ((a0 * b0) >> 32);
  const other = a0 * b1 + (middle & 0xffffffff);
  high = a1 * b1 + (middle >> 32) + (other >> 32);
  low = a * b;
}

/**
 * The double nearest to digits times a power of ten; -1 where 128 bits do not tell. Method: D. Lemire, "Number parsing at
 * a gigabyte per second" (2021), after M. Eisel.
 */
function rounded(digits: u64, exponent: i32): f64 {
  const shift = clz(digits);
  const normal = digits << shift;
  const power = powers + ((exponent + POWER_MAX) << 4);
  let binary = <u64>(<i64>((217706 * exponent) >> 16) + 1087) - shift;
  multiply(normal, load<u64>(power, 8));
  let upper = high;
  let lower = low;
  if ((upper & 0x1ff) == 0x1ff && lower + normal < normal) {
    multiply(normal, load<u64>(power));
    const merged = lower + high;
    if (merged < lower) upper++;
    if ((upper & 0x1ff) == 0x1ff && merged == <u64>-1 && low + normal < normal) return -1;
    lower = merged;
  }
  const top = upper >> 63;
  let mantissa = upper >> (top + 9);
  binary -= 1 ^ top;
  if (lower == 0 && (upper & 0x1ff) == 0 && (mantissa & 3) == 1) return -1;
  mantissa = (mantissa + (mantissa & 1)) >> 1;
  if (mantissa >> 53 > 0) {
    mantissa >>= 1;
    binary++;
  }
  return reinterpret<f64>((binary << 52) | (mantissa & 0x000fffffffffffff));
}
