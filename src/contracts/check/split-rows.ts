import { open } from 'node:fs/promises';
import { ByteWriter } from '../scan/byte-writer.ts';
import { canonicalBlocks, endOfRecord, skipRecords } from '../scan/canonical-records.ts';
import { toField } from '../scan/fields.ts';
import { LineMarkReader, LineMarkWriter } from '../scan/line-marks.ts';
import { maybeRecordKernel } from '../scan/record-kernel.ts';
import type { BadRow } from './flagged-rows.ts';

export interface SplitRowsOptions {
  readonly canonical: string;
  readonly lineMarks: string;
  /** In ascending order of row. */
  readonly badRows: AsyncGenerator<BadRow, void, undefined>;
  /** Reasons that apply to every row, so that none is good. */
  readonly everyRow: readonly string[];
  readonly good: string;
  readonly bad: string;
  /** Where the lines of the good rows are written; nowhere unless set. */
  readonly goodLines?: string;
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
  const { goodLines } = options;
  const marks = goodLines === undefined ? undefined : new ByteWriter(goodLines, { bufferBytes: 4096 });
  const writers = { good: new ByteWriter(options.good), bad: new ByteWriter(options.bad), ...(marks && { marks }) };
  const lines = await LineMarkReader.open(options.lineMarks);
  const file = await open(options.canonical);
  try {
    const counts = await part(canonicalBlocks(file), { ...options, writers, lines });
    await Promise.all(Object.values(writers).map((writer) => writer.close()));
    return counts;
  } catch (error) {
    await Promise.all(Object.values(writers).map((writer) => writer.abandon()));
    throw error;
  } finally {
    await options.badRows.return(undefined);
    await lines.close();
    await file.close();
  }
}

interface Parting extends SplitRowsOptions {
  readonly writers: { readonly good: ByteWriter; readonly bad: ByteWriter; readonly marks?: ByteWriter };
  readonly lines: LineMarkReader;
}

async function part(blocks: AsyncGenerator<Buffer, void, undefined>, parting: Parting): Promise<SplitRows> {
  const { writers, badRows, everyRow, signal, onProgress } = parting;
  let next = (await badRows.next()).value;
  let row = -1;
  const counts = { good: 0, bad: 0 };
  const kernel = maybeRecordKernel();
  const noteLines = lineNotes(parting);
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
      await noteLines?.({ row, records: passed.records, good: counts.good });
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
    await writers.marks?.flush();
    onProgress(row);
  }
  if (next !== undefined) throw new Error(`Row ${next.row} was found bad, but the file ends at row ${row}.`);
  return counts;
}

/** Notes the lines of good rows, which are asked for in the order of the file like those of bad ones. */
function lineNotes({ writers: { marks }, lines }: Parting) {
  if (marks === undefined) return undefined;
  const writer = new LineMarkWriter(marks);
  return async (run: { readonly row: number; readonly records: number; readonly good: number }): Promise<void> => {
    for (let at = 0; at < run.records; at += 1) writer.note(run.good + at, await lines.lineOf(run.row + at));
  };
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
