import type { ColumnKind } from '../cell.ts';
import type { CellCoercer } from '../coercions/cell-coercer.ts';
import { convertsValues, type Form } from '../format/form.ts';
import { isAt, Output } from '../format/output.ts';
import { toRecord } from './fields.ts';
import { CellFinder, UNKNOWN } from './find-cells.ts';
import { joinedNames } from './joined-names.ts';
import type { Fault, RecordRest, RecordSink } from './record-scanner.ts';
import { RecordWriter } from './record-writer.ts';

/*
 * Reads a file that is not in the default form, and hands it to a sink as if it were: what the checks behind it see is
 * UTF-8 with LF, doubled quotes, the delimiter that is asked for, and values as the default form has them. Lines before the
 * header, comments, blank lines and the rows of the header are no records; the header is the first record, with one
 * name for each column. A record that is no row is rejected with the bytes of the file.
 */

const LF = 10;
const CR = 13;
const BLANK = 32;
const TAB = 9;
/** A CRLF, which is no part of the record. */
const LINE_END_BYTES = 2;

/** What the columns of a file are. */
export interface FormColumns {
  /** Names of the columns of a file without a header row, whose first record has so many cells. */
  readonly namesOf?: (cells: number) => readonly string[];
  /** Kinds of the columns by their places, once the sink knows the header. Undefined: cells keep their text. */
  readonly kindsOf?: (header: readonly string[]) => readonly (ColumnKind | undefined)[];
  /** What changes the cells of columns by their places. */
  readonly coercersOf?: (header: readonly string[]) => readonly (CellCoercer | undefined)[];
}

export interface FormScannerOptions<Bytes extends Uint8Array> {
  readonly form: Form;
  readonly columns: FormColumns;
  /** What separates the cells of the records that the sink gets. */
  readonly outputDelimiter: string;
  readonly recordBytesMax: number;
  readonly sink: RecordSink<Bytes>;
  readonly isUtf8: (bytes: Uint8Array) => boolean;
  readonly allocate: (size: number) => Bytes;
  /** Whether records reach the sink as they stand in the file, each with what is before its table as the header. */
  readonly keepsText?: boolean;
  /** Names of the columns, when what is scanned is the rest of a file behind its header. */
  readonly header?: readonly string[];
  /** Told where each record that the sink gets stands in the bytes, without its line end. */
  readonly onPlace?: (start: number, end: number) => void;
}

export class FormScanner<Bytes extends Uint8Array = Buffer> {
  readonly #options: FormScannerOptions<Bytes>;
  readonly #form: Form;
  readonly #finder: CellFinder;
  readonly #out: Output<Bytes>;
  readonly #writer: RecordWriter<Bytes>;
  readonly #headerRows: (readonly string[])[] = [];
  /** Bytes before the first record, with line ends; kept only when text is. */
  readonly #head: number[] = [];
  #linesToSkip: number;
  #hasHeader = false;
  /** Cells of every record. */
  #fields = 0;
  #line = 1;
  #offset = 0;
  #rest: RecordRest | undefined;
  /** Whether the beginning of a long line that is no record was passed. */
  #isWithinLine = false;
  /** The records in `out`, on consecutive lines. */
  readonly #run = { records: 0, line: 0, longest: 0 };

  constructor(options: FormScannerOptions<Bytes>) {
    const { form, recordBytesMax, allocate, outputDelimiter } = options;
    this.#options = options;
    this.#form = form;
    this.#finder = new CellFinder(form, recordBytesMax);
    this.#out = new Output(allocate);
    this.#writer = new RecordWriter({ form, out: this.#out, outputDelimiter, cells: this.#finder });
    this.#linesToSkip = form.skipLines;
    if (options.header !== undefined) this.#goOnBehind(options.header);
  }

  /** Names of the columns are known. */
  get hasHeader(): boolean {
    return this.#hasHeader;
  }

  /** The line on which the next record begins, from 1. */
  get line(): number {
    return this.#line;
  }

  /** What the bytes so far ended in, when it is too long to buffer. */
  get rest(): RecordRest | undefined {
    return this.#isWithinLine ? { at: 'last-line', lines: 0, isNoRecord: true } : this.#rest;
  }

  /** Goes on with other bytes, whose lines and places are counted anew. */
  restart(rest: RecordRest | undefined): void {
    this.#isWithinLine = rest?.isNoRecord === true;
    this.#rest = this.#isWithinLine ? undefined : rest;
    this.#line = 1;
    this.#offset = 0;
  }

  #goOnBehind(header: readonly string[]): void {
    this.#hasHeader = true;
    this.#fields = header.length;
    this.#linesToSkip = 0;
    for (let row = 0; row < this.#form.headerRows; row++) this.#headerRows.push(header);
    this.#setKinds(header);
  }

  /** Consumes what it can of the bytes and returns how many; the rest must be passed again, followed by more. */
  scan(bytes: Bytes, options: { readonly isLast: boolean }): number {
    return this.#scan(bytes, { ...options, isHeader: false });
  }

  /** The same up to the first record behind the header. */
  scanHeader(bytes: Bytes, options: { readonly isLast: boolean }): number {
    return this.#scan(bytes, { ...options, isHeader: true });
  }

