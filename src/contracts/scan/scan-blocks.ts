import { isUtf8 } from 'node:buffer';
import { maybeRecordKernel } from './record-kernel.ts';
import { RECORD_BYTES_MAX, RecordScanner, type RecordSink } from './record-scanner.ts';

export interface ScanBlocksOptions {
  readonly delimiter: string;
  readonly recordBytesMax: number | undefined;
  readonly sink: RecordSink;
  /** Between blocks, to write what was collected. */
  readonly onBlock: () => Promise<void>;
}

/** Finds the records in the blocks of a CSV file, and carries the rest of one block over to the next. */
export async function scanBlocks(blocks: AsyncGenerator<Buffer>, options: ScanBlocksOptions): Promise<void> {
  const { delimiter, recordBytesMax = RECORD_BYTES_MAX, sink, onBlock } = options;
  const scanner = new RecordScanner({ delimiter, recordBytesMax, sink, isUtf8, kernel: maybeRecordKernel() });
  let carried: Buffer = Buffer.alloc(0);
  for await (const block of blocks) {
    const bytes = carried.length === 0 ? block : Buffer.concat([carried, block]);
    carried = Buffer.from(bytes.subarray(scanner.scan(bytes, { isLast: false })));
    await onBlock();
  }
  // The last record may be without a line end.
  scanner.scan(carried, { isLast: true });
  scanner.finish(Buffer.alloc(0));
  await onBlock();
}
