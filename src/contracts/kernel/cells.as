// AssemblyScript: tests the cells of one record, counts them, and makes its keys.
import { readDecimal, units } from './decimals';
import { days, microseconds, readDate, readTimestamp } from './moments';
import { number, readNumber } from './numbers';
import { hashText, indexOfBits, indexOfText, isSampledText, mix, toKey, toMarkedKey } from './sets';
import * as tables from './tables';
import { microseconds as clockMicroseconds, readDuration, readTime } from './times';

const QUOTE: u8 = 34;
const COLUMN_BYTES = 64;
const TEST_BYTES = 48;
const KEY_BYTES = 16;
const NO_KEY: i64 = i64.MIN_VALUE;
const SUMMAND_MAX: f64 = 1e290;
const DAY_US: i64 = 86_400_000_000;
const HOUR_US: f64 = 3_600_000_000;
/** Whole numbers up to it are doubles. */
const EXACT_MAX: i64 = 9_007_199_254_740_992;

// Kinds of columns.
const NUMBER = 0;
const INTEGER = 1;
const BOOLEAN = 2;
const TIMESTAMP = 3;
const DATE = 4;
const TIME = 5;
const DURATION = 6;
/** Of so many digits in its third byte, and so many of them behind the point in its second. Behind it come texts. */
const DECIMAL = 7;

// What a column counts.
const COUNTS_NUMBERS = 1;
const COUNTS_CATEGORIES = 2;
const COUNTS_LENGTHS = 3;

// How a key is made, but for a hash of several parts: of the bits of a value, or of a text with a mark.
const EXACT = 1;
const MARKED = 2;

// What a column needs of a text: nothing more, whether it has a value, the value, or the double nearest to it.
const NEEDS_TEXT = 0;
const NEEDS_BITS = 2;
const NEEDS_DOUBLE = 3;

// Tests.
const ABSENT = 0;
const OF_KIND = 1;
const RANGE = 2;
const MOMENTS = 3;
const LENGTH = 4;
const TEXTS = 5;
const BITS = 6;
const PATTERN = 7;

// What a cell holds.
const NULL = 0;
const NO_VALUE = 1;
const VALUE = 2;

/** Pairs of a record and a bit. */
export let flagged: i32 = 0;
/** The value of the last cell that was read, in the 64 bits of keys. */
let value: i64 = 0;
/** The test whose values the last cell was sought among, and what was found. */
let soughtIn: i32 = 0;
let soughtIndex: i32 = 0;

@inline function increase(at: i32): void {
  store<i32>(at, load<i32>(at) + 1);
}

function flag(record: i32, bit: i32): void {
  increase(tables.counts + (bit << 2));
  const pair = tables.flags + (flagged << 3);
  store<i32>(pair, record);
  store<i32>(pair, bit, 4);
  flagged++;
}

export function begin(): void {
  flagged = 0;
  memory.fill(tables.counters, 0, tables.countersBytes);
  for (let index = 0; index < tables.columnCount; index++) {
    store<f64>(tables.smallest + (index << 3), Infinity);
    store<f64>(tables.largest + (index << 3), -Infinity);
  }
}

/**
 * Tests the cells of a record. `hasQuotes`: quotes within cells, so that doubled ones are made one in `scratch`.
 *
 * A column has: position i32, kind i32, null bits ptr i32, their number i32, tests ptr i32, their number i32, counts i32,
 * what it needs i32, value i64, state i32, text ptr i32, text length i32, counters of categories ptr i32, their test i32, whether
 * keys need it i32.
 */
export function testCells(record: i32, hasQuotes: bool, scratch: i32): void {
  let free = scratch;
  let column = tables.columns;
  const count = tables.columnCount;
  for (let index = 0; index < count; index++, column += COLUMN_BYTES) {
    const cell = tables.ends + (load<i32>(column) << 2);
    let start = load<i32>(cell - 4) + 1;
    let end = load<i32>(cell);
    if (load<u8>(start) == QUOTE && start < end) {
      start++;
      end--;
      if (hasQuotes) {
        const written = undouble(start, end, free);
        if (written - free != end - start) {
          start = free;
          end = written;
          // Words are read beyond the end of a text, and must not be those of another.
          free = written;
        }
      }
    }
    if (start == end) testNull(record, index, column);
    else testText(record, index, column, start, end);
  }
}

/** Copies a text with one quote of each two; returns where the copy ends. */
function undouble(start: i32, end: i32, to: i32): i32 {
  for (let at = start; at < end; at++) {
    const byte = load<u8>(at);
    store<u8>(to++, byte);
    if (byte == QUOTE) at++;
  }
  return to;
}

@inline function testNull(record: i32, index: i32, column: i32): void {
  increase(tables.nulls + (index << 2));
  store<i32>(column, NULL, 40);
  const bits = load<i32>(column, 8);
  const count = load<i32>(column, 12);
  for (let bit = 0; bit < count; bit++) flag(record, load<i32>(bits + (bit << 2)));
}

