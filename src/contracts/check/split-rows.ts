import { type FileHandle, open } from 'node:fs/promises';
import { ByteWriter } from '../scan/byte-writer.ts';
import { toField } from '../scan/fields.ts';
import { LineMarkReader } from '../scan/line-marks.ts';
import { maybeRecordKernel } from '../scan/record-kernel.ts';
import type { BadRow } from './flagged-rows.ts';

const BLOCK_BYTES = 1 << 20;
const LF = 10;
const QUOTE = 34;

export interface SplitRowsOptions {
  readonly canonical: string;
  readonly lineMarks: string;
  /** In ascending order of row. */
  readonly badRows: AsyncGenerator<BadRow, void, undefined>;
  /** Reasons that apply to every row, so that none is good. */
  readonly everyRow: readonly string[];
  readonly good: string;
  readonly bad: string;
  readonly delimiter: string;
  readonly signal?: AbortSignal;
  /** Called repeatedly with the number of split rows. */
  readonly onProgress: (rows: number) => void;
}

export interface SplitRows {
  readonly good: number;
  readonly bad: number;
}

/** Splits a canonical file into good and bad rows; good rows are copied byte by byte. */
export async function splitRows(options: SplitRowsOptions): Promise<SplitRows> {
  const writers = { good: new ByteWriter(options.good), bad: new ByteWriter(options.bad) };
  const lines = await LineMarkReader.open(options.lineMarks);
  const file = await open(options.canonical);
  try {
    const counts = await part(canonicalBlocks(file), { ...options, writers, lines });
    await Promise.all([writers.good.close(), writers.bad.close()]);
    return counts;
  } catch (error) {
    await Promise.all([writers.good.abandon(), writers.bad.abandon()]);
    throw error;
  } finally {
    await options.badRows.return(undefined);
    await lines.close();
    await file.close();
  }
}

interface Parting extends SplitRowsOptions {
  readonly writers: { readonly good: ByteWriter; readonly bad: ByteWriter };
  readonly lines: LineMarkReader;
}

async function part(blocks: AsyncGenerator<Buffer, void, undefined>, parting: Parting): Promise<SplitRows> {
  const { writers, badRows, everyRow, signal, onProgress } = parting;
  let next = (await badRows.next()).value;
  let row = -1;
  const counts = { good: 0, bad: 0 };
  const kernel = maybeRecordKernel();
  for await (const block of blocks) {
    signal?.throwIfAborted();
    kernel?.load(block);
    let at = 0;
    if (row === -1) {
      at = endOfRecord(block, 0);
      writers.good.append(block, 0, at);
      writeBadHeader(block.subarray(0, at), parting);
      row = 0;
    }
    while (at < block.length) {
      const goodRows = everyRow.length > 0 ? 0 : next === undefined ? Number.POSITIVE_INFINITY : next.row - row;
      const passed = kernel?.skip(at, goodRows) ?? skipRecords(block, { at, records: goodRows });
      writers.good.append(block, at, passed.end);
      counts.good += passed.records;
      row += passed.records;
      at = passed.end;
      if (at >= block.length) break;
      const end = endOfRecord(block, at);
      const flags = next?.row === row ? next.flags : [];
      await writeBad(block.subarray(at, end - 1), { parting, row, flags });
      if (next?.row === row) next = (await badRows.next()).value;
      counts.bad++;
      row++;
      at = end;
    }
    await writers.good.flush();
    await writers.bad.flush();
    onProgress(row);
  }
  if (next !== undefined) throw new Error(`Row ${next.row} was found bad, but the file ends at row ${row}.`);
  return counts;
}

/** Blocks that end where a record ends. */
async function* canonicalBlocks(file: FileHandle): AsyncGenerator<Buffer, void, undefined> {
  let carried: Buffer = Buffer.alloc(0);
  const buffer = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, BLOCK_BYTES);
    if (bytesRead === 0) break;
    const read = buffer.subarray(0, bytesRead);
    const bytes = carried.length === 0 ? read : Buffer.concat([carried, read]);
    const end = lastRecordEnd(bytes);
    if (end > 0) yield bytes.subarray(0, end);
    carried = Buffer.from(bytes.subarray(end));
  }
  if (carried.length > 0)
    throw new Error(`The canonical file ends in the middle of a record, ${carried.length} bytes too late.`);
}

/**
 * In canonical form the number of quotes in a record is even, so a line end ends a record when the number of quotes
 * before it is even. Searched from the end, because the last line end usually ends a record.
 */
function lastRecordEnd(bytes: Buffer): number {
  let isEven = quotesIn(bytes) % 2 === 0;
  for (let from = bytes.length; ; ) {
    const lineEnd = bytes.lastIndexOf(LF, from - 1);
    if (lineEnd < 0 || from === 0) return 0;
    if (quotesIn(bytes.subarray(lineEnd, from)) % 2 !== 0) isEven = !isEven;
    if (isEven) return lineEnd + 1;
    from = lineEnd;
  }
}

function quotesIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(QUOTE); at >= 0; at = bytes.indexOf(QUOTE, at + 1)) count++;
  return count;
}

/** The position after the line end of the record that starts at `at`; -1 when it is not in these bytes. */
function endOfRecord(bytes: Buffer, at: number): number {
  let quoted = false;
  for (let index = at; index < bytes.length; index++) {
    const byte = bytes[index];
    if (byte === QUOTE) quoted = !quoted;
    else if (byte === LF && !quoted) return index + 1;
  }
  return -1;
}

/** Does the work of the kernel's `skip` where there is no kernel. */
function skipRecords(
  bytes: Buffer,
  { at, records }: { readonly at: number; readonly records: number },
): { readonly end: number; readonly records: number } {
  let end = at;
  for (let passed = 0; passed < records; passed++) {
    const next = end < bytes.length ? endOfRecord(bytes, end) : -1;
    if (next < 0) return { end, records: passed };
    end = next;
  }
  return { end, records };
}

function writeBadHeader(header: Buffer, { writers, delimiter }: Parting): void {
  writers.bad.appendText(`line${delimiter}`);
  writers.bad.append(header, 0, header.length - 1);
  writers.bad.appendText(`${delimiter}violations\n`);
}

async function writeBad(
  record: Buffer,
  { parting, row, flags }: { parting: Parting; row: number; flags: BadRow['flags'] },
): Promise<void> {
  const { writers, lines, everyRow, delimiter } = parting;
  const own = flags.map(({ expectation }) => reasonOf(expectation));
  writers.bad.appendText(`${await lines.lineOf(row)}${delimiter}`);
  writers.bad.append(record);
  writers.bad.appendText(`${delimiter}${toField([...everyRow, ...own].join('; '), delimiter)}\n`);
}

/**
 * The name of a violation in the file of bad rows: `age: in-range`, or the bare name for rules over several columns.
 */
export function reasonOf({
  name,
  expectation,
  column,
}: {
  name?: string;
  expectation?: string;
  column?: string;
}): string {
  const rule = name ?? expectation ?? '';
  return column === undefined ? rule : `${column}: ${rule}`;
}
