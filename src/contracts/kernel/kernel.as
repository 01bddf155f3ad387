// AssemblyScript: walks once over the bytes of a block, and finds out what a plan asks. `scripts/compile-kernels.mjs` compiles
// it into kernel-wasm.ts. It must equal plain-kernel.ts, which is its specification; layout.ts lays out its tables.
//
// The caller keeps 64 bytes behind the block, the text and the scratch readable and writable.
import { begin, flagged, makeKeys, testCells } from './cells';
import * as tables from './tables';
import { copy, writeCells } from './writing';

export { open } from './tables';
export { addBits, addText } from './sets';

const LF: u8 = 10;
const CR: u8 = 13;
const QUOTE: u8 = 34;

// Why a run stopped.
const END = 0;
const IRREGULAR = 1;
const FULL = 2;

/** Bytes whose marks are found at once. */
const CHUNK = 64;

// What `closingQuote` returns instead of a place.
const NOWHERE = -1;
const UNSOUND = -2;

let delimiters: v128 = i8x16.splat(0);
let isSound: bool = true;
/** Line feeds within the quotes of a record, and whether there are quotes within its cells. */
let feeds: i32 = 0;
let hasQuotes: bool = false;

/** Where the records of a run are written, and how much is. */
let text: i32 = 0;
let textMax: i32 = 0;
let written: i32 = 0;
let scratch: i32 = 0;
let records: i32 = 0;
let lineFeeds: i32 = 0;
let shift: i32 = 0;
let shifted: i32 = 0;
let longest: i32 = 0;

/** A bit for each of 64 bytes that is a delimiter, a line feed, a quote or a return, or unsound where that matters. */
@inline function marksAt(at: i32): i64 {
  const low = <u64>marksOf(at) | (<u64>marksOf(at + 16) << 16);
  return <i64>(low | (<u64>marksOf(at + 32) << 32) | (<u64>marksOf(at + 48) << 48));
}

@inline function marksOf(at: i32): u32 {
  const bytes = v128.load(<usize>at);
  let marks = v128.or(
    v128.or(i8x16.eq(bytes, delimiters), i8x16.eq(bytes, i8x16.splat(LF))),
    v128.or(i8x16.eq(bytes, i8x16.splat(QUOTE)), i8x16.eq(bytes, i8x16.splat(CR))),
  );
  if (!isSound) marks = v128.or(marks, i8x16.le_s(bytes, i8x16.splat(0)));
  return <u32>i8x16.bitmask(marks);
}

/** Where the quote stands that closes the one before `at`. */
function closingQuote(at: i32, end: i32): i32 {
  while (at < end) {
    const bytes = v128.load(<usize>at);
    let marks = v128.or(i8x16.eq(bytes, i8x16.splat(QUOTE)), i8x16.eq(bytes, i8x16.splat(LF)));
    if (!isSound) marks = v128.or(marks, i8x16.le_s(bytes, i8x16.splat(0)));
    const mask = i8x16.bitmask(marks);
    if (mask == 0) {
      at += 16;
      continue;
    }
    at += ctz(mask);
    if (at >= end) return NOWHERE;
    const byte = load<u8>(at);
    if (byte == LF) {
      feeds++;
      at++;
    } else if (byte != QUOTE) return UNSOUND;
    else if (at + 1 < end && load<u8>(at + 1) == QUOTE) {
      hasQuotes = true;
      at += 2;
    } else return at;
  }
  return NOWHERE;
}

/** Notes the results, which kernel.ts reads: stop, end, records, written, longest, line feeds, shifts, flags. */
function finish(stop: i32, end: i32): i32 {
  const results = tables.results;
  store<i32>(tables.starts + (records << 2), tables.isRewriting ? written : end - base);
  store<i32>(results, stop);
  store<i32>(results, end - base, 4);
  store<i32>(results, records, 8);
  store<i32>(results, written, 12);
  store<i32>(results, longest, 16);
  store<i32>(results, lineFeeds, 20);
  store<i32>(results, shifted, 24);
  store<i32>(results, flagged, 28);
  return stop;
}

/** Where the block begins. */
let base: i32 = 0;

/** Passes the records that begin at `start`, of at most `bytesMax` bytes, in the block from `block` to `end`. */
export function run(block: i32, start: i32, end: i32, bytesMax: i32, sound: bool, into: i32, intoMax: i32, spare: i32): i32 {
  base = block;
  text = into;
  textMax = intoMax;
  scratch = spare;
  isSound = sound;
  delimiters = i8x16.splat(<i8>tables.delimiter);
  records = written = lineFeeds = shift = shifted = longest = 0;
  begin();
  return pass(start, end, bytesMax);
}

