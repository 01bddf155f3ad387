import type { Form } from '../format/form.ts';
import { isAt } from '../format/output.ts';
import type { Fault } from './record-scanner.ts';

/*
 * Finds the cells of one record in any form, by the rules of `record-scanner.ts`, which reads the default form. What is
 * different where the form says so:
 *
 * - The delimiter and the quote may have several bytes; there may be no quote.
 * - With `backslash`, the character behind a backslash stands for itself, in quotes and outside: a quote, a delimiter, a
 *   line end.
 * - Blanks are skipped behind delimiters, or trimmed on both sides, before a quote is looked for.
 */

/** Instead of a position: more bytes are needed, or there is none. */
export const UNKNOWN = -1;
const NEVER = -2;

const LF = 10;
const CR = 13;
const TAB = 9;
const BLANK = 32;
const BACKSLASH = 92;
const CELLS_AT_FIRST = 64;

export type Place = 'field-start' | 'in-field' | 'last-line';

export class CellFinder {
  readonly #form: Form;
  readonly #recordBytesMax: number;
  /** By byte: whether it may end a cell or mean something in it. */
  readonly #isSpecial = new Uint8Array(256);
  /** Where the content of each cell begins and ends, without its quotes, and whether quotes or backslashes escape in it. */
  starts = new Int32Array(CELLS_AT_FIRST);
  ends = new Int32Array(CELLS_AT_FIRST);
  hasEscapes = new Uint8Array(CELLS_AT_FIRST);
  cells = 0;
  /** Line ends within cells. */
  lines = 0;
  hasStrayReturn = false;
  quoteFault: Extract<Fault, 'unterminated-quote' | 'text-after-quote'> | undefined;
  /** How far the bytes were scanned, and what is there. */
  reached = 0;
  at: Place = 'field-start';
  #cellStart = 0;
  #isEscaped = false;

  constructor(form: Form, recordBytesMax: number) {
    this.#form = form;
    this.#recordBytesMax = recordBytesMax;
    const { delimiter, quote, isBackslash } = form;
    for (const byte of [LF, CR, delimiter[0], quote?.[0], isBackslash ? BACKSLASH : undefined])
      if (byte !== undefined) this.#isSpecial[byte] = 1;
  }

  /** Where the line end of the record is, or the end of the file; UNKNOWN when it is not in these bytes. */
  find(bytes: Uint8Array, { start, isLast, from }: { start: number; isLast: boolean; from: Place }): number {
    this.cells = this.lines = this.reached = 0;
    this.hasStrayReturn = this.#isEscaped = false;
    this.quoteFault = undefined;
    this.at = from;
    if (from === 'last-line') return this.#endOfLine(bytes, { start, isLast });
    let at = start;
    let isFieldStart = from === 'field-start';
    this.#cellStart = at;
    const { delimiter, quote, blanks } = this.#form;
    const plainDelimiter = delimiter.length === 1 ? delimiter[0] : undefined;
    for (;;) {
      // Most cells begin with neither a quote nor a blank that is skipped.
      if (isFieldStart && blanks === 'kept' && at < bytes.length && bytes[at] !== quote?.[0]) {
        this.#cellStart = at;
        this.#isEscaped = isFieldStart = false;
      } else if (isFieldStart) {
        const next = this.#openCell(bytes, { at, isLast });
        if (next === NEVER) return this.#endOfLine(bytes, { start: at, isLast });
        if (next === UNKNOWN) return this.#wait(at, 'field-start');
        at = next;
        isFieldStart = false;
      }
      const isSpecial = this.#isSpecial;
      while (at < bytes.length && isSpecial[bytes[at] ?? 0] === 0) at++;
      if (at >= bytes.length) break;
      const byte = bytes[at];
      if (byte === LF) {
        this.#endCell(bytes, at);
        return at;
      }
      if (byte === plainDelimiter) {
        this.#endCell(bytes, at);
        this.#cellStart = ++at;
        isFieldStart = true;
        continue;
      }
      const next = this.#pass(bytes, { at, isLast });
      if (next === UNKNOWN) return this.#wait(at, 'in-field');
      isFieldStart = this.#cellStart === next;
      at = next;
    }
    if (!isLast) return this.#wait(bytes.length, 'in-field');
    this.#endCell(bytes, bytes.length);
    return bytes.length;
  }

