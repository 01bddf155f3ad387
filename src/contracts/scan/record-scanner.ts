import { isUtf8 } from 'node:buffer';
import type { RecordKernel } from './record-kernel.ts';

/*
 * Finds the records of a CSV file, and nothing more. What a record is:
 *
 * - Fields are separated by the delimiter. A field that begins with a quote ends with the next quote that is not doubled,
 *   which must be followed by a delimiter or a line end. A quote anywhere else in a field stands for itself.
 * - A record ends with LF or CRLF outside of quotes, or with the file. A CR elsewhere outside of quotes is a fault.
 * - A line without a byte is blank: no record, unless the file has one column.
 * - A record with a fault is rejected by its first physical line only, and scanning goes on at the next line. So a lost
 *   quote costs one line, where a parser that believes it costs everything up to the next quote.
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
  | 'not-a-json-object';

/** What a scanner has to say, record by record; the bytes are valid during the call only. */
export interface RecordSink {
  /** Bytes of a record without its line end. `regular` says that a strict reader understands them as they are. */
  record(bytes: Buffer, place: RecordPlace): void;
  reject(bytes: Buffer, place: RejectPlace): void;
  /** Records `start` to `end` of `bytes`, each ended by LF, all regular: the quick way for most of most files. */
  run(bytes: Buffer, place: { start: number; end: number; records: number; line: number; longest: number }): void;
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
  /** False while more of the same line is to come. */
  readonly complete: boolean;
}

const LF = 10;
const CR = 13;
const QUOTE = 34;

export interface RecordScannerOptions {
  readonly delimiter: string;
  readonly recordBytesMax: number;
  readonly sink: RecordSink;
  /** What passes the regular records; without it each byte is looked at one by one. */
  readonly kernel: RecordKernel | undefined;
}

export class RecordScanner {
  readonly #delimiter: number;
  readonly #recordBytesMax: number;
  readonly #sink: RecordSink;
  readonly #kernel: RecordKernel | undefined;
  /** Fields of every record; set by the first one. */
  #fields = 0;
  #line = 1;
  #offset = 0;
  #discarding = false;
  #found = { fields: 0, lines: 0, regular: true, carriageReturn: false };

  constructor(options: RecordScannerOptions) {
    this.#delimiter = options.delimiter.charCodeAt(0);
    this.#recordBytesMax = options.recordBytesMax;
    this.#sink = options.sink;
    this.#kernel = options.kernel;
  }

