import type { RecordKernel } from './record-kernel.ts';

/*
 * Finds the records of a CSV file, and nothing more. What a record is:
 *
 * - Fields are separated by the delimiter. A field that begins with a quote ends with the next quote that is not doubled,
 *   which must be followed by a delimiter or a line end. A quote anywhere else in a field is a literal quote.
 * - A record ends with LF or CRLF outside of quotes, or with the file. A CR elsewhere outside of quotes is a fault.
 * - A line without a byte is blank: no record, unless the file has one column.
 * - A record with a fault is rejected as a whole, so that none of its lines is read as a row.
 * - A quote that is never closed ends its record at the end of its line. So a stray quote costs one line, and not everything up to the next quote. Closed is a quote by another within the length of the
 *   longest record; not by one on a later line that begins a field: it follows a delimiter or a line end, and text follows it.
 * - Behind the text that follows a closing quote, the record goes on as if its field had no quotes.
 */

export type Fault =
  | 'unterminated-quote'
  | 'text-after-quote'
  | 'too-few-fields'
  | 'too-many-fields'
  | 'stray-carriage-return'
  | 'nul-byte'
  | 'invalid-utf-8'
  | 'record-too-long'
  | 'not-a-json-object'
  | 'repeated-field';

/** Events of a scanner, record by record; the bytes are valid only during the call. */
export interface RecordSink<Bytes extends Uint8Array = Buffer> {
  /** Bytes of a record without its line end. `regular`: a strict reader can read them as they are. */
  record(bytes: Bytes, place: RecordPlace): void;
  reject(bytes: Bytes, place: RejectPlace): void;
  /** Records `start` to `end` of `bytes`, each ended by LF, all regular: the fast path for most of the data. */
  run(bytes: Bytes, place: { start: number; end: number; records: number; line: number; longest: number }): void;
  blank(): void;
}
export interface RecordPlace {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly regular: boolean;
}
export interface RejectPlace {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  /** Of the first byte, in the decoded text. */
  readonly offset: number;
  readonly fault: Fault;
  /** False while more of the same line follows. */
  readonly complete: boolean;
}

/** Default length of the longest record that is read. */
export const RECORD_BYTES_MAX = 4 << 20;

const LF = 10;
const CR = 13;
const QUOTE = 34;
/** A CRLF, which is no part of the record. */
const LINE_END_BYTES = 2;
/** Instead of a position: more bytes are needed, or there is none. */
const UNKNOWN = -1;
const NEVER = -2;

export interface RecordScannerOptions<Bytes extends Uint8Array = Buffer> {
  readonly delimiter: string;
  readonly recordBytesMax: number;
  readonly sink: RecordSink<Bytes>;
  /** Whether bytes are well-formed UTF-8: Node has a fast test, a browser has not. */
  readonly isUtf8: (bytes: Uint8Array) => boolean;
  /** Skips the regular records; without it each byte is scanned one by one. */
  readonly kernel: RecordKernel | undefined;
  /** Fields of every record, when they are known; those of the first record unless set. */
  readonly fields?: number;
  /** The record that the bytes before ended in. */
  readonly rest?: RecordRest | undefined;
}

/** A record that is too long to buffer, whose first bytes were passed on already. */
export interface RecordRest {
  readonly at: Place;
  readonly lines: number;
  /** It is a line without a record, such as a comment. */
  readonly isNoRecord?: true;
}

/** What the scan to the end of a record found. */
interface Found {
  fields: number;
  /** Line ends within quotes. */
  lines: number;
  regular: boolean;
  carriageReturn: boolean;
  quoteFault: 'unterminated-quote' | 'text-after-quote' | undefined;
  /** How far the bytes were scanned, and what is there. */
  reached: number;
  at: Place;
}
type Place = 'field-start' | 'in-field' | 'last-line';

export class RecordScanner<Bytes extends Uint8Array = Buffer> {
  readonly #delimiter: number;
  readonly #recordBytesMax: number;
  readonly #sink: RecordSink<Bytes>;
  readonly #isUtf8: (bytes: Uint8Array) => boolean;
  readonly #kernel: RecordKernel | undefined;
  /** Fields of every record; set by the first one. */
  #fields = 0;
  #line = 1;
  #offset = 0;
  /** Set within such a record. */
  #rest: RecordRest | undefined;
  #found: Found = newFound('field-start');

  constructor(options: RecordScannerOptions<Bytes>) {
    this.#delimiter = options.delimiter.charCodeAt(0);
    this.#recordBytesMax = options.recordBytesMax;
    this.#sink = options.sink;
    this.#isUtf8 = options.isUtf8;
    this.#kernel = options.kernel;
    this.#fields = options.fields ?? 0;
    this.#rest = options.rest;
  }

  /** The record that the bytes so far ended in, when it is too long to buffer. */
  get rest(): RecordRest | undefined {
    return this.#rest;
  }

