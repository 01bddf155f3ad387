import type { FileFormat } from '../format/file-format.ts';
import { convertsValues, type Form, formOf } from '../format/form.ts';
import { firstLineOf } from './delimiters.ts';
import { createDecoder, endsLinesWithReturns, LINE_END_SOUGHT_BYTES, replaceReturns, sniff } from './encoding.ts';
import { assertHeader } from './faults-in-words.ts';
import { fieldsOf } from './fields.ts';
import { type FormColumns, FormScanner } from './form-scanner.ts';
import { type Fault, RECORD_BYTES_MAX, RecordScanner, type RecordSink } from './record-scanner.ts';

const LF = 10;

/** A record of a CSV file. */
export interface CsvRecord {
  /** Its line in the file, from 1; the first of several. */
  readonly line: number;
  /** Its cells; all of it as one cell where they cannot be told apart. */
  readonly cells: readonly string[];
  /** Its values as the default form has them, where the file has another: what the cells are read by. */
  readonly values?: readonly string[];
  /** Why it is no row, where it is none. */
  readonly fault?: Fault;
}

export interface CsvTable {
  /** Undefined when the file is empty. */
  readonly header: readonly string[] | undefined;
  readonly delimiter: string;
  readonly records: readonly CsvRecord[];
}

export interface ReadCsvOptions {
  /** The delimiter by the first line, of a file without a format that names one. */
  readonly delimiterOf: (line: string) => string;
  /** How the file is written; in the default form unless set. */
  readonly format?: FileFormat | undefined;
  /** Of a file in another form. */
  readonly columns?: FormColumns | undefined;
}

/**
 * Reads a CSV file that is in memory, by the rules that `checkFile` reads files of any size by; a browser can do it.
 *
 * @throws UndecodableError when it cannot be decoded, or its first line cannot be read.
 */
export function readCsv(file: Uint8Array, { delimiterOf, format, columns = {} }: ReadCsvOptions): CsvTable {
  const bytes = decoded(file, format);
  const delimiter = format?.delimiter ?? delimiterOf(firstLineOf(bytes));
  const form = formOf({ ...format, delimiter }, { isDelimiterPlain: delimiter.length === 1 });
  if (form === undefined) {
    const plain = scanned(bytes, { delimiter });
    return { header: plain.header, delimiter, records: plain.records };
  }
  const { namesOf } = columns;
  const texts = scanned(bytes, { form, columns: namesOf === undefined ? {} : { namesOf } });
  if (!convertsValues(form)) return { header: texts.header, delimiter, records: texts.records };
  const { header, records } = scanned(bytes, { form, columns });
  // A record has the same cells in both readings; only their texts differ.
  const valued = texts.records.map((record, at) => ({ ...record, values: records[at]?.cells ?? [] }));
  return { header, delimiter, records: valued };
}

/** Between the cells of records that the scanner of forms writes. */
const WRITTEN_DELIMITER = ',';

type Scanning = { readonly delimiter: string } | { readonly form: Form; readonly columns: FormColumns };

function scanned(bytes: Uint8Array, how: Scanning): RecordList {
  const sink = new RecordList(how);
  const rules = { recordBytesMax: RECORD_BYTES_MAX, sink, isUtf8 };
  const scanner =
    'form' in how
      ? new FormScanner<Uint8Array>({
          ...{ ...rules, ...how, outputDelimiter: WRITTEN_DELIMITER },
          allocate: (size) => new Uint8Array(size),
        })
      : new RecordScanner<Uint8Array>({ ...rules, ...how, kernel: undefined });
  scanner.scan(bytes, { isLast: true });
  scanner.finish(new Uint8Array());
  return sink;
}

/** The text in UTF-8 without its mark, lines ended by LF or CRLF. */
function decoded(file: Uint8Array, format: FileFormat | undefined): Uint8Array {
  const { encoding, markBytes } = sniff(file, format?.encoding);
  const quote = format?.quote;
  const marked = file.subarray(markBytes);
  const bytes = encoding === 'utf-8' ? marked : new TextEncoder().encode(textOf(marked, createDecoder(encoding)));
  const start = bytes.subarray(0, LINE_END_SOUGHT_BYTES);
  const quoteByte = typeof quote === 'string' ? new TextEncoder().encode(quote)[0] : quote;
  if (!endsLinesWithReturns(start, quoteByte)) return bytes;
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
  readonly #form: Form | undefined;
  readonly #delimiter: string;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #rejected = '';
  header: readonly string[] | undefined;
  readonly records: CsvRecord[] = [];

  constructor(how: Scanning) {
    this.#form = 'form' in how ? how.form : undefined;
    this.#delimiter = 'form' in how ? WRITTEN_DELIMITER : how.delimiter;
  }

  /** Records on consecutive lines, which only the scanner of forms hands over here: there is no kernel. */
  run(bytes: Uint8Array, { start, end, line }: Parameters<RecordSink['run']>[1]): void {
    let at = start;
    for (let number = line; at < end; number++) {
      const next = bytes.indexOf(LF, at);
      this.record(bytes, { start: at, end: next, line: number });
      at = next + 1;
    }
  }

  record(
    bytes: Uint8Array,
    { start, end, line }: { readonly start: number; readonly end: number; readonly line: number },
  ): void {
    const cells = fieldsOf(this.#decoder.decode(bytes.subarray(start, end)), this.#delimiter);
    if (this.header === undefined) this.header = cells;
    else this.records.push({ line, cells });
  }

  reject(bytes: Uint8Array, { start, end, line, fault, complete }: Parameters<RecordSink['reject']>[1]): void {
    assertHeader(this.header !== undefined, fault);
    this.#rejected += this.#decoder.decode(bytes.subarray(start, end)).replace(/\r$/, '');
    if (!complete) return;
    const isRagged = fault === 'too-few-fields' || fault === 'too-many-fields';
    const cells =
      isRagged && this.#form === undefined ? fieldsOf(this.#rejected, this.#delimiter) : this.#broken(isRagged);
    this.records.push({ line, cells, fault });
    this.#rejected = '';
  }

  /** The cells of a record of another form as far as its delimiters show them; all of it as one where nothing does. */
  #broken(isRagged: boolean): readonly string[] {
    if (!isRagged || this.#form === undefined) return [this.#rejected];
    return this.#rejected.split(this.#decoder.decode(this.#form.delimiter));
  }

  blank(): void {
    // A blank line is no row.
  }
}
