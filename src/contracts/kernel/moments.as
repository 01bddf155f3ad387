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
/** The marks between them, but for the one before the time. */
const MINUTE_MARKS = 0b0010_0000_1001_0000;
const DAY_MARKS = 0b0000_0000_1001_0000;
/** Instead of the minutes of a zone. */
const NO_OFFSET: i32 = i32.MIN_VALUE;

// What was read last.
let year: i32 = 0;
let month: i32 = 0;
let day: i32 = 0;
/** Of the day. */
let seconds: i32 = 0;
let fraction: i32 = 0;

@inline function two(at: i32): i32 {
  return (<i32>load<u8>(at) - ZERO) * 10 + (<i32>load<u8>(at, 1) - ZERO);
}

@inline function isDigit(at: i32): bool {
  return load<u8>(at) - ZERO <= 9;
}

/** Days since 1970 of the last date that was read; H. Hinnant, "chrono-compatible low-level date algorithms". */
export function days(): i64 {
  const y = month <= 2 ? year - 1 : year;
  const era = y / 400;
  const yearOfEra = y - era * 400;
  const dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return <i64>(era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468);
}

/** Microseconds since 1970 of the last timestamp that was read. */
export function microseconds(): i64 {
  return (days() * 86_400 + seconds) * 1_000_000 + fraction;
}

/** Sixteen characters as digits; what is none is above nine. */
@inline function digitsOf(characters: v128): v128 {
  return i8x16.sub(characters, i8x16.splat(<i8>ZERO));
}

/** Whether the digits and marks of a day, of `digitMask` and `markMask`, stand where they must. */
@inline function hasForm(characters: v128, digitMask: i32, markMask: i32): bool {
  const marks = i8x16.eq(characters, i8x16(0, 0, 0, 0, 45, 0, 0, 45, 0, 0, 0, 0, 0, 58, 0, 0));
  const digits = i8x16.lt_u(digitsOf(characters), i8x16.splat(10));
  return (i8x16.bitmask(digits) & digitMask) == digitMask && (i8x16.bitmask(marks) & markMask) == markMask;
}

/** Two digits each of `yyyymmdd` as numbers: of the lowest byte, and of each second one behind it. */
@inline function pairsOf(digits: u64): u64 {
  return digits * 10 + (digits >> 8);
}

/** Notes the date of eight digits; false where there is none. */
@inline function isDay(digits: u64): bool {
  const pairs = pairsOf(digits);
  year = (<i32>pairs & 0xff) * 100 + (<i32>(pairs >> 16) & 0xff);
  month = <i32>(pairs >> 32) & 0xff;
  day = <i32>(pairs >> 48) & 0xff;
  if (year == 0 || month == 0 || month > 12 || day == 0 || day > 31) return false;
  if (day <= 28) return true;
  const isLeap = (year & 3) == 0 && (year % 100 != 0 || year % 400 == 0);
  return day <= (month == 2 ? (isLeap ? 29 : 28) : 30 + ((month + (month >> 3)) & 1));
}

/** Reads a date: a day, or its midnight in UTC. */
export function readDate(start: i32, end: i32): bool {
  if (end - start < DAY_LENGTH) return false;
  const characters = v128.load(<usize>start);
  if (!hasForm(characters, DAY_DIGITS, DAY_MARKS)) return false;
  const digits = digitsOf(characters);
  const eight = v128.shuffle<i8>(digits, digits, 0, 1, 2, 3, 5, 6, 8, 9, 0, 0, 0, 0, 0, 0, 0, 0);
  if (!isDay(<u64>i64x2.extract_lane(eight, 0))) return false;
  return end - start == DAY_LENGTH || isMidnight(start + DAY_LENGTH, end);
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
  if (end - start < MINUTE_LENGTH) return false;
  const characters = v128.load(<usize>start);
  const separator = load<u8>(start, 10);
  if (!hasForm(characters, MINUTE_DIGITS, MINUTE_MARKS) || (separator != LETTER_T && separator != BLANK)) return false;
  const digits = digitsOf(characters);
  const twelve = v128.shuffle<i8>(digits, digits, 0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 11, 12, 14, 15);
  const time = pairsOf(<u64>i64x2.extract_lane(twelve, 1));
  const hour = <i32>time & 0xff;
  const minute = <i32>(time >> 16) & 0xff;
  if (hour > 23 || minute > 59 || !isDay(<u64>i64x2.extract_lane(twelve, 0))) return false;
  let at = start + MINUTE_LENGTH;
  let second = 0;
  fraction = 0;
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
    if (offset == NO_OFFSET) return false;
  }
  seconds = hour * 3600 + (minute - offset) * 60 + second;
  return true;
}

/** Minutes of a zone: `Z`, `+02:00` or `+0200`, up to 14 hours and 59 minutes; `NO_OFFSET` where it is none. */
function offsetAt(start: i32, end: i32): i32 {
  const sign = load<u8>(start);
  const length = end - start;
  if (sign == LETTER_Z) return length == 1 ? 0 : NO_OFFSET;
  if ((sign != PLUS && sign != MINUS) || (length != 5 && length != 6)) return NO_OFFSET;
  if (length == 6 && load<u8>(start, 3) != COLON) return NO_OFFSET;
  if (!isDigit(start + 1) || !isDigit(start + 2) || !isDigit(end - 2) || !isDigit(end - 1)) return NO_OFFSET;
  const hours = two(start + 1);
  const minutes = two(end - 2);
  if (hours > 14 || minutes > 59) return NO_OFFSET;
  return sign == MINUS ? -(hours * 60 + minutes) : hours * 60 + minutes;
}
