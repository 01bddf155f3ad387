import { mkdir, open, rename } from 'node:fs/promises';
import path from 'node:path';
import type { Violation, ViolationExample } from '../check-result.ts';
import { ByteWriter } from '../scan/byte-writer.ts';
import { canonicalBlocks, endOfRecord } from '../scan/canonical-records.ts';
import { fieldsOf, toField, toRecord } from '../scan/fields.ts';
import { LineMarkReader } from '../scan/line-marks.ts';
import { type ScanOptions, scanCsv } from '../scan/scan-csv.ts';
import { UndecodableError } from '../scan/undecodable-error.ts';
import { shortened } from './examples.ts';

export interface RestoreTextsOptions {
  /** How the file was read. */
  readonly scanning: ScanOptions;
  /** Digest of the file that was checked. */
  readonly digest: string;
  /** The names of the columns of the bad rows, in their order, and their places. */
  readonly names: readonly string[];
  readonly positions: ReadonlyMap<string, number>;
}

export interface Restored {
  readonly violations: readonly Violation[];
  /** Path of the bad rows; absent when there are none. */
  readonly bad?: string | undefined;
}

/**
 * Gives bad rows and examples the texts of the file back, which were read as values: who looks for `1.234,50` finds no
 * 1234.5. The file is read a second time, which only files of another form with something wrong in them need.
 */
export async function restoreTexts(found: Restored, options: RestoreTextsOptions): Promise<Restored> {
  const lines = new Set(
    found.violations.flatMap(({ examples = [] }) => examples.filter(isOfRow).map(({ number }) => number)),
  );
  if (found.bad === undefined && lines.size === 0) return found;
  const { scanning, digest, names } = options;
  const folder = path.join(scanning.folder, 'texts');
  await mkdir(folder);
  const { columns: { namesOf } = {}, ...reading } = scanning;
  const columns = namesOf === undefined ? {} : { columns: { namesOf } };
  const scan = await scanCsv({ ...reading, ...columns, folder, rename: (header) => header });
  if (scan.source.digest !== digest)
    throw new UndecodableError('The file changed while it was read: its second reading has another digest.');
  const shift = names.length - (scan.header?.length ?? 0);
  const restored = await restoreRows(found.bad, { ...scan.files, delimiter: scanning.delimiter, lines, shift });
  const withTexts = (example: ViolationExample): ViolationExample => {
    const fields = isOfRow(example) ? restored.get(example.number) : undefined;
    if (fields === undefined) return example;
    const values = example.values.map((value) => {
      const position = value.column === undefined ? undefined : options.positions.get(value.column);
      // What is hidden stays so.
      if (position === undefined || value.text === null || position < shift) return value;
      return { ...value, text: shortened(fields[position - shift] ?? '') };
    });
    return { ...example, values };
  };
  const violations = found.violations.map((violation) => {
    const { examples } = violation;
    return examples === undefined ? violation : { ...violation, examples: examples.map(withTexts) };
  });
  return { ...found, violations };
}

/** A rejected record has its own text already. */
const isOfRow = ({ at, values }: ViolationExample): boolean =>
  at === 'line' && values.some(({ column }) => column !== undefined);

interface Restoring {
  readonly canonical: string;
  readonly lineMarks: string;
  readonly delimiter: string;
  /** Lines of examples, whose cells are returned. */
  readonly lines: ReadonlySet<number>;
  /** How many columns the check put before those of the file. */
  readonly shift: number;
}

/** Writes the bad rows anew, in place. */
async function restoreRows(
  bad: string | undefined,
  { canonical, lineMarks, delimiter, lines, shift }: Restoring,
): Promise<ReadonlyMap<number, readonly string[]>> {
  const found = new Map<number, readonly string[]>();
  const marks = await LineMarkReader.open(lineMarks);
  const texts = new RecordReader(canonical);
  const rows = bad === undefined ? undefined : new RecordReader(bad);
  const writer = bad === undefined ? undefined : new ByteWriter(`${bad}.texts`);
  try {
    writer?.append(Buffer.from(`${await rows?.next()}\n`));
    await texts.next();
    let row = await rows?.next();
    for (let record = 0; row !== undefined || found.size < lines.size; record++) {
      const text = await texts.next();
      if (text === undefined) break;
      const line = await marks.lineOf(record);
      if (lines.has(line)) found.set(line, fieldsOf(text, delimiter));
      if (row === undefined || Number.parseInt(row, 10) !== line) continue;
      const fields = fieldsOf(row, delimiter);
      const before = toRecord(fields.slice(0, 1 + shift), delimiter);
      writer?.appendText(`${before}${delimiter}${text}${delimiter}${toField(fields.at(-1) ?? '', delimiter)}\n`);
      await writer?.flush();
      row = await rows?.next();
    }
    if (row !== undefined)
      throw new Error(`Line ${Number.parseInt(row, 10)} has a bad row, but no record begins there.`);
    await writer?.close();
  } catch (error) {
    await writer?.abandon();
    throw error;
  } finally {
    await Promise.all([texts.close(), rows?.close(), marks.close()]);
  }
  if (bad !== undefined) await rename(`${bad}.texts`, bad);
  return found;
}

/** Reads the records of a canonical file one by one, as texts without their line end. */
class RecordReader {
  readonly #blocks: AsyncGenerator<Buffer, void, undefined>;
  #block: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(file: string) {
    this.#blocks = blocksOf(file);
  }

  async next(): Promise<string | undefined> {
    if (this.#at >= this.#block.length) {
      const { value } = await this.#blocks.next();
      if (value === undefined) return undefined;
      this.#block = value;
      this.#at = 0;
    }
    const end = endOfRecord(this.#block, this.#at);
    const record = this.#block.toString('utf8', this.#at, end - 1);
    this.#at = end;
    return record;
  }

  async close(): Promise<void> {
    await this.#blocks.return();
  }
}

async function* blocksOf(file: string): AsyncGenerator<Buffer, void, undefined> {
  const handle = await open(file);
  try {
    yield* canonicalBlocks(handle);
  } finally {
    await handle.close();
  }
}