@inline function testText(record: i32, index: i32, column: i32, start: i32, end: i32): void {
  const kind = load<i32>(column, 4);
  const needs = load<i32>(column, 28);
  const state = needs != NEEDS_TEXT && !readValue(kind, start, end, needs >= NEEDS_BITS) ? NO_VALUE : VALUE;
  const isDouble = needs == NEEDS_DOUBLE && state == VALUE;
  const found = isDouble ? doubleOf(kind) : number;
  if (load<i32>(column, 60) != 0) {
    store<i64>(column, isDouble ? reinterpret<i64>(found) : value, 32);
    store<i32>(column, state, 40);
    store<i32>(column, start, 44);
    store<i32>(column, end - start, 48);
  }
  const counts = load<i32>(column, 24);
  if (counts == COUNTS_NUMBERS && state == VALUE) countNumber(index, found);
  soughtIn = 0;
  if (counts == COUNTS_CATEGORIES) countCategory(column, state, start, end);
  if (counts == COUNTS_LENGTHS) countLength(index, start, end);
  let test = load<i32>(column, 16);
  const last = test + load<i32>(column, 20) * TEST_BYTES;
  for (; test < last; test += TEST_BYTES) if (!isMet(test, state, start, end)) flag(record, load<i32>(test, 4));
}

/** Reads the value of a text; false where the text is none of the kind. Moments take long, and are left out unless needed. */
@inline function readValue(kind: i32, start: i32, end: i32, needsBits: bool): bool {
  if (kind <= INTEGER) {
    if (!readNumber(start, end, kind == INTEGER)) return false;
    value = reinterpret<i64>(number);
    return true;
  }
  if (kind == BOOLEAN) return readBoolean(start, end);
  if (kind == TIMESTAMP) {
    if (!readTimestamp(start, end)) return false;
    if (needsBits) value = microseconds();
    return true;
  }
  if (kind == DATE) {
    if (!readDate(start, end)) return false;
    if (needsBits) value = days();
    return true;
  }
  return readExact(kind, start, end);
}

/** Times, durations and decimals, as the number of their smallest units. */
function readExact(kind: i32, start: i32, end: i32): bool {
  if (kind == TIME || kind == DURATION) {
    if (kind == TIME ? !readTime(start, end) : !readDuration(start, end)) return false;
    value = clockMicroseconds;
    return true;
  }
  if (!readDecimal(start, end, kind >> 16, (kind >> 8) & 0xff)) return false;
  value = units;
  return true;
}

/** The last value as a number: the hours of a time or duration, a decimal divided as DuckDB divides it. */
function doubleOf(kind: i32): f64 {
  if (kind == TIME || kind == DURATION) return <f64>value / HOUR_US;
  let power: i64 = 1;
  for (let scale = (kind >> 8) & 0xff; scale > 0; scale--) power *= 10;
  if (value >= -EXACT_MAX && value <= EXACT_MAX) return <f64>value / <f64>power;
  return <f64>(value / power) + <f64>(value % power) / <f64>power;
}

/** `true` and `false` in any case, `1`, `0`, `1.0` and `0.0`. */
function readBoolean(start: i32, end: i32): bool {
  const length = end - start;
  let isTrue = false;
  if (length == 4) {
    // true
    if ((load<u32>(start) | 0x20202020) != 0x65757274) return false;
    isTrue = true;
  } else if (length == 5) {
    // false
    if ((load<u32>(start) | 0x20202020) != 0x736c6166 || (load<u8>(start, 4) | 0x20) != 101) return false;
  } else {
    if (length != 1 && (length != 3 || load<u16>(start, 1) != 0x302e)) return false;
    const digit = load<u8>(start) - 48;
    if (digit > 1) return false;
    isTrue = digit == 1;
  }
  value = isTrue ? reinterpret<i64>(<f64>1) : 0;
  return true;
}

@inline function countNumber(index: i32, number: f64): void {
  increase(tables.values + (index << 2));
  const at = index << 3;
  const smallest = load<f64>(tables.smallest + at);
  const largest = load<f64>(tables.largest + at);
  if (number < smallest) store<f64>(tables.smallest + at, number);
  if (number > largest) store<f64>(tables.largest + at, number);
  if (abs(number) >= SUMMAND_MAX) return;
  increase(tables.summands + (index << 2));
  const sum = load<f64>(tables.sums + at);
  const total = sum + number;
  const part = total - sum;
  store<f64>(tables.sums + at, total);
  store<f64>(tables.losses + at, load<f64>(tables.losses + at) + (sum - (total - part) + (number - part)));
}

/** The shortest and the longest text. */
@inline function countLength(index: i32, start: i32, end: i32): void {
  increase(tables.values + (index << 2));
  const at = index << 3;
  const length = <f64>lengthOf(start, end);
  if (length < load<f64>(tables.smallest + at)) store<f64>(tables.smallest + at, length);
  if (length > load<f64>(tables.largest + at)) store<f64>(tables.largest + at, length);
}