  /** The line on which the next record begins, from 1. */
  get line(): number {
    return this.#line;
  }

  /** Goes on behind records that another has read, which ended so many lines. */
  skipLines(lines: number): void {
    this.#line += lines;
  }

  /**
   * Scans one record, blank line or rejected record from `start` on; returns where the next begins, or -1 when more
   * bytes are needed. Unless `sound`, the bytes may hold a NUL or be no UTF-8.
   */
  scanOne(bytes: Bytes, place: { readonly start: number; readonly isLast: boolean; readonly sound: boolean }): number {
    return this.#record(bytes, place);
  }

  /** Consumes what it can of the bytes and returns how many; the rest must be passed again, followed by more. */
  scan(bytes: Bytes, { isLast }: { readonly isLast: boolean }): number {
    const sound = this.#isSound(bytes, isLast);
    this.#kernel?.load(bytes);
    let at = 0;
    while (at < bytes.length) {
      // In a file of one column a blank line is a record, which only the slow path handles.
      if (this.#kernel !== undefined && this.#fields > 1 && this.#rest === undefined)
        at = this.#run(bytes, { kernel: this.#kernel, at, sound });
      if (at >= bytes.length) break;
      const next = this.#record(bytes, { start: at, isLast, sound });
      if (next < 0) break;
      at = next;
    }
    this.#offset += at;
    return at;
  }

  /** Whether the complete records of a block are UTF-8 without NUL, by two native searches. */
  #isSound(bytes: Bytes, isLast: boolean): boolean {
    const whole = bytes.subarray(0, isLast ? bytes.length : bytes.lastIndexOf(LF) + 1);
    return this.#isUtf8(whole) && !whole.includes(0);
  }

  /** Passes on the clearly regular records from `at` on; returns where something else starts. */
  #run(bytes: Bytes, { kernel, at, sound }: { kernel: RecordKernel; at: number; sound: boolean }): number {
    const rules = { delimiter: this.#delimiter, fields: this.#fields, recordBytesMax: this.#recordBytesMax };
    const { end, records, longest } = kernel.run(at, { ...rules, isStrict: !sound });
    if (records > 0) this.#sink.run(bytes, { start: at, end, records, line: this.#line, longest });
    this.#line += records;
    return end;
  }

  /** One record, blank line or rejected record; returns where the next starts, or -1 when more bytes are needed. */
  #record(bytes: Bytes, { start, isLast, sound }: { start: number; isLast: boolean; sound: boolean }): number {
    const end = this.#endOfRecord(bytes, { start, isLast });
    if (end < 0) return this.#rejectBeginning(bytes, start);
    const next = end < bytes.length ? end + 1 : end;
    const contentEnd = end > start && bytes[end - 1] === CR ? end - 1 : end;
    if (contentEnd === start && this.#fields !== 1 && this.#rest === undefined) {
      this.#line += 1;
      this.#sink.blank();
      return next;
    }
    const fault = this.#faultOf(bytes, { start, end: contentEnd, sound });
    if (fault !== undefined) this.#reject(bytes, { start, end, fault });
    else {
      if (this.#fields === 0) this.#fields = this.#found.fields;
      this.#sink.record(bytes, { start, end: contentEnd, line: this.#line, regular: this.#found.regular });
      this.#line += 1 + this.#found.lines;
    }
    return next;
  }

