import { isUtf8 } from 'node:buffer';
import type { Form } from '../format/form.ts';
import { type FormColumns, FormScanner } from './form-scanner.ts';
import { maybeRecordKernel } from './record-kernel.ts';
import { RECORD_BYTES_MAX, RecordScanner, type RecordSink } from './record-scanner.ts';

export interface ScanBlocksOptions {
  /** What separates the cells: of the file, or in another form than the default of the records that the sink gets. */
  readonly delimiter: string;
  readonly recordBytesMax: number | undefined;
  readonly sink: RecordSink;
  /** Between blocks, to write what was collected. */
  readonly onBlock: () => Promise<void>;
  /** How the file is written, when it is not in the default form; the sink gets records of the default form then. */
  readonly form?: Form | undefined;
  /** Of a file in another form; without them cells keep their text. */
  readonly columns?: FormColumns | undefined;
  /** Whether the sink gets the records of another form as they stand in the file; it does not unless set. */
  readonly keepsText?: boolean;
}

/** Finds the records in the blocks of a CSV file, and carries the rest of one block over to the next. */
export async function scanBlocks(blocks: AsyncGenerator<Buffer>, options: ScanBlocksOptions): Promise<void> {
  const { onBlock } = options;
  const scanner = scannerOf(options);
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

function scannerOf(options: ScanBlocksOptions): RecordScanner | FormScanner {
  const { delimiter, recordBytesMax = RECORD_BYTES_MAX, sink, form, columns = {}, keepsText = false } = options;
  if (form === undefined)
    return new RecordScanner({ delimiter, recordBytesMax, sink, isUtf8, kernel: maybeRecordKernel() });
  const allocate = (size: number): Buffer => Buffer.allocUnsafeSlow(size);
  return new FormScanner({
    form,
    columns,
    outputDelimiter: delimiter,
    recordBytesMax,
    sink,
    isUtf8,
    allocate,
    keepsText,
  });
}
