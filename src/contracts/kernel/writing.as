// AssemblyScript: writes records anew, in canonical form.
import { ends, fields, outputDelimiter } from './tables';

const LF: u8 = 10;
const CR: u8 = 13;
const QUOTE: u8 = 34;

/** Copies bytes; up to fifteen behind the copy are overwritten. */
@inline export function copy(to: i32, start: i32, end: i32): i32 {
  const next = to + (end - start);
  for (; start < end; start += 16, to += 16) v128.store(<usize>to, v128.load(<usize>start));
  return next;
}

/** Whether a cell must be quoted: it holds a quote, the delimiter or a line end. */
@inline function mustQuote(start: i32, end: i32): bool {
  const delimiters = i8x16.splat(<i8>outputDelimiter);
  for (let at = start; at < end; at += 16) {
    const bytes = v128.load(<usize>at);
    let marks = i8x16.bitmask(
      v128.or(
        v128.or(i8x16.eq(bytes, delimiters), i8x16.eq(bytes, i8x16.splat(LF))),
        v128.or(i8x16.eq(bytes, i8x16.splat(QUOTE)), i8x16.eq(bytes, i8x16.splat(CR))),
      ),
    );
    if (end - at < 16) marks &= (1 << (end - at)) - 1;
    if (marks != 0) return true;
  }
  return false;
}

/** Writes the cells of a record, quoted only where necessary; returns where it ends. */
export function writeCells(to: i32): i32 {
  for (let index = 0; index < fields; index++) {
    const cell = ends + (index << 2);
    const start = load<i32>(cell - 4) + 1;
    const end = load<i32>(cell);
    if (index > 0) store<u8>(to++, <u8>outputDelimiter);
    if (start < end && load<u8>(start) == QUOTE) {
      // Quotes in it are doubled already.
      const isKept = mustQuote(start + 1, end - 1);
      to = isKept ? copy(to, start, end) : copy(to, start + 1, end - 1);
    } else to = mustQuote(start, end) ? writeQuoted(to, start, end) : copy(to, start, end);
  }
  return to;
}

function writeQuoted(to: i32, start: i32, end: i32): i32 {
  store<u8>(to++, QUOTE);
  for (let at = start; at < end; at++) {
    const byte = load<u8>(at);
    if (byte == QUOTE) store<u8>(to++, QUOTE);
    store<u8>(to++, byte);
  }
  store<u8>(to++, QUOTE);
  return to;
}