  /** Takes what it can of the bytes and says how many; the rest is to be given again, with more behind it. */
  scan(bytes: Buffer, { isLast }: { readonly isLast: boolean }): number {
    let at = 0;
    if (this.#discarding) at = this.#discard(bytes, 0);
    if (at < bytes.length) at = this.#records(bytes, { from: at, isLast });
    this.#offset += at;
    return at;
  }

  #records(bytes: Buffer, { from, isLast }: { from: number; isLast: boolean }): number {
    const sound = isSound(bytes, { from, isLast });
    this.#kernel?.load(bytes);
    let at = from;
    while (at < bytes.length && !this.#discarding) {
      // In a file of one column a blank line is a record, which only the long way knows.
      if (this.#kernel !== undefined && this.#fields > 1) at = this.#run(bytes, { kernel: this.#kernel, at, sound });
      if (at >= bytes.length) break;
      const next = this.#record(bytes, { start: at, isLast, sound });
      if (next < 0) break;
      at = next;
    }
    return at;
  }

  /** Hands on the plainly regular records from `at` on; returns where something else begins. */
  #run(bytes: Buffer, { kernel, at, sound }: { kernel: RecordKernel; at: number; sound: boolean }): number {
    const rules = { delimiter: this.#delimiter, fields: this.#fields, recordBytesMax: this.#recordBytesMax };
    const { end, records, longest } = kernel.run(at, { ...rules, isStrict: !sound });
    if (records > 0) this.#sink.run(bytes, { start: at, end, records, line: this.#line, longest });
    this.#line += records;
    return end;
  }

  /** One record, blank line or rejected line; returns where the next begins, or -1 when more bytes are needed. */
  #record(bytes: Buffer, options: { start: number; isLast: boolean; sound: boolean }): number {
    const { start, isLast } = options;
    const end = this.#endOfRecord(bytes, options);
    if (typeof end === 'string') return this.#reject(bytes, { start, isLast, fault: end });
    if (end < 0) {
      if (bytes.length - start <= this.#recordBytesMax) return -1;
      return this.#reject(bytes, { start, isLast, fault: 'record-too-long' });
    }
    const next = end < bytes.length ? end + 1 : end;
    const contentEnd = end > start && bytes[end - 1] === CR ? end - 1 : end;
    if (contentEnd === start && this.#fields !== 1) {
      this.#line += 1;
      this.#sink.blank();
      return next;
    }
    const fault = this.#faultOf(bytes, { start, end: contentEnd, sound: options.sound });
    if (fault !== undefined) return this.#reject(bytes, { start, isLast, fault });
    if (this.#fields === 0) this.#fields = this.#found.fields;
    this.#sink.record(bytes, { start, end: contentEnd, line: this.#line, regular: this.#found.regular });
    this.#line += 1 + this.#found.lines;
    return next;
  }

  #faultOf(bytes: Buffer, place: { start: number; end: number; sound: boolean }): Fault | undefined {
    const { start, end, sound } = place;
    if (end - start > this.#recordBytesMax) return 'record-too-long';
    if (!sound) {
      const record = bytes.subarray(start, end);
      if (record.includes(0)) return 'nul-byte';
      if (!isUtf8(record)) return 'invalid-utf-8';
    }
    if (this.#found.carriageReturn) return 'stray-carriage-return';
    if (this.#fields === 0 || this.#found.fields === this.#fields) return undefined;
    return this.#found.fields < this.#fields ? 'too-few-fields' : 'too-many-fields';
  }

  /** Where the line end of the record is (or the end of the file); -1 when it is not in these bytes; or what is wrong. */
  #endOfRecord(bytes: Buffer, { start, isLast }: { start: number; isLast: boolean }): number | Fault {
    const length = bytes.length;
    const delimiter = this.#delimiter;
    const found = { fields: 1, lines: 0, regular: true, carriageReturn: false };
    this.#found = found;
    let at = start;
    let fieldStart = true;
    while (at < length) {
      const byte = bytes[at];
      if (byte === LF) return at;
      if (byte === delimiter) {
        found.fields++;
        fieldStart = true;
        at++;
        continue;
      }
      if (byte === QUOTE && fieldStart) {
        const after = this.#afterQuoted(bytes, { at, start, isLast });
        if (typeof after === 'string' || after < 0) return after;
        at = after;
      } else {
        if (byte === QUOTE) found.regular = false;
        else if (byte === CR && (at + 1 < length ? bytes[at + 1] !== LF : isLast === false))
          found.carriageReturn = true;
        at++;
      }
      fieldStart = false;
    }
    return isLast ? length : -1;
  }

  /** Where a quoted field that begins at `at` is over: the delimiter, the line end or the end of the file. */
  #afterQuoted(
    bytes: Buffer,
    { at, start, isLast }: { at: number; start: number; isLast: boolean },
  ): number | 'unterminated-quote' | 'text-after-quote' {
    const length = bytes.length;
    const limit = start + this.#recordBytesMax;
    let from = at + 1;
    for (;;) {
      const quote = bytes.indexOf(QUOTE, from);
      if (quote < 0 || quote > limit) {
        return isLast || length > limit ? 'unterminated-quote' : -1;
      }
      if (quote + 1 >= length && !isLast) return -1;
      if (bytes[quote + 1] === QUOTE) {
        from = quote + 2;
        continue;
      }
      const after = quote + 1;
      const isOver = after >= length || bytes[after] === this.#delimiter || bytes[after] === LF;
      if (!isOver && bytes[after] === CR && after + 1 >= length && !isLast) return -1;
      if (!isOver && !(bytes[after] === CR && (after + 1 >= length || bytes[after + 1] === LF)))
        return 'text-after-quote';
      for (let lf = bytes.indexOf(LF, at); lf >= 0 && lf < quote; lf = bytes.indexOf(LF, lf + 1)) this.#found.lines++;
      return after;
    }
  }

  /** Rejects the physical line at `start`; when its end is not here yet, what there is of it. */
  #reject(bytes: Buffer, { start, isLast, fault }: { start: number; isLast: boolean; fault: Fault }): number {
    const lf = bytes.indexOf(LF, start);
    const end = lf < 0 ? bytes.length : lf;
    const complete = lf >= 0 || isLast;
    if (!complete && end - start <= this.#recordBytesMax) return -1;
    this.#sink.reject(bytes, { start, end, line: this.#line, offset: this.#offset + start, fault, complete });
    if (!complete) {
      this.#discarding = true;
      return end;
    }
    this.#line += 1;
    return lf < 0 ? end : end + 1;
  }

  /** The rest of a rejected line that was too long to wait for. */
  #discard(bytes: Buffer, start: number): number {
    const lf = bytes.indexOf(LF, start);
    const end = lf < 0 ? bytes.length : lf;
    const complete = lf >= 0;
    const offset = this.#offset + start;
    this.#sink.reject(bytes, { start, end, line: this.#line, offset, fault: 'record-too-long', complete });
    if (!complete) return end;
    this.#discarding = false;
    this.#line += 1;
    return end + 1;
  }

  /** Ends a line that was being discarded when the file ended. */
  finish(): void {
    if (!this.#discarding) return;
    this.#discarding = false;
    const place = { start: 0, end: 0, line: this.#line, offset: this.#offset, fault: 'record-too-long' as const };
    this.#sink.reject(Buffer.alloc(0), { ...place, complete: true });
  }
}

/** Whether the whole records of a block hold nothing but UTF-8 without NUL, by two native searches. */
function isSound(bytes: Buffer, { from, isLast }: { from: number; isLast: boolean }): boolean {
  const end = isLast ? bytes.length : bytes.lastIndexOf(LF) + 1;
  const whole = bytes.subarray(from, Math.max(from, end));
  return isUtf8(whole) && !whole.includes(0);
}