@inline function countCategory(column: i32, state: i32, start: i32, end: i32): void {
  const test = load<i32>(column, 56);
  if (test == 0 || state != VALUE) return;
  const category = indexOf(test, start, end);
  soughtIn = test;
  soughtIndex = category;
  if (category >= 0) increase(load<i32>(column, 52) + (category << 2));
}

/** The number of a cell's value among those that a test names, or -1. */
@inline function indexOf(test: i32, start: i32, end: i32): i32 {
  const table = load<i32>(test, 8);
  const mask = load<i32>(test, 12);
  return load<i32>(test) == TEXTS ? indexOfText(table, mask, start, end - start) : indexOfBits(table, mask, value);
}

/**
 * A test has: kind i32, bit i32, and then two bounds f64 or i64 of a range, two i32 of a length; of a set its table, its mask,
 * whether it is negated, the table of the texts that no cell of the kind can hold, and its mask.
 */
@inline function isMet(test: i32, state: i32, start: i32, end: i32): bool {
  const kind = load<i32>(test);
  // The most frequent ones without a call.
  if (kind == OF_KIND) return state == VALUE;
  if (kind != RANGE) return isOtherMet(test, state, start, end);
  const read = reinterpret<f64>(value);
  return state != VALUE || (read >= load<f64>(test, 8) && read <= load<f64>(test, 16));
}

function isOtherMet(test: i32, state: i32, start: i32, end: i32): bool {
  const kind = load<i32>(test);
  switch (kind) {
    case MOMENTS: {
      const read = load<i32>(test, 24) != 0 ? value * DAY_US : value;
      return state != VALUE || (read >= load<i64>(test, 8) && read <= load<i64>(test, 16));
    }
    case LENGTH:
      return isOfLength(test, start, end);
    case TEXTS:
    case BITS: {
      const isIn = state == VALUE && (test == soughtIn ? soughtIndex : indexOf(test, start, end)) >= 0;
      if (load<i32>(test, 16) == 0) return isIn || state != VALUE;
      const texts = load<i32>(test, 20);
      return !isIn && (texts == 0 || indexOfText(texts, load<i32>(test, 24), start, end - start) < 0);
    }
    case PATTERN:
      return isMatched(test, start, end) == (load<i32>(test, 20) == 0);
    default:
      // ABSENT
      return false;
  }
}

/**
 * Walks the automaton of a pattern: classes ptr i32, rows ptr i32, the row it starts in i32, and whether it is negated. A row
 * has for each class how far from the first row the next one lies, and before them whether the text may end. The first row is
 * dead.
 */
function isMatched(test: i32, start: i32, end: i32): bool {
  const classes = load<i32>(test, 8);
  const rows = load<i32>(test, 12);
  let row = load<i32>(test, 16);
  for (let at = start; at < end && row != 0; at++)
    row = load<i32>(rows + row + <i32>load<u8>(classes + <i32>load<u8>(at)) * 4, 4);
  return load<i32>(rows + row) != 0;
}

function isOfLength(test: i32, start: i32, end: i32): bool {
  const min = load<i32>(test, 8);
  const max = load<i32>(test, 12);
  const bytes = end - start;
  // A code point has one to four bytes.
  if (bytes < min || ((bytes + 3) >> 2) > max) return false;
  if (((bytes + 3) >> 2) >= min && bytes <= max) return true;
  const length = lengthOf(start, end);
  return length >= min && length <= max;
}

/** The code points of a text. */
@inline function lengthOf(start: i32, end: i32): i32 {
  let length = 0;
  for (let at = start; at < end; at += 16) {
    let first = i8x16.bitmask(i8x16.gt_s(v128.load(<usize>at), i8x16.splat(-65)));
    if (end - at < 16) first &= (1 << (end - at)) - 1;
    length += popcnt(first);
  }
  return length;
}

/** Makes the keys of a record whose cells were tested. A key has: parts ptr i32, their number i32, keys ptr i32, way i32. */
export function makeKeys(record: i32): void {
  let key = tables.keys;
  const end = key + tables.keyCount * KEY_BYTES;
  for (; key < end; key += KEY_BYTES)
    store<i64>(load<i32>(key, 8) + (record << 3), keyOf(load<i32>(key), load<i32>(key, 4), load<i32>(key, 12)));
}

@inline function keyOf(parts: i32, count: i32, way: i32): i64 {
  let hash = tables.seed;
  for (let part = 0; part < count; part++) {
    const column = load<i32>(parts + (part << 2));
    if (load<i32>(column, 40) != VALUE) return NO_KEY;
    if (way == EXACT) return load<i64>(column, 32);
    if ((load<i32>(column, 4) & 0xff) > DECIMAL) {
      const start = load<i32>(column, 44);
      const length = load<i32>(column, 48);
      hash = hashText(hash, start, length);
      if (way == MARKED) return toMarkedKey(hash, isSampledText(start, length));
    } else hash = mix(hash ^ <u64>load<i64>(column, 32));
  }
  return toKey(hash);
}
