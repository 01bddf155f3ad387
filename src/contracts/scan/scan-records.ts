import { maybeRecordKernel } from './record-kernel.ts';
import { RecordScanner, type RecordSink } from './record-scanner.ts';
import { openSource, type SourceOptions } from './source.ts';

export interface ScanRecordsOptions extends SourceOptions {
  readonly path: string;
  readonly delimiter: string;
  /** Every record, and every broken line with `isSound` false, with a line feed at its end; valid during the call. */
  readonly onRecord: (bytes: Buffer, isSound: boolean) => void;
  /** Between blocks, to write what was collected. */
  readonly onBlock?: () => Promise<void>;
}

/** A line that is kept however long it is, since nothing may be cut here. */
const RECORD_BYTES_MAX = 64 << 20;
const LF = 10;

/** Walks over the records of a CSV file in order, as they stand, the header first. */
export async function scanRecords(options: ScanRecordsOptions): Promise<void> {
  const { delimiter, onRecord, onBlock } = options;
  const sink = new EachRecord(onRecord);
  const scanner = new RecordScanner({ delimiter, recordBytesMax: RECORD_BYTES_MAX, sink, kernel: maybeRecordKernel() });
  let carried: Buffer = Buffer.alloc(0);
  for await (const block of openSource(options.path, options).blocks()) {
    const bytes = carried.length === 0 ? block : Buffer.concat([carried, block]);
    carried = Buffer.from(bytes.subarray(scanner.scan(bytes, { isLast: false })));
    await onBlock?.();
  }
  while (carried.length > 0) carried = carried.subarray(scanner.scan(carried, { isLast: true }));
  scanner.finish();
  await onBlock?.();
}

class EachRecord implements RecordSink {
  readonly #onRecord: (bytes: Buffer, isSound: boolean) => void;
  #pieces: Buffer[] = [];

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
    this.#onRecord(Buffer.concat([bytes.subarray(start, end), Buffer.of(LF)]), true);
  }

  reject(bytes: Buffer, { start, end, complete }: { start: number; end: number; complete: boolean }): void {
    this.#pieces.push(Buffer.from(bytes.subarray(start, end)));
    if (!complete) return;
    this.#onRecord(Buffer.concat([...this.#pieces, Buffer.of(LF)]), false);
    this.#pieces = [];
  }

  blank(): void {
    // A blank line is no row; it is the one thing that is not passed on.
  }
}
