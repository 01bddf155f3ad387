import { open } from 'node:fs/promises';
import { canonicalBlocks, endOfRecord, skipRecords } from '../scan/canonical-records.ts';
import { fieldsOf } from '../scan/fields.ts';
import { LineMarkReader } from '../scan/line-marks.ts';
import { maybeRecordKernel } from '../scan/record-kernel.ts';

export interface ReadRecordsOptions {
  readonly canonical: string;
  readonly lineMarks: string;
  readonly delimiter: string;
  /** Numbers of the rows to read, from 0, in ascending order. */
  readonly rows: readonly number[];
  readonly signal?: AbortSignal;
}

/** A row of the file: its number from 0, the line it starts on, and its cells. */
export interface ReadRecord {
  readonly row: number;
  readonly line: number;
  readonly fields: readonly string[];
}

/** Reads single rows of a canonical file. It skips the rows between them, and ends at the last one. */
export async function readRecords(options: ReadRecordsOptions, onRecord: (record: ReadRecord) => void): Promise<void> {
  if (options.rows.length === 0) return;
  const lines = await LineMarkReader.open(options.lineMarks);
  const file = await open(options.canonical);
  try {
    await visit(canonicalBlocks(file), { ...options, lines, onRecord });
  } finally {
    await lines.close();
    await file.close();
  }
}

interface Visiting extends ReadRecordsOptions {
  readonly lines: LineMarkReader;
  readonly onRecord: (record: ReadRecord) => void;
}

async function visit(blocks: AsyncGenerator<Buffer, void, undefined>, visiting: Visiting): Promise<void> {
  const { lines, onRecord, delimiter, signal } = visiting;
  const rows = visiting.rows[Symbol.iterator]();
  let wanted = rows.next().value;
  const kernel = maybeRecordKernel();
  // The header is before row 0.
  let row = -1;
  for await (const block of blocks) {
    signal?.throwIfAborted();
    kernel?.load(block);
    let at = 0;
    if (row === -1) {
      at = endOfRecord(block, 0);
      row = 0;
    }
    while (at < block.length && wanted !== undefined) {
      const records = wanted - row;
      const passed = kernel?.skip(at, records) ?? skipRecords(block, { at, records });
      row += passed.records;
      at = passed.end;
      if (at >= block.length) break;
      const end = endOfRecord(block, at);
      const fields = fieldsOf(block.toString('utf8', at, end - 1), delimiter);
      onRecord({ row, line: await lines.lineOf(row), fields });
      wanted = rows.next().value;
      row++;
      at = end;
    }
    if (wanted === undefined) return;
  }
}
