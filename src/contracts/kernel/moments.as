// AssemblyScript: dates and timestamps, by the forms that kinds.ts names.

const BLANK: u8 = 32;
const PLUS: u8 = 43;
const MINUS: u8 = 45;
const POINT: u8 = 46;
const ZERO: u8 = 48;
const COLON: u8 = 58;
const LETTER_T: u8 = 84;
const LETTER_Z: u8 = 90;
const DAY_LENGTH = 10;
const MINUTE_LENGTH = 16;
/** The digits of `yyyy-mm-ddThh:mm`, and of its date. */
const MINUTE_DIGITS = 0b1101_1011_0110_1111;
const DAY_DIGITS = 0b0000_0011_0110_1111;

/** Microseconds since 1970 of the last timestamp that was read, days of the last date. */
export let moment: i64 = 0;

@inline function two(at: i32): i32 {
  return (<i32>load<u8>(at) - ZERO) * 10 + (<i32>load<u8>(at, 1) - ZERO);
}

@inline function isDigit(at: i32): bool {
  return load<u8>(at) - ZERO <= 9;
}

/** Days since 1970 in the Gregorian calendar; H. Hinnant, "chrono-compatible low-level date algorithms". */
@inline function daysOf(year: i32, month: i32, day: i32): i32 {
  const y = month <= 2 ? year - 1 : year;
  const era = y / 400;
  const yearOfEra = y - era * 400;
  const dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468;
}

/** Days since 1970 of the date at the start of a text whose digits are digits; `NO_DAY` where there is none. */
const NO_DAY: i32 = i32.MIN_VALUE;
@inline function dayAt(start: i32): i32 {
  if (load<u8>(start, 4) != MINUS || load<u8>(start, 7) != MINUS) return NO_DAY;
  const year = two(start) * 100 + two(start + 2);
  const month = two(start + 5);
  const day = two(start + 8);
  if (year == 0 || month == 0 || month > 12 || day == 0 || day > 31) return NO_DAY;
  if (day > 28) {
    const isLeap = (year & 3) == 0 && (year % 100 != 0 || year % 400 == 0);
    const last = month == 2 ? (isLeap ? 29 : 28) : 30 + ((month + (month >> 3)) & 1);
    if (day > last) return NO_DAY;
  }
  return daysOf(year, month, day);
}

@inline function digitsAt(start: i32): i32 {
  const characters = i8x16.sub(v128.load(<usize>start), i8x16.splat(<i8>ZERO));
  return i8x16.bitmask(i8x16.lt_u(characters, i8x16.splat(10)));
}

/** Reads a date: a day, or its midnight in UTC. */
export function readDate(start: i32, end: i32): bool {
  if (end - start < DAY_LENGTH || (digitsAt(start) & DAY_DIGITS) != DAY_DIGITS) return false;
  const day = dayAt(start);
  if (day == NO_DAY) return false;
  if (end - start > DAY_LENGTH && !isMidnight(start + DAY_LENGTH, end)) return false;
  moment = day;
  return true;
}

/** `T00:00:00`, with a fraction of zeros and a zone of zeros where it has them. */
function isMidnight(start: i32, end: i32): bool {
  if (end - start < 9) return false;
  const separator = load<u8>(start);
  // Eight characters: 00:00:00
  if ((separator != LETTER_T && separator != BLANK) || load<u64>(start + 1) != 0x30303a30303a3030) return false;
  let at = start + 9;
  if (at < end && load<u8>(at) == POINT) {
    const first = ++at;
    while (at < end && load<u8>(at) == ZERO) at++;
    if (at == first || at - first > 9) return false;
  }
  if (at == end) return true;
  const sign = load<u8>(at);
  if (sign == LETTER_Z) return at + 1 == end;
  if (sign != PLUS && sign != MINUS) return false;
  // 0000 or 00:00
  if (end - at == 5) return load<u32>(at + 1) == 0x30303030;
  return end - at == 6 && load<u32>(at + 1) == 0x303a3030 && load<u8>(at + 5) == ZERO;
}

/** Reads a timestamp: a day with a time to the minute, to the second or with up to nine decimals, and perhaps a zone. */
export function readTimestamp(start: i32, end: i32): bool {
  if (end - start < MINUTE_LENGTH || (digitsAt(start) & MINUTE_DIGITS) != MINUTE_DIGITS) return false;
  const separator = load<u8>(start, 10);
  if ((separator != LETTER_T && separator != BLANK) || load<u8>(start, 13) != COLON) return false;
  const hour = two(start + 11);
  const minute = two(start + 14);
  if (hour > 23 || minute > 59) return false;
  const day = dayAt(start);
  if (day == NO_DAY) return false;
  let at = start + MINUTE_LENGTH;
  let second = 0;
  let fraction = 0;
  if (at < end && load<u8>(at) == COLON) {
    if (end - at < 3 || !isDigit(at + 1) || !isDigit(at + 2)) return false;
    second = two(at + 1);
    if (second > 59) return false;
    at += 3;
    if (at < end && load<u8>(at) == POINT) {
      const first = ++at;
      let unit = 100_000;
      for (; at < end && isDigit(at); at++) {
        fraction += (<i32>load<u8>(at) - ZERO) * unit;
        unit /= 10;
      }
      if (at == first || at - first > 9) return false;
    }
  }
  let offset = 0;
  if (at < end) {
    offset = offsetAt(at, end);
    if (offset == NO_DAY) return false;
  }
  const seconds = <i64>day * 86_400 + <i64>(hour * 3600 + (minute - offset) * 60 + second);
  moment = seconds * 1_000_000 + <i64>fraction;
  return true;
}

/** Minutes of a zone: `Z`, `+02:00` or `+0200`, up to 14 hours and 59 minutes; `NO_DAY` where it is none. */
function offsetAt(start: i32, end: i32): i32 {
  const sign = load<u8>(start);
  const length = end - start;
  if (sign == LETTER_Z) return length == 1 ? 0 : NO_DAY;
  if ((sign != PLUS && sign != MINUS) || (length != 5 && length != 6)) return NO_DAY;
  if (length == 6 && load<u8>(start, 3) != COLON) return NO_DAY;
  if (!isDigit(start + 1) || !isDigit(start + 2) || !isDigit(end - 2) || !isDigit(end - 1)) return NO_DAY;
  const hours = two(start + 1);
  const minutes = two(end - 2);
  if (hours > 14 || minutes > 59) return NO_DAY;
  return sign == MINUS ? -(hours * 60 + minutes) : hours * 60 + minutes;
}
