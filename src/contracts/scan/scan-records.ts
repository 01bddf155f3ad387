import { assertHeader } from './faults-in-words.ts';
import type { FormColumns } from './form-scanner.ts';
import type { Format } from './format.ts';
import { scanJsonArray } from './json-array.ts';
import { scanJsonLines } from './json-lines.ts';
import { RECORD_BYTES_MAX, type RecordSink } from './record-scanner.ts';
import { scanBlocks } from './scan-blocks.ts';
import { openSource, type SourceOptions } from './source.ts';

export interface ScanRecordsOptions extends SourceOptions {
  readonly path: string;
  readonly delimiter: string;
  /** Of a file that is not in the default form. */
  readonly columns?: FormColumns | undefined;
  /** Whether records of another form are passed on as they stand in the file; canonical unless set. */
  readonly keepsText?: boolean;
  readonly recordBytesMax?: number;
  /** Every record, and every rejected one with `isSound` false, with a line feed at its end; valid during the call. */
  readonly onRecord: (bytes: Buffer, isSound: boolean) => void;
  /** Between blocks, to write what was collected. */
  readonly onBlock?: () => Promise<void>;
}

const LF = Buffer.of(10);

/** Visits the records of a text file in order, unchanged: what a check counts as rows, and the header of CSV first. */
export async function scanRecords(format: Exclude<Format, 'parquet'>, options: ScanRecordsOptions): Promise<void> {
  const {
    delimiter,
    form,
    columns,
    keepsText = false,
    onRecord,
    onBlock = async () => {},
    recordBytesMax = RECORD_BYTES_MAX,
  } = options;
  const blocks = openSource(options.path, options).blocks();
  if (format === 'csv') {
    await scanBlocks(blocks, {
      ...{ delimiter, recordBytesMax, form, columns, keepsText, onBlock },
      sink: new EachRecord(onRecord),
    });
  } else {
    // An element of an array may have line ends, which no text in JSON has: elsewhere they are blanks.
    const isArray = format === 'json-array';
    const onLine = ({ bytes }: { readonly bytes: Buffer }): void =>
      onRecord(Buffer.concat([isArray ? onOneLine(bytes) : bytes, LF]), true);
    const scan = format === 'json-array' ? scanJsonArray : scanJsonLines;
    await scan(blocks, { recordBytesMax, onLine, onBlock });
  }
}

function onOneLine(bytes: Buffer): Buffer {
  return Buffer.from(bytes.map((byte) => (byte === 10 || byte === 13 ? 32 : byte)));
}

class EachRecord implements RecordSink {
  readonly #onRecord: (bytes: Buffer, isSound: boolean) => void;
  #pieces: Buffer[] = [];
  #hasHeader = false;

  constructor(onRecord: (bytes: Buffer, isSound: boolean) => void) {
    this.#onRecord = onRecord;
  }

  run(bytes: Buffer, { start, end }: { start: number; end: number }): void {
    for (let at = start; at < end; ) {
      const next = bytes.indexOf(LF, at) + 1;
      this.#onRecord(bytes.subarray(at, next), true);
      at = next;
    }
  }

  record(bytes: Buffer, { start, end }: { start: number; end: number }): void {
    this.#hasHeader = true;
    this.#onRecord(Buffer.concat([bytes.subarray(start, end), LF]), true);
  }

  reject(bytes: Buffer, { start, end, complete, fault }: Parameters<RecordSink['reject']>[1]): void {
    assertHeader(this.#hasHeader, fault);
    this.#pieces.push(Buffer.from(bytes.subarray(start, end)));
    if (!complete) return;
    this.#onRecord(Buffer.concat([...this.#pieces, LF]), false);
    this.#pieces = [];
  }

  blank(): void {
    // A blank line is no row; it is not passed on.
  }
}
