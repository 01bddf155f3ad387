import { isUtf8 } from 'node:buffer';

/** A CSV file as the simplest reader sees it: written for being read, slow, and sharing nothing with the scanner. */
export interface ReferenceReading {
  readonly header: readonly string[] | undefined;
  readonly rows: readonly { readonly fields: readonly string[]; readonly line: number }[];
  readonly rejected: readonly { readonly bytes: Buffer; readonly line: number }[];
}

interface Field {
  readonly text: Buffer;
  /** Where the delimiter, the line end or the end of the file stands that ends it. */
  readonly next: number;
  readonly isBroken: boolean;
}
interface Record {
  readonly fields: readonly string[];
  readonly end: number;
  readonly isBroken: boolean;
}

const CR = 13;
const LF = 10;
const QUOTE = 34;

interface Rules {
  readonly delimiter: number;
  /** A longer record is broken, and so is a quote that none closes within so many bytes. */
  readonly recordBytesMax: number;
}

export function readReference(file: Buffer, { recordBytesMax = Number.POSITIVE_INFINITY } = {}): ReferenceReading {
  const rules = { delimiter: ','.charCodeAt(0), recordBytesMax };
  const rows: { fields: readonly string[]; line: number }[] = [];
  const rejected: { bytes: Buffer; line: number }[] = [];
  let header: readonly string[] | undefined;
  let line = 1;
  for (let at = 0; at < file.length; ) {
    const { fields, end, isBroken } = readRecord(file, { at, ...rules });
    const bytes = file.subarray(at, end);
    const isTooLong = bytes.length - (bytes.at(-1) === CR ? 1 : 0) > recordBytesMax;
    const isBlank = ['', '\r'].includes(bytes.toString('latin1')) && header?.length !== 1;
    if (isBlank) {
      // Neither a row nor a fault.
    } else if (isBroken || isTooLong || (header !== undefined && fields.length !== header.length))
      rejected.push({ bytes, line });
    else if (header === undefined) header = fields;
    else rows.push({ fields, line });
    line += 1 + bytes.filter((byte) => byte === LF).length;
    at = end + 1;
  }
  return { header, rows, rejected };
}

/** The record that begins at `at`; `end` is where its line feed stands, or the end of the file. */
function readRecord(file: Buffer, { at, ...rules }: Rules & { at: number }): Record {
  const fields: string[] = [];
  let isBroken = false;
  let position = at;
  for (;;) {
    const options = { at: position, ...rules };
    const field = file[position] === QUOTE ? readQuoted(file, options) : readBare(file, options);
    // Nobody knows where the field ends: the line is given up.
    if (field === undefined) return { fields, end: lineEndFrom(file, position), isBroken: true };
    isBroken ||= field.isBroken || field.text.includes(0) || !isUtf8(field.text);
    fields.push(field.text.toString());
    position = field.next;
    if (position >= file.length || file[position] === LF) return { fields, end: position, isBroken };
    position += 1;
  }
}

/** Undefined when the quote is never closed. */
function readQuoted(file: Buffer, { at, delimiter, recordBytesMax }: Rules & { at: number }): Field | undefined {
  const quote = closingQuote(file, at);
  if (quote === undefined || quote - at >= recordBytesMax) return undefined;
  const text = Buffer.from(file.toString('latin1', at + 1, quote).replaceAll('""', '"'), 'latin1');
  const behind = readBare(file, { at: quote + 1, delimiter });
  if (behind.text.length === 0) return { text, next: behind.next, isBroken: false };
  const lines = file.subarray(at, quote);
  const isOtherField = lines.includes(LF) && [delimiter, LF].includes(byteBeforeQuotes(file, quote));
  return isOtherField ? undefined : { text, next: behind.next, isBroken: true };
}

/** The first quote behind the one at `at` that is no half of a doubled one. */
function closingQuote(file: Buffer, at: number): number | undefined {
  for (let position = at + 1; position < file.length; position += 1) {
    if (file[position] !== QUOTE) continue;
    if (file[position + 1] !== QUOTE) return position;
    position += 1;
  }
  return undefined;
}

function byteBeforeQuotes(file: Buffer, quote: number): number {
  let position = quote;
  while (file[position] === QUOTE) position -= 1;
  return file[position] ?? 0;
}

/** Up to the next delimiter or line end; a CR that belongs to the line end is no part of it, any other one breaks it. */
function readBare(file: Buffer, { at, delimiter }: Pick<Rules, 'delimiter'> & { at: number }): Field {
  let next = at;
  while (next < file.length && file[next] !== delimiter && file[next] !== LF) next += 1;
  const endsRecord = next >= file.length || file[next] === LF;
  const end = endsRecord && next > at && file[next - 1] === CR ? next - 1 : next;
  const text = file.subarray(at, end);
  return { text, next, isBroken: text.includes(CR) };
}

function lineEndFrom(file: Buffer, at: number): number {
  const lf = file.indexOf(LF, at);
  return lf < 0 ? file.length : lf;
}
