// AssemblyScript: times of day and durations, by the forms that times.ts names.

const PLUS: u8 = 43;
const MINUS: u8 = 45;
const POINT: u8 = 46;
const ZERO: u8 = 48;
const COLON: u8 = 58;
const SECOND_US: i64 = 1_000_000;
const FRACTION_MAX = 9;
const COUNT_MAX = 7;
const SECONDS_MAX = 12;

// Letters of a duration, in the order in which they follow one another.
const WEEKS = 1;
const DAYS = 2;
const HOURS = 3;
const MINUTES = 4;
const SECONDS = 5;

/** Microseconds of the last time of day or duration that was read. */
export let microseconds: i64 = 0;

@inline function digitAt(at: i32): i32 {
  return <i32>load<u8>(at) - <i32>ZERO;
}

@inline function isDigit(at: i32, end: i32): bool {
  return at < end && <u32>digitAt(at) <= 9;
}

/** The number of two digits; 100 where there is none. */
@inline function two(at: i32): i32 {
  const tens = digitAt(at);
  const ones = digitAt(at + 1);
  return <u32>tens <= 9 && <u32>ones <= 9 ? tens * 10 + ones : 100;
}

/** Where a fraction behind a point ends; it is noted in microseconds. The same place where it has no digit, or too many. */
function fractionEnd(start: i32, end: i32): i32 {
  let at = start;
  let unit: i64 = 100_000;
  fraction = 0;
  for (; isDigit(at, end); at++) {
    fraction += <i64>digitAt(at) * unit;
    unit /= 10;
  }
  return at - start > FRACTION_MAX ? start : at;
}

let fraction: i64 = 0;

/** Reads a time of day: to the minute, to the second or with up to nine decimals. */
export function readTime(start: i32, end: i32): bool {
  const length = end - start;
  if (length < 5 || load<u8>(start, 2) != COLON) return false;
  const hour = two(start);
  const minute = two(start + 3);
  if (hour > 23 || minute > 59) return false;
  let second = 0;
  fraction = 0;
  if (length > 5) {
    if (length < 8 || load<u8>(start, 5) != COLON) return false;
    second = two(start + 6);
    if (second > 59) return false;
    if (length > 8) {
      if (load<u8>(start, 8) != POINT || length == 9) return false;
      if (fractionEnd(start + 9, end) != end) return false;
    }
  }
  microseconds = <i64>(hour * 3600 + minute * 60 + second) * SECOND_US + fraction;
  return true;
}

/** Which count of a duration a letter names, behind its T or before it; 0 where it names none. */
@inline function placeOf(letter: u8, isTime: bool): i32 {
  // D, H, M, S and W
  if (!isTime) return letter == 87 ? WEEKS : letter == 68 ? DAYS : 0;
  return letter == 72 ? HOURS : letter == 77 ? MINUTES : letter == 83 ? SECONDS : 0;
}

@inline function secondsOf(place: i32): i64 {
  return place == WEEKS ? 604_800 : place == DAYS ? 86_400 : place == HOURS ? 3600 : place == MINUTES ? 60 : 1;
}

/** Reads a duration: weeks, or days, hours, minutes and seconds, with a sign where it has one. */
export function readDuration(start: i32, end: i32): bool {
  let at = start;
  const sign = load<u8>(at);
  if (sign == PLUS || sign == MINUS) at++;
  // P
  if (at >= end || load<u8>(at) != 80) return false;
  at++;
  let sum: i64 = 0;
  let last = 0;
  let isTime = false;
  let hasCount = false;
  while (at < end) {
    // T
    if (load<u8>(at) == 84) {
      if (isTime || last == WEEKS) return false;
      isTime = true;
      hasCount = false;
      at++;
      continue;
    }
    const first = at;
    let count: i64 = 0;
    for (; isDigit(at, end) && at - first < SECONDS_MAX; at++) count = count * 10 + digitAt(at);
    const digits = at - first;
    if (digits == 0 || at >= end) return false;
    fraction = 0;
    const hasFraction = load<u8>(at) == POINT;
    if (hasFraction) {
      const behind = at + 1;
      at = fractionEnd(behind, end);
      if (at == behind || at >= end) return false;
    }
    const place = placeOf(load<u8>(at), isTime);
    if (place <= last || last == WEEKS || (place != SECONDS && (hasFraction || digits > COUNT_MAX))) return false;
    sum += count * secondsOf(place) * SECOND_US + fraction;
    last = place;
    hasCount = true;
    at++;
  }
  if (!hasCount) return false;
  microseconds = sign == MINUS ? -sum : sum;
  return true;
}