  /** Passes a byte that may mean something outside of quotes, but a line end. */
  #pass(bytes: Uint8Array, { at, isLast }: { at: number; isLast: boolean }): number {
    const { delimiter, isBackslash } = this.#form;
    const byte = bytes[at];
    if (byte === delimiter[0]) {
      if (delimiter.length === 1 || isAt(bytes, at, delimiter)) {
        this.#endCell(bytes, at);
        this.#cellStart = at + delimiter.length;
        return this.#cellStart;
      }
      if (!isLast && at + delimiter.length > bytes.length) return UNKNOWN;
    }
    if (byte === BACKSLASH && isBackslash) {
      // A CRLF is one line end.
      const ends = bytes[at + 1] === CR ? at + 2 : at + 1;
      if (ends >= bytes.length && !isLast) return UNKNOWN;
      this.#isEscaped = true;
      if (bytes[ends] === LF) this.lines++;
      return Math.min(bytes.length, bytes[ends] === LF ? ends + 1 : at + 2);
    }
    if (byte === CR && (at + 1 < bytes.length ? bytes[at + 1] !== LF : !isLast)) this.hasStrayReturn = true;
    return at + 1;
  }

  /** Passes blanks and what is in quotes; the position where the rest of the cell begins. */
  #openCell(bytes: Uint8Array, { at, isLast }: { at: number; isLast: boolean }): number {
    const { quote, blanks } = this.#form;
    let start = at;
    if (blanks !== 'kept') start = this.#afterBlanks(bytes, at);
    // Blanks that are trimmed are part of the text of a cell.
    this.#cellStart = blanks === 'trimmed' ? at : start;
    this.#isEscaped = false;
    if (quote === undefined) return start;
    if (start + quote.length > bytes.length) return isLast || !couldBe(bytes, start, quote) ? start : UNKNOWN;
    return isAt(bytes, start, quote) ? this.#afterQuoted(bytes, { at: start, isLast, quote }) : start;
  }

  #afterBlanks(bytes: Uint8Array, start: number): number {
    let at = start;
    while (at < bytes.length && this.#isBlank(bytes[at])) at++;
    return at;
  }

  #isBlank(byte: number | undefined): boolean {
    return byte === BLANK || (byte === TAB && this.#form.delimiter[0] !== TAB);
  }

  /** The position after the quote that closes the one at `at`, and the blanks behind it where they are trimmed. */
  #afterQuoted(bytes: Uint8Array, { at, isLast, quote }: { at: number; isLast: boolean; quote: Uint8Array }): number {
    const { length } = bytes;
    const limit = at + this.#recordBytesMax;
    const from = at + quote.length;
    const closing = this.#closingQuote(bytes, { from, limit, quote });
    if (closing < 0 ? isLast || length > limit : closing >= limit) return this.#neverClosed();
    let after = closing + quote.length;
    if (this.#form.blanks === 'trimmed' && closing >= 0) after = this.#afterBlanks(bytes, after);
    const { delimiter } = this.#form;
    // A quote may follow, or the rest of a delimiter or of a CRLF.
    const more = Math.max(quote.length, delimiter.length, 2);
    const isCut = after + more > length && !this.#endsField(bytes, { after, isLast: false });
    if (closing < 0 || (isCut && !isLast)) return UNKNOWN;
    const isOver = this.#endsField(bytes, { after, isLast });
    const lines = countLineFeeds(bytes, { from: at, to: closing });
    if (!isOver && lines > 0 && this.#beginsField(bytes, { closing, from })) return this.#neverClosed();
    this.lines += lines;
    if (!isOver) this.quoteFault ??= 'text-after-quote';
    else {
      if (this.#form.isBackslash) this.#isEscaped = bytes.subarray(from, closing).includes(BACKSLASH);
      this.#endCellAt(from, closing);
    }
    return after;
  }

  /** The first quote from here on that none escapes; -1 when there is none. */
  #closingQuote(bytes: Uint8Array, { from, limit, quote }: { from: number; limit: number; quote: Uint8Array }): number {
    const { isBackslash } = this.#form;
    let found = indexOfBytes(bytes, quote, from);
    while (found >= 0 && found < limit) {
      if (isBackslash) {
        let first = found;
        while (first > from && bytes[first - 1] === BACKSLASH) first--;
        if ((found - first) % 2 === 0) return found;
        found = indexOfBytes(bytes, quote, found + quote.length);
      } else {
        if (!isAt(bytes, found + quote.length, quote)) return found;
        this.#isEscaped = true;
        found = indexOfBytes(bytes, quote, found + 2 * quote.length);
      }
    }
    return found;
  }

  #neverClosed(): typeof NEVER {
    this.quoteFault ??= 'unterminated-quote';
    return NEVER;
  }

  #endsField(bytes: Uint8Array, { after, isLast }: { after: number; isLast: boolean }): boolean {
    const byte = bytes[after];
    if (after >= bytes.length) return isLast;
    if (byte === CR) return after + 1 < bytes.length ? bytes[after + 1] === LF : isLast;
    return byte === LF || isAt(bytes, after, this.#form.delimiter);
  }

  /** Whether a quote, and those right before it, are at the start of a field. */
  #beginsField(bytes: Uint8Array, { closing, from }: { closing: number; from: number }): boolean {
    const { quote = new Uint8Array(), delimiter, blanks } = this.#form;
    let first = closing;
    while (first - quote.length >= from && isAt(bytes, first - quote.length, quote)) first -= quote.length;
    while (blanks !== 'kept' && first > from && this.#isBlank(bytes[first - 1])) first--;
    return bytes[first - 1] === LF || (first >= delimiter.length && isAt(bytes, first - delimiter.length, delimiter));
  }

  #endOfLine(bytes: Uint8Array, { start, isLast }: { start: number; isLast: boolean }): number {
    const lf = bytes.indexOf(LF, start);
    if (lf >= 0) return lf;
    return isLast ? bytes.length : this.#wait(bytes.length, 'last-line');
  }

  #wait(reached: number, at: Place): typeof UNKNOWN {
    this.reached = reached;
    this.at = at;
    return UNKNOWN;
  }

  /** Notes the content of a cell in quotes, which its end then does not change. */
  #endCellAt(start: number, end: number): void {
    this.#note(start, end);
    this.#cellStart = NEVER;
  }

  /** Notes a cell that ends here, unless it was in quotes. */
  #endCell(bytes: Uint8Array, at: number): void {
    if (this.#cellStart === NEVER) return;
    const end = at > this.#cellStart && bytes[at - 1] === CR && (bytes[at] === LF || at === bytes.length) ? at - 1 : at;
    this.#note(Math.min(this.#cellStart, end), end);
  }

  #note(start: number, end: number): void {
    if (this.cells === this.starts.length) this.#grow();
    this.starts[this.cells] = start;
    this.ends[this.cells] = end;
    this.hasEscapes[this.cells] = this.#isEscaped ? 1 : 0;
    this.cells++;
  }

  #grow(): void {
    const [starts, ends] = [new Int32Array(this.cells * 2), new Int32Array(this.cells * 2)];
    const hasEscapes = new Uint8Array(this.cells * 2);
    starts.set(this.starts);
    ends.set(this.ends);
    hasEscapes.set(this.hasEscapes);
    Object.assign(this, { starts, ends, hasEscapes });
  }
}

/** Whether the bytes end with the beginning of the sequence. */
function couldBe(bytes: Uint8Array, start: number, sequence: Uint8Array): boolean {
  for (let at = start; at < bytes.length; at++) if (bytes[at] !== sequence[at - start]) return false;
  return true;
}

function indexOfBytes(bytes: Uint8Array, sequence: Uint8Array, from: number): number {
  const first = sequence[0] ?? 0;
  let at = bytes.indexOf(first, from);
  while (at >= 0 && sequence.length > 1 && !isAt(bytes, at, sequence)) at = bytes.indexOf(first, at + 1);
  return at;
}

function countLineFeeds(bytes: Uint8Array, { from, to }: { from: number; to: number }): number {
  let count = 0;
  for (let lf = bytes.indexOf(LF, from); lf >= 0 && lf < to; lf = bytes.indexOf(LF, lf + 1)) count++;
  return count;
}
