import { isUtf8 } from 'node:buffer';
import { assertHeader } from '../scan/faults-in-words.ts';
import { fieldsOf } from '../scan/fields.ts';
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

const CR = 13;

/**
 * Reads blocks until the header is whole.
 *
 * @throws UndecodableError when the first line cannot be read as one.
 */
export async function readHeader(
  blocks: AsyncGenerator<Buffer, void, undefined>,
  options: { readonly delimiter: string; readonly recordBytesMax: number | undefined },
): Promise<FoundHeader> {
  const { delimiter, recordBytesMax = RECORD_BYTES_MAX } = options;
  const sink = new HeaderSink(delimiter);
  const scanner = new RecordScanner({ delimiter, recordBytesMax, sink, isUtf8, kernel: undefined });
  let bytes: Buffer = Buffer.alloc(0);
  let at = 0;
  for (;;) {
    const { value: block, done: isLast = false } = await blocks.next();
    if (block !== undefined) bytes = bytes.length === 0 ? Buffer.from(block) : Buffer.concat([bytes, block]);
    while (at < bytes.length && sink.names === undefined) {
      const next = scanner.scanOne(bytes, { start: at, isLast, sound: false });
      if (next < 0) break;
      at = next;
    }
    if (sink.names === undefined && !isLast) continue;
    const { names, hasReturn } = sink;
    return { names, hasReturn, rest: bytes.subarray(at), line: scanner.line, offset: at };
  }
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
