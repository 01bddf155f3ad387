import { type Delimiter, firstLineOf } from './delimiters.ts';
import { createDecoder, endsLinesWithReturns, LINE_END_SOUGHT_BYTES, replaceReturns, sniff } from './encoding.ts';
import { assertHeader } from './faults-in-words.ts';
import { fieldsOf } from './fields.ts';
import { type Fault, RECORD_BYTES_MAX, RecordScanner, type RecordSink } from './record-scanner.ts';

/** A record of a CSV file. */
export interface CsvRecord {
  /** Its line in the file, from 1; the first of several. */
  readonly line: number;
  /** Its cells; all of it as one cell where they cannot be told apart. */
  readonly cells: readonly string[];
  /** Why it is no row, where it is none. */
  readonly fault?: Fault;
}

export interface CsvTable {
  /** Undefined when the file is empty. */
  readonly header: readonly string[] | undefined;
  readonly delimiter: Delimiter;
  readonly records: readonly CsvRecord[];
}

export interface ReadCsvOptions {
  /** The delimiter by the first line. */
  readonly delimiterOf: (line: string) => Delimiter;
}

/**
 * Reads a CSV file that is in memory, by the rules that `checkFile` reads files of any size by; a browser can do it.
 *
 * @throws UndecodableError when it cannot be decoded, or its first line cannot be read.
 */
export function readCsv(file: Uint8Array, { delimiterOf }: ReadCsvOptions): CsvTable {
  const bytes = decoded(file);
  const delimiter = delimiterOf(firstLineOf(bytes));
  const sink = new RecordList(delimiter);
  const scanner = new RecordScanner<Uint8Array>({
    ...{ delimiter, recordBytesMax: RECORD_BYTES_MAX, sink, isUtf8, kernel: undefined },
  });
  scanner.scan(bytes, { isLast: true });
  scanner.finish(new Uint8Array());
  return { header: sink.header, delimiter, records: sink.records };
}

/** The text in UTF-8 without its mark, lines ended by LF or CRLF. */
function decoded(file: Uint8Array): Uint8Array {
  const { encoding, markBytes } = sniff(file, undefined);
  const marked = file.subarray(markBytes);
  const bytes = encoding === 'utf-8' ? marked : new TextEncoder().encode(textOf(marked, createDecoder(encoding)));
  if (!endsLinesWithReturns(bytes.subarray(0, LINE_END_SOUGHT_BYTES))) return bytes;
  const copy = bytes.slice();
  replaceReturns(copy);
  return copy;
}

function textOf(bytes: Uint8Array, decode: (block?: Uint8Array) => string): string {
  return decode(bytes) + decode();
}

const STRICT = new TextDecoder('utf-8', { fatal: true });

function isUtf8(bytes: Uint8Array): boolean {
  try {
    STRICT.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

class RecordList implements RecordSink<Uint8Array> {
  readonly #delimiter: string;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #rejected = '';
  header: readonly string[] | undefined;
  readonly records: CsvRecord[] = [];

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
  }

  run(): void {
    // Only a scanner with a kernel finds runs.
  }

  record(bytes: Uint8Array, { start, end, line }: Parameters<RecordSink['record']>[1]): void {
    const cells = fieldsOf(this.#decoder.decode(bytes.subarray(start, end)), this.#delimiter);
    if (this.header === undefined) this.header = cells;
    else this.records.push({ line, cells });
  }

  reject(bytes: Uint8Array, { start, end, line, fault, complete }: Parameters<RecordSink['reject']>[1]): void {
    assertHeader(this.header !== undefined, fault);
    this.#rejected += this.#decoder.decode(bytes.subarray(start, end)).replace(/\r$/, '');
    if (!complete) return;
    const isRagged = fault === 'too-few-fields' || fault === 'too-many-fields';
    const cells = isRagged ? fieldsOf(this.#rejected, this.#delimiter) : [this.#rejected];
    this.records.push({ line, cells, fault });
    this.#rejected = '';
  }

  blank(): void {
    // A blank line is no row.
  }
}
