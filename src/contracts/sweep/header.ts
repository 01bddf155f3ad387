import { isUtf8 } from 'node:buffer';
import type { Form } from '../format/form.ts';
import { assertHeader } from '../scan/faults-in-words.ts';
import { fieldsOf } from '../scan/fields.ts';
import { type FormColumns, FormScanner } from '../scan/form-scanner.ts';
import { RECORD_BYTES_MAX, RecordScanner, type RecordSink } from '../scan/record-scanner.ts';

/** The first record of a file, and what was read behind it. */
export interface FoundHeader {
  /** Undefined when the file has no record. */
  readonly names: readonly string[] | undefined;
  /** Whether its line ends with CRLF, as the others then do. */
  readonly hasReturn: boolean;
  /** What was read of the file behind it. */
  readonly rest: Buffer;
  /** The line that `rest` begins on, and its place in the text. */
  readonly line: number;
  readonly offset: number;
}

const LF = 10;
const CR = 13;

export interface ReadHeaderOptions {
  /** What separates the cells of a file in the default form. */
  readonly delimiter: string;
  readonly recordBytesMax: number | undefined;
  /** Of a file that is not in the default form, whose columns may be named by their places. */
  readonly form?: Form | undefined;
  readonly namesOf?: FormColumns['namesOf'];
}

/**
 * Reads blocks until the header is whole.
 *
 * @throws UndecodableError when the first line cannot be read as one.
 */
export async function readHeader(
  blocks: AsyncGenerator<Buffer, void, undefined>,
  options: ReadHeaderOptions,
): Promise<FoundHeader> {
  const sink = new HeaderSink(options.form === undefined ? options.delimiter : ',');
  const scanner = scannerOf(options, sink);
  let bytes: Buffer = Buffer.alloc(0);
  let at = 0;
  for (;;) {
    const { value: block, done: isLast = false } = await blocks.next();
    if (block !== undefined) bytes = bytes.length === 0 ? Buffer.from(block) : Buffer.concat([bytes, block]);
    at += scanner.pass(bytes.subarray(at), isLast);
    if (sink.names === undefined && !isLast) continue;
    const { names } = sink;
    // The first line of a file in another form may be none of its header.
    const hasReturn = options.form === undefined ? sink.hasReturn : bytes[bytes.indexOf(LF) - 1] === CR;
    return { names, hasReturn, rest: bytes.subarray(at), line: scanner.line, offset: at };
  }
}

/** What passes bytes up to the first record behind the header; returns how many. */
interface HeaderScanner {
  readonly line: number;
  pass(bytes: Buffer, isLast: boolean): number;
}

function scannerOf(options: ReadHeaderOptions, sink: HeaderSink): HeaderScanner {
  const { delimiter, recordBytesMax = RECORD_BYTES_MAX, form, namesOf } = options;
  if (form === undefined) {
    const scanner = new RecordScanner({ delimiter, recordBytesMax, sink, isUtf8, kernel: undefined });
    return {
      pass: (bytes, isLast) =>
        passed(bytes, (start) =>
          sink.names === undefined ? scanner.scanOne(bytes, { start, isLast, sound: false }) : -1,
        ),
      get line() {
        return scanner.line;
      },
    };
  }
  const columns = namesOf === undefined ? {} : { namesOf };
  const allocate = (size: number): Buffer => Buffer.alloc(size);
  const scanner = new FormScanner({ form, columns, outputDelimiter: ',', recordBytesMax, sink, isUtf8, allocate });
  return {
    pass: (bytes, isLast) => scanner.scanHeader(bytes, { isLast }),
    get line() {
      return scanner.line;
    },
  };
}

/** How many bytes are passed, one record after the other, until the next place is none. */
function passed(bytes: Buffer, next: (start: number) => number): number {
  let at = 0;
  while (at < bytes.length) {
    const end = next(at);
    if (end < 0) break;
    at = end;
  }
  return at;
}

class HeaderSink implements RecordSink {
  readonly #delimiter: string;
  names: readonly string[] | undefined;
  hasReturn = false;

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
  }

  record(bytes: Buffer, { start, end }: { readonly start: number; readonly end: number }): void {
    this.names = fieldsOf(bytes.toString('utf8', start, end), this.#delimiter);
    this.hasReturn = bytes[end] === CR;
  }

  reject(_: Buffer, { fault }: Parameters<RecordSink['reject']>[1]): void {
    assertHeader(false, fault);
  }

  run(): void {
    // Only a scanner with a kernel finds runs.
  }

  blank(): void {
    // Lines without a byte before the header are passed over.
  }
}