  /** The rest of a record that has a fault, or all of it. */
  #reject(bytes: Bytes, { start, end, fault }: { start: number; end: number; fault: Fault }): void {
    const offset = this.#offset + start;
    // Not a spread, which takes a microsecond and more where every second record is rejected.
    this.#sink.reject(bytes, { start, end, line: this.#line, offset, fault, complete: true });
    this.#line += 1 + this.#found.lines + (this.#rest?.lines ?? 0);
    this.#rest = undefined;
  }

  /**
   * Rejects the scanned bytes of a record that is too long to buffer; -1 when it is not too long, or nothing was
   * scanned.
   */
  #rejectBeginning(bytes: Bytes, start: number): number {
    const { reached, at, lines } = this.#found;
    const isTooLong = this.#rest !== undefined || reached - start > this.#recordBytesMax + LINE_END_BYTES;
    if (!isTooLong || reached === start) return UNKNOWN;
    const place = { start, end: reached, line: this.#line, offset: this.#offset + start, complete: false };
    this.#sink.reject(bytes, { ...place, fault: 'record-too-long' });
    this.#rest = { at, lines: lines + (this.#rest?.lines ?? 0) };
    return reached;
  }

  /** Ends a record that was being rejected when the file ended; `none` is no bytes. */
  finish(none: Bytes): void {
    if (this.#rest === undefined) return;
    this.#found = newFound('field-start');
    this.#reject(none, { start: 0, end: 0, fault: 'record-too-long' });
  }

  #faultOf(
    bytes: Uint8Array,
    { start, end, sound }: { start: number; end: number; sound: boolean },
  ): Fault | undefined {
    const { quoteFault, carriageReturn, fields } = this.#found;
    if (this.#rest !== undefined || end - start > this.#recordBytesMax) return 'record-too-long';
    if (quoteFault !== undefined) return quoteFault;
    if (!sound) {
      const record = bytes.subarray(start, end);
      if (record.includes(0)) return 'nul-byte';
      if (!this.#isUtf8(record)) return 'invalid-utf-8';
    }
    if (carriageReturn) return 'stray-carriage-return';
    if (this.#fields === 0 || fields === this.#fields) return undefined;
    return fields < this.#fields ? 'too-few-fields' : 'too-many-fields';
  }

  /** Where the line end of the record is (or the end of the file); -1 when it is not in these bytes. */
  #endOfRecord(bytes: Uint8Array, { start, isLast }: { start: number; isLast: boolean }): number {
    const { length } = bytes;
    const delimiter = this.#delimiter;
    const found = newFound(this.#rest?.at ?? 'field-start');
    this.#found = found;
    if (found.at === 'last-line') return this.#endOfLine(bytes, { start, isLast });
    let at = start;
    let fieldStart = found.at === 'field-start';
    while (at < length) {
      const byte = bytes[at];
      if (byte === LF) return at;
      if (byte === QUOTE && fieldStart) {
        const after = this.#afterQuoted(bytes, { at, isLast });
        if (after === NEVER) return this.#endOfLine(bytes, { start: at, isLast });
        if (after === UNKNOWN) return this.#wait({ reached: at, at: 'field-start' });
        at = after;
        fieldStart = false;
        continue;
      }
      fieldStart = byte === delimiter;
      if (fieldStart) found.fields++;
      else if (byte === QUOTE) found.regular = false;
      else if (byte === CR && (at + 1 < length ? bytes[at + 1] !== LF : !isLast)) found.carriageReturn = true;
      at++;
    }
    return isLast ? length : this.#wait({ reached: length, at: fieldStart ? 'field-start' : 'in-field' });
  }

  #endOfLine(bytes: Uint8Array, { start, isLast }: { start: number; isLast: boolean }): number {
    const lf = bytes.indexOf(LF, start);
    if (lf >= 0) return lf;
    return isLast ? bytes.length : this.#wait({ reached: bytes.length, at: 'last-line' });
  }

  #wait({ reached, at }: Pick<Found, 'reached' | 'at'>): typeof UNKNOWN {
    this.#found.reached = reached;
    this.#found.at = at;
    return UNKNOWN;
  }

  /** The position after the quote that closes the one at `at`. */
  #afterQuoted(bytes: Uint8Array, { at, isLast }: { at: number; isLast: boolean }): number {
    const { length } = bytes;
    const limit = at + this.#recordBytesMax;
    let quote = bytes.indexOf(QUOTE, at + 1);
    while (quote >= 0 && quote < limit && bytes[quote + 1] === QUOTE) quote = bytes.indexOf(QUOTE, quote + 2);
    if (quote < 0 ? isLast || length > limit : quote >= limit) return this.#neverClosed();
    const after = quote + 1;
    const isCut = after === length || (bytes[after] === CR && after + 1 === length);
    if (quote < 0 || (isCut && !isLast)) return UNKNOWN;
    const isOver = isCut || this.#endsField(bytes, after);
    const lines = countLineFeeds(bytes, { from: at, to: quote });
    if (!isOver && lines > 0 && this.#beginsField(bytes, { quote, from: at + 1 })) return this.#neverClosed();
    if (!isOver) this.#found.quoteFault ??= 'text-after-quote';
    this.#found.lines += lines;
    return after;
  }

  #neverClosed(): typeof NEVER {
    this.#found.quoteFault ??= 'unterminated-quote';
    return NEVER;
  }

  #endsField(bytes: Uint8Array, after: number): boolean {
    const byte = bytes[after];
    return byte === this.#delimiter || byte === LF || (byte === CR && bytes[after + 1] === LF);
  }

  /** Whether a quote, and those right before it, are at the start of a field. */
  #beginsField(bytes: Uint8Array, { quote, from }: { quote: number; from: number }): boolean {
    let first = quote;
    while (first > from && bytes[first - 1] === QUOTE) first--;
    return bytes[first - 1] === this.#delimiter || bytes[first - 1] === LF;
  }
}

function countLineFeeds(bytes: Uint8Array, { from, to }: { from: number; to: number }): number {
  let count = 0;
  for (let lf = bytes.indexOf(LF, from); lf >= 0 && lf < to; lf = bytes.indexOf(LF, lf + 1)) count++;
  return count;
}

function newFound(at: Place): Found {
  return { fields: 1, lines: 0, regular: true, carriageReturn: false, quoteFault: undefined, reached: 0, at };
}