  #scan(bytes: Bytes, { isLast, isHeader }: { readonly isLast: boolean; readonly isHeader: boolean }): number {
    const whole = bytes.subarray(0, isLast ? bytes.length : bytes.lastIndexOf(LF) + 1);
    const sound = this.#options.isUtf8(whole) && !whole.includes(0);
    let at = 0;
    while (at < bytes.length && !(isHeader && this.#hasHeader)) {
      const passed = this.#rest === undefined ? this.#passLine(bytes, { start: at, isLast }) : at;
      if (passed === UNKNOWN) break;
      if (passed > at) {
        at = passed;
        continue;
      }
      const next = this.#record(bytes, { start: at, isLast, sound, isHeader });
      if (next < 0) break;
      at = next;
    }
    this.#endRun();
    this.#offset += at;
    return at;
  }

  /** Ends a record that was being rejected when the file ended; `none` is no bytes. */
  finish(none: Bytes): void {
    if (this.#rest === undefined) return;
    this.#finder.find(none, { start: 0, isLast: true, from: 'field-start' });
    this.#reject(none, { start: 0, end: 0, fault: 'record-too-long' });
  }

  /** Passes a line that is no record whatever is in it; the same place when this is none, UNKNOWN when it is unclear. */
  #passLine(bytes: Bytes, { start, isLast }: { start: number; isLast: boolean }): number {
    const { comment } = this.#form;
    const isSkipped = this.#linesToSkip > 0 || this.#isWithinLine;
    if (!isSkipped) {
      if (comment === undefined) return start;
      if (!isLast && start + comment.length > bytes.length && bytes.indexOf(LF, start) < 0) return UNKNOWN;
      if (start + comment.length > bytes.length || !isAt(bytes, start, comment)) return start;
    }
    const lf = bytes.indexOf(LF, start);
    const end = lf < 0 ? bytes.length : lf + 1;
    this.#keepHead(bytes, { start, end });
    this.#isWithinLine = lf < 0 && !isLast;
    if (lf >= 0 || isLast) this.#line++;
    if (lf >= 0 && this.#linesToSkip > 0) this.#linesToSkip--;
    return end;
  }

  /** One record, blank line or rejected record; returns where the next starts, or UNKNOWN when more bytes are needed. */
  #record(
    bytes: Bytes,
    { start, isLast, sound, isHeader }: { start: number; isLast: boolean; sound: boolean; isHeader: boolean },
  ): number {
    const end = this.#finder.find(bytes, { start, isLast, from: this.#rest?.at ?? 'field-start' });
    if (end === UNKNOWN) return this.#rejectBeginning(bytes, { start, isHeader });
    const next = end < bytes.length ? end + 1 : end;
    const contentEnd = end > start && bytes[end - 1] === CR ? end - 1 : end;
    if (this.#rest === undefined && this.#isBlank(bytes, { start, end: contentEnd })) {
      this.#line += 1;
      this.#options.sink.blank();
      return next;
    }
    // The first record of a file without a header row names no column, and is still to be read.
    if (isHeader && this.#beginsWithout(bytes)) return start;
    const fault = this.#faultOf(bytes, { start, end: contentEnd, sound });
    if (fault !== undefined) this.#reject(bytes, { start, end, fault });
    else this.#take(bytes, { start, end: contentEnd, next });
    return next;
  }

  /** A record without a fault, of the header or of the table. */
  #take(bytes: Bytes, { start, end, next }: { start: number; end: number; next: number }): void {
    const { headerRows } = this.#form;
    const line = this.#line;
    this.#line += 1 + this.#finder.lines;
    if (this.#headerRows.length < headerRows) {
      this.#keepHead(bytes, { start, end: next });
      this.#headerRows.push(this.#writer.texts(bytes, this.#cells(bytes)));
      if (this.#headerRows.length === headerRows) this.#begin(joinedNames(this.#headerRows), line);
      return;
    }
    this.#options.onPlace?.(start, end);
    const run = this.#run;
    const isNext = line === run.line + run.records;
    if (run.records > 0 && (!isNext || this.#finder.lines > 0)) this.#endRun();
    if (run.records === 0) run.line = line;
    const from = this.#out.used;
    if (this.#options.keepsText) this.#writer.copy(bytes, { start, end });
    else this.#writer.write(bytes, this.#cells(bytes));
    run.records++;
    run.longest = Math.max(run.longest, this.#out.used - 1 - from);
    if (this.#finder.lines > 0) this.#endRun(true);
  }

  /** Tells the sink the names of the columns. */
  #begin(names: readonly string[], line: number): void {
    const { sink, outputDelimiter } = this.#options;
    this.#hasHeader = true;
    this.#fields = names.length;
    const record = this.#options.keepsText
      ? withoutLineEnd(this.#head)
      : encoder.encode(toRecord(names, outputDelimiter));
    const bytes = this.#options.allocate(record.length);
    bytes.set(record);
    sink.record(bytes, { start: 0, end: bytes.length, line, regular: true });
    this.#setKinds(names);
  }

  #setKinds(header: readonly string[]): void {
    const kinds = this.#options.columns.kindsOf?.(header);
    if (kinds === undefined || !convertsValues(this.#form)) return;
    this.#writer.setKinds(kinds, this.#options.columns.coercersOf?.(header));
  }

  /** Hands over the records written so far; one that spans lines comes alone. */
  #endRun(isAlone = false): void {
    const { records, line, longest } = this.#run;
    if (records === 0) return;
    const { sink } = this.#options;
    const { bytes, used } = this.#out;
    if (isAlone) sink.record(bytes, { start: 0, end: used - 1, line, regular: true });
    else sink.run(bytes, { start: 0, end: used, records, line, longest });
    this.#out.used = 0;
    this.#run.records = this.#run.longest = 0;
  }

  /** The rest of a record that has a fault, or all of it. */
  #reject(bytes: Bytes, { start, end, fault }: { start: number; end: number; fault: Fault }): void {
    this.#endRun();
    this.#beginsWithout(bytes);
    const place = { start, end, line: this.#line, offset: this.#offset + start, fault };
    this.#options.sink.reject(bytes, { ...place, complete: true });
    this.#line += 1 + this.#finder.lines + (this.#rest?.lines ?? 0);
    this.#rest = undefined;
  }

  /** Rejects the scanned bytes of a record that is too long to buffer; UNKNOWN when it is not, or nothing was scanned. */
  #rejectBeginning(bytes: Bytes, { start, isHeader }: { start: number; isHeader: boolean }): number {
    const { reached, at, lines } = this.#finder;
    const isTooLong = this.#rest !== undefined || reached - start > this.#options.recordBytesMax + LINE_END_BYTES;
    if (!isTooLong || reached === start) return UNKNOWN;
    this.#endRun();
    if (this.#beginsWithout(bytes) && isHeader) return UNKNOWN;
    const place = { start, end: reached, line: this.#line, offset: this.#offset + start, complete: false };
    this.#options.sink.reject(bytes, { ...place, fault: 'record-too-long' });
    this.#rest = { at, lines: lines + (this.#rest?.lines ?? 0) };
    return reached;
  }

  #faultOf(bytes: Bytes, { start, end, sound }: { start: number; end: number; sound: boolean }): Fault | undefined {
    const { quoteFault, hasStrayReturn } = this.#finder;
    if (this.#rest !== undefined || end - start > this.#options.recordBytesMax) return 'record-too-long';
    if (quoteFault !== undefined) return quoteFault;
    if (!sound) {
      const record = bytes.subarray(start, end);
      if (record.includes(0)) return 'nul-byte';
      if (!this.#options.isUtf8(record)) return 'invalid-utf-8';
    }
    if (hasStrayReturn) return 'stray-carriage-return';
    if (this.#headerRows.length < this.#form.headerRows) return undefined;
    const cells = this.#cells(bytes);
    this.#beginsWithout(bytes);
    if (cells === this.#fields) return undefined;
    return cells < this.#fields ? 'too-few-fields' : 'too-many-fields';
  }

  /** In a file without a header row the first record tells how many columns there are; whether this is the one. */
  #beginsWithout(bytes: Bytes): boolean {
    if (this.#hasHeader || this.#form.headerRows > 0) return false;
    const cells = this.#cells(bytes);
    const plain = (): readonly string[] => Array.from({ length: cells }, (_, at) => `column ${at + 1}`);
    this.#begin(this.#options.columns.namesOf?.(cells) ?? plain(), this.#line);
    return true;
  }

  /** Cells of the found record, without the empty one behind a trailing delimiter. */
  #cells(bytes: Uint8Array): number {
    const { cells, starts, ends } = this.#finder;
    const { hasTrailingDelimiter, quote } = this.#form;
    if (!hasTrailingDelimiter || cells < 2) return cells;
    const [start = 0, end = 0] = [starts[cells - 1], ends[cells - 1]];
    const isQuoted = quote !== undefined && end < bytes.length && isAt(bytes, end, quote);
    return !isQuoted && this.#isEmpty(bytes, { start, end }) ? cells - 1 : cells;
  }

  /** Whether nothing is there, or blanks that are trimmed. */
  #isEmpty(bytes: Uint8Array, { start, end }: { start: number; end: number }): boolean {
    let at = start;
    if (this.#form.blanks === 'trimmed') while (at < end && (bytes[at] === BLANK || bytes[at] === TAB)) at++;
    return at === end;
  }

  #isBlank(bytes: Bytes, { start, end }: { start: number; end: number }): boolean {
    if (this.#fields === 1) return false;
    return this.#finder.cells <= 1 && this.#isEmpty(bytes, { start, end });
  }

  #keepHead(bytes: Bytes, { start, end }: { start: number; end: number }): void {
    if (this.#options.keepsText && !this.#hasHeader)
      for (let at = start; at < end; at++) this.#head.push(bytes[at] ?? 0);
  }
}

const encoder = new TextEncoder();

/** The sink puts a line end behind every record. */
function withoutLineEnd(bytes: readonly number[]): Uint8Array {
  return Uint8Array.from(bytes.at(-1) === LF ? bytes.slice(0, -1) : bytes);
}
