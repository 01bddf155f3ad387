// AssemblyScript: walks over the records of a CSV file sixteen bytes at a time. `scripts/compile-kernels.mjs` compiles it
// into records-wasm.ts. record-scanner.ts says what a record is; what is not plainly regular is left to it.
//
// The caller lays the bytes at `start` to `end` and keeps sixteen bytes behind them readable.

const LF: u8 = 10;
const CR: u8 = 13;
const QUOTE: u8 = 34;

let foundRecords: i32 = 0;
let foundLongest: i32 = 0;

/** How many records the last call passed, and the bytes of the longest of them. */
export function records(): i32 {
  return foundRecords;
}
export function longest(): i32 {
  return foundLongest;
}

/** Place of the next delimiter, line feed, quote or return at or behind `at`; with `isStrict`, of the next NUL or byte above 127 too. */
@inline function nextMark(at: i32, end: i32, delimiter: v128, isStrict: bool): i32 {
  for (; at < end; at += 16) {
    const bytes = v128.load(<usize>at);
    let marks = v128.or(
      v128.or(i8x16.eq(bytes, delimiter), i8x16.eq(bytes, i8x16.splat(LF))),
      v128.or(i8x16.eq(bytes, i8x16.splat(QUOTE)), i8x16.eq(bytes, i8x16.splat(CR))),
    );
    if (isStrict) marks = v128.or(marks, i8x16.le_s(bytes, i8x16.splat(0)));
    const mask = i8x16.bitmask(marks);
    if (mask != 0) return at + ctz(mask);
  }
  return end;
}

/** Place of the quote that ends the field which begins behind `at`, or `end`; a line end within stops it too. */
@inline function closingQuote(at: i32, end: i32, isStrict: bool): i32 {
  for (; at < end; ) {
    const bytes = v128.load(<usize>at);
    let marks = v128.or(i8x16.eq(bytes, i8x16.splat(QUOTE)), i8x16.eq(bytes, i8x16.splat(LF)));
    if (isStrict) marks = v128.or(marks, i8x16.le_s(bytes, i8x16.splat(0)));
    const mask = i8x16.bitmask(marks);
    if (mask == 0) {
      at += 16;
      continue;
    }
    at += ctz(mask);
    if (at >= end || load<u8>(at) != QUOTE) return end;
    if (at + 1 >= end || load<u8>(at + 1) != QUOTE) return at;
    at += 2;
  }
  return end;
}

/**
 * Passes records of exactly `fields` fields and at most `bytesMax` bytes, each ended by a line feed, all quotes in their
 * place, none over several lines. Returns where the first other one begins, or `end`.
 */
export function run(start: i32, end: i32, delimiter: i32, fields: i32, bytesMax: i32, isStrict: bool): i32 {
  const delimiters = i8x16.splat(<i8>delimiter);
  let count = 1;
  let record = start;
  let at = start;
  foundRecords = 0;
  foundLongest = 0;
  while (at < end) {
    if (load<u8>(at) == QUOTE) {
      at = closingQuote(at + 1, end, isStrict) + 1;
      if (at >= end) return record;
    } else {
      at = nextMark(at, end, delimiters, isStrict);
      if (at >= end) return record;
    }
    const mark = load<u8>(at);
    if (mark == <u8>delimiter) {
      count++;
      at++;
    } else if (mark == LF) {
      const length = at - record;
      if (count != fields || length > bytesMax) return record;
      if (length > foundLongest) foundLongest = length;
      foundRecords++;
      count = 1;
      at++;
      record = at;
    } else return record;
  }
  return record;
}

/** Passes `wanted` records of canonical text, or those that end before `end`; returns where the next begins. */
export function skip(start: i32, end: i32, wanted: i32): i32 {
  let record = start;
  let isQuoted = false;
  foundRecords = 0;
  for (let at = start; at < end && foundRecords < wanted; at += 16) {
    const bytes = v128.load(<usize>at);
    let mask = i8x16.bitmask(v128.or(i8x16.eq(bytes, i8x16.splat(QUOTE)), i8x16.eq(bytes, i8x16.splat(LF))));
    while (mask != 0) {
      const place = at + ctz(mask);
      if (place >= end) break;
      if (load<u8>(place) == QUOTE) isQuoted = !isQuoted;
      else if (!isQuoted) {
        record = place + 1;
        if (++foundRecords == wanted) break;
      }
      mask &= mask - 1;
    }
  }
  return record;
}

/**
 * Copies cells of canonical records, whose starts are 32-bit numbers at `starts`, one more than there are records, counted from
 * `text`. A byte for each of the first `cells` cells says at `kept` whether it is copied; the last one is. Returns the end of
 * what lies at `out`, and keeps the bytes of its longest record; sixteen bytes behind it may be written.
 */
export function narrow(starts: i32, records: i32, text: i32, delimiter: i32, kept: i32, cells: i32, out: i32): i32 {
  const delimiters = i8x16.splat(<i8>delimiter);
  let used = out;
  foundLongest = 0;
  for (let record = 0; record < records; record++) {
    const start = text + load<i32>(starts + record * 4);
    // Without its line feed.
    const end = text + load<i32>(starts + record * 4 + 4) - 1;
    const from = used;
    let isQuoted = false;
    let cell = 0;
    let cellStart = start;
    for (let at = start; at < end && cell < cells; at += 16) {
      const bytes = v128.load(<usize>at);
      let mask = i8x16.bitmask(v128.or(i8x16.eq(bytes, delimiters), i8x16.eq(bytes, i8x16.splat(QUOTE))));
      while (mask != 0 && cell < cells) {
        const place = at + ctz(mask);
        mask &= mask - 1;
        if (place >= end) break;
        if (load<u8>(place) == QUOTE) isQuoted = !isQuoted;
        else if (!isQuoted) {
          if (load<u8>(kept + cell) != 0) used = copied(cellStart, place, used, <u8>delimiter);
          cell++;
          cellStart = place + 1;
        }
      }
    }
    if (cell < cells && load<u8>(kept + cell) != 0) used = copied(cellStart, end, used, <u8>delimiter);
    // Instead of the delimiter behind the last cell. A lone empty cell would be a blank line.
    used--;
    if (used == from) {
      store<u8>(used++, QUOTE);
      store<u8>(used++, QUOTE);
    }
    store<u8>(used++, LF);
    if (used - from > foundLongest) foundLongest = used - from;
  }
  return used;
}

/** Copies a cell and puts a delimiter behind it; returns where the next begins. */
@inline function copied(start: i32, end: i32, out: i32, delimiter: u8): i32 {
  for (let at = start, to = out; at < end; at += 16, to += 16) v128.store(<usize>to, v128.load(<usize>at));
  const used = out + end - start;
  store<u8>(used, delimiter);
  return used + 1;
}