function pass(start: i32, end: i32, bytesMax: i32): i32 {
  const first = tables.ends;
  const last = first + ((tables.fields - 1) << 2);
  const delimiter = <u8>tables.delimiter;
  const isRewriting = tables.isRewriting;
  const isTrailing = tables.isTrailing;
  let record = start;
  let cell = first;
  let cellStart = start;
  let chunk = start;
  let hasBareQuote = false;
  hasQuotes = false;
  feeds = 0;
  if (start >= end) return finish(END, start);
  let marks = marksAt(chunk);
  for (;;) {
    while (marks == 0) {
      chunk += CHUNK;
      if (chunk >= end) return finish(END, record);
      marks = marksAt(chunk);
    }
    const place = chunk + <i32>ctz(marks);
    marks &= marks - 1;
    if (place >= end) return finish(END, record);
    const byte = load<u8>(place);
    const isEnd = isTrailing && cell == last;
    if (byte == delimiter && !isEnd) {
      if (cell == last) return finish(IRREGULAR, record);
      store<i32>(cell, place);
      cell += 4;
      cellStart = place + 1;
      continue;
    }
    let next = place + 1;
    if (byte == QUOTE) {
      if (place == cellStart) {
        const closing = closingQuote(next, end);
        if (closing == UNSOUND) return finish(IRREGULAR, record);
        if (closing == NOWHERE || closing + 1 >= end) return finish(END, record);
        const after = load<u8>(closing, 1);
        if (after != delimiter && after != LF && after != CR) return finish(IRREGULAR, record);
        if (closing + 1 - chunk < CHUNK) marks &= <i64>-1 << (closing + 1 - chunk);
        else {
          chunk = closing + 1;
          marks = marksAt(chunk);
        }
        continue;
      }
      if (!isRewriting) return finish(IRREGULAR, record);
      hasBareQuote = true;
      continue;
    }
    if (byte == CR || byte == delimiter) {
      if (byte == delimiter && next < end && load<u8>(next) == CR) next++;
      if (next >= end) return finish(END, record);
      if (!isRewriting || load<u8>(next) != LF) return finish(IRREGULAR, record);
      next++;
      if (next - chunk < CHUNK) marks &= <i64>-1 << (next - chunk);
      else {
        chunk = next;
        marks = marksAt(chunk);
      }
    } else if (byte != LF) return finish(IRREGULAR, record);
    if (place == record && byte != delimiter && (last != first || !isRewriting)) {
      // A blank line.
      if (!isRewriting) return finish(IRREGULAR, record);
      lineFeeds++;
    } else {
      // A delimiter behind the last cell counts for the length of the record.
      const length = place - record + <i32>(byte == delimiter);
      if (cell != last || (isTrailing && byte != delimiter) || length > bytesMax) return finish(IRREGULAR, record);
      if (isFull(record, place)) return finish(FULL, record);
      store<i32>(cell, place);
      passRecord(record, place, hasBareQuote);
      hasBareQuote = false;
      hasQuotes = false;
      feeds = 0;
    }
    record = cellStart = next;
    cell = first;
    if (record >= end) return finish(END, record);
  }
  return END;
}

@inline function isFull(record: i32, end: i32): bool {
  return (
    records == tables.recordsMax ||
    flagged + tables.bits > tables.flagsMax ||
    (tables.isRewriting && <i64>written + 2 * (<i64>(end - record) + tables.fields) + 1 > <i64>textMax)
  );
}

function passRecord(record: i32, end: i32, hasBareQuote: bool): void {
  store<i32>(tables.ends - 4, record - 1);
  const moved = lineFeeds - records;
  if (moved != shift) {
    shift = moved;
    const pair = tables.shifts + (shifted << 3);
    store<i32>(pair, records);
    store<i32>(pair, moved, 4);
    shifted++;
  }
  testCells(records, hasQuotes, scratch);
  if (tables.keyCount > 0) makeKeys(records);
  const length = tables.isRewriting ? write(record, end, hasBareQuote) : end - record;
  if (!tables.isRewriting) store<i32>(tables.starts + (records << 2), record - base);
  if (length > longest) longest = length;
  records++;
  lineFeeds += 1 + feeds;
}

/** Writes a record, and returns its length. */
function write(record: i32, end: i32, hasBareQuote: bool): i32 {
  store<i32>(tables.starts + (records << 2), written);
  const from = text + written;
  let to: i32;
  if (tables.fields == 1 && isEmpty(record, end)) {
    // An empty cell alone would be a blank line.
    store<u16>(from, 0x2222);
    to = from + 2;
  } else if (tables.delimiter == tables.outputDelimiter && !hasBareQuote) to = copy(from, record, end);
  else to = writeCells(from);
  store<u8>(to, LF);
  written = to + 1 - text;
  return to - from;
}

/** Whether the cell of a record of one is empty. */
@inline function isEmpty(record: i32, end: i32): bool {
  return record == end || (end - record == 2 && load<u8>(record) == QUOTE);
}
