import { isAscii } from 'node:buffer';
import type { FileFormat } from '../format/file-format.ts';
import { formOf } from '../format/form.ts';
import { CellFinder, UNKNOWN } from '../scan/find-cells.ts';

/** A line of a sample, or several where cells have line ends. */
export interface SampleRecord {
  /** From 1; the first of several. */
  readonly line: number;
  readonly cells: readonly SampleCell[];
  /** Whether its quotes are not as the format has them. */
  readonly isBroken: boolean;
  readonly text: string;
}
export interface SampleCell {
  readonly text: string;
  readonly isQuoted: boolean;
}

/** A longer record is none. */
const RECORD_BYTES_MAX = 1 << 16;
const LF = 10;

/** The records of a sample as a format cuts them, blank ones left out; comments and what is before the table are records too. */
export function sampleRecords(
  bytes: Uint8Array,
  format: FileFormat & { readonly delimiter: string },
): readonly SampleRecord[] {
  const form = formOf(format, { isDelimiterPlain: false });
  if (form === undefined) return [];
  const finder = new CellFinder(form, RECORD_BYTES_MAX);
  const decode = decoderOf(bytes);
  const records: SampleRecord[] = [];
  const { quote } = form;
  let line = 1;
  for (let at = 0; at < bytes.length; ) {
    const end = finder.find(bytes, { start: at, isLast: true, from: 'field-start' });
    if (end === UNKNOWN) break;
    const text = decode(at, end).replace(/\r$/, '');
    const cells = Array.from({ length: finder.cells }, (_, cell): SampleCell => {
      const [start = 0, stop = 0] = [finder.starts[cell], finder.ends[cell]];
      const isQuoted = quote !== undefined && start > at && bytes[start - 1] === quote.at(-1);
      const content = decode(start, stop);
      return { text: unescaped(content, { format, isQuoted }), isQuoted };
    });
    if (text.trim() !== '') records.push({ line, cells, text, isBroken: finder.quoteFault !== undefined });
    line += 1 + finder.lines;
    at = bytes[end] === LF ? end + 1 : bytes.length;
  }
  return records;
}

/** What gives the text between two places; a part of one text, where each byte is a character. */
function decoderOf(bytes: Uint8Array): (start: number, end: number) => string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (!isAscii(buffer)) return (start, end) => buffer.toString('utf8', start, end);
  const whole = buffer.toString('latin1');
  return (start, end) => whole.slice(start, end);
}

function unescaped(
  text: string,
  { format, isQuoted }: { readonly format: FileFormat; readonly isQuoted: boolean },
): string {
  if (format.escape === 'backslash') return text.replaceAll(/\\(.)/gs, '$1');
  const { quote = '"' } = format;
  return isQuoted && quote !== null ? text.replaceAll(quote + quote, quote) : text;
}
