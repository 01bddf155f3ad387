import { findFormat } from '../find-format/find-format.ts';
import { type Form, formOf } from '../format/form.ts';
import { fieldsOf } from '../scan/fields.ts';
import { findDelimiter } from '../scan/find-delimiter.ts';
import type { RecordPlace, RecordSink } from '../scan/record-scanner.ts';
import { scanBlocks } from '../scan/scan-blocks.ts';
import { openSource } from '../scan/source.ts';
import { UndecodableError } from '../scan/undecodable-error.ts';
import { COLUMNS_SHOWN, ROWS_SHOWN, type TablePreview, toPreviewCell } from './preview.ts';

/** Rows are counted up to this many bytes of text. */
const COUNTED_BYTES_MAX = 64 * 1024 * 1024;
const LF = 10;

/**
 * The first rows of a CSV file in any form, with the texts that it has; undefined when its text is no table: fewer than two columns or no row, a column without
 * a name or two with the same, or a record of another length among the first.
 */
export async function previewCsv(file: string): Promise<TablePreview | undefined> {
  const plain = await maybeTable(file, { delimiter: await findDelimiter(file) });
  if (plain !== undefined) return plain;
  const { delimiter, format } = await findFormat(file);
  // Prose has blanks and colons too.
  if (IN_PROSE.has(delimiter)) return undefined;
  const form = formOf({ ...format, delimiter }, { isDelimiterPlain: false });
  return form && maybeTable(file, { delimiter: WRITTEN_DELIMITER, form, encoding: format?.encoding });
}

interface Reading {
  /** Of the file, or in another form than the default of what its scanner writes. */
  readonly delimiter: string;
  readonly form?: Form | undefined;
  readonly encoding?: string | undefined;
}

const IN_PROSE: ReadonlySet<string> = new Set([' ', ':']);
const WRITTEN_DELIMITER = ',';

async function maybeTable(file: string, { delimiter, form, encoding }: Reading): Promise<TablePreview | undefined> {
  const sink = new FirstRecords(delimiter);
  const facts = { isWhole: true };
  const blocks = untilBound(openSource(file, { encoding, form }).blocks(), { sink, facts });
  try {
    await scanBlocks(blocks, { delimiter, form, recordBytesMax: undefined, sink, onBlock: async () => undefined });
  } catch (error) {
    // Text whose first line is no header, or in another encoding.
    if (error instanceof UndecodableError) return undefined;
    throw error;
  }
  const { header, rows } = sink;
  if (!isTable(header, sink)) return undefined;
  return {
    kind: 'table',
    format: 'csv',
    columns: header.slice(0, COLUMNS_SHOWN),
    columnCount: header.length,
    rows: rows.map((cells) => cells.slice(0, COLUMNS_SHOWN).map(toPreviewCell)),
    rowCount: facts.isWhole ? sink.records : null,
  };
}

function isTable(header: readonly string[], { rows, isRagged }: FirstRecords): boolean {
  const names = new Set(header.map((name) => name.trim()));
  return header.length > 1 && names.size === header.length && !names.has('') && rows.length > 0 && !isRagged;
}

/** Ends at the bound, or as soon as the first records are no table. */
async function* untilBound(
  blocks: AsyncGenerator<Buffer>,
  { sink, facts }: { readonly sink: FirstRecords; readonly facts: { isWhole: boolean } },
): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const block of blocks) {
    yield block;
    bytes += block.length;
    facts.isWhole = bytes < COUNTED_BYTES_MAX && !sink.isRagged;
    if (!facts.isWhole) return;
  }
}

/** The header, the first rows, and how many rows there are. */
class FirstRecords implements RecordSink {
  readonly #delimiter: string;
  #hasHeader = false;
  header: readonly string[] = [];
  readonly rows: (readonly string[])[] = [];
  records = 0;
  /** Whether there is a faulty record where the first rows are. */
  isRagged = false;

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
  }

  run(bytes: Buffer, { start, end, records }: { start: number; end: number; records: number }): void {
    for (let at = start; at < end && this.rows.length < ROWS_SHOWN; ) {
      const next = bytes.indexOf(LF, at);
      this.#add(bytes.subarray(at, bytes[next - 1] === 13 ? next - 1 : next));
      at = next + 1;
    }
    this.records += records;
  }

  record(bytes: Buffer, { start, end }: RecordPlace): void {
    const record = bytes.subarray(start, end);
    if (this.#hasHeader) {
      this.#add(record);
      this.records++;
      return;
    }
    this.#hasHeader = true;
    this.header = fieldsOf(record.toString(), this.#delimiter);
  }

  reject(): void {
    if (this.rows.length < ROWS_SHOWN) this.isRagged = true;
  }

  blank(): void {
    // Not a record.
  }

  #add(record: Buffer): void {
    if (this.rows.length < ROWS_SHOWN) this.rows.push(fieldsOf(record.toString(), this.#delimiter));
  }
}
