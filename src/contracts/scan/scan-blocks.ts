import { maybeRecordKernel } from './record-kernel.ts';
import { type Fault, RecordScanner, type RecordSink } from './record-scanner.ts';
import { UndecodableError } from './undecodable-error.ts';

/** Default length of the longest record that is read. */
export const RECORD_BYTES_MAX = 4 << 20;

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
  const scanner = new RecordScanner({ delimiter, recordBytesMax, sink, kernel: maybeRecordKernel() });
  let carried: Buffer = Buffer.alloc(0);
  for await (const block of blocks) {
    const bytes = carried.length === 0 ? block : Buffer.concat([carried, block]);
    carried = Buffer.from(bytes.subarray(scanner.scan(bytes, { isLast: false })));
    await onBlock();
  }
  // The last record may be without a line end.
  scanner.scan(carried, { isLast: true });
  scanner.finish();
  await onBlock();
}

/** Refuses a file whose header has a fault: otherwise the first row of data would be read as the header. */
export function assertHeader(hasHeader: boolean, fault: Fault): void {
  if (!hasHeader) throw new UndecodableError(`The first line cannot be read as a header: ${fault}.`);
}
