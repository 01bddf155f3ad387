import path from 'node:path';
import { ContractError } from '../errors.ts';
import { formOf } from '../format/form.ts';
import { ByteWriter } from '../scan/byte-writer.ts';
import { KNOWN_DELIMITERS } from '../scan/delimiters.ts';
import type { Format } from '../scan/format.ts';
import { scanRecords } from '../scan/scan-records.ts';
import { type PlannedPart, planParts } from './planned-part.ts';
import type { SplitFileOptions } from './split-file-options.ts';

type TextFormat = Exclude<Format, 'parquet'>;

/** The share of the work that is counting the rows. */
const COUNTED_SHARE = 0.4;

/** Splits CSV or NDJSON record by record: a first reading counts the records. */
export async function splitText(
  options: SplitFileOptions,
  { format, into }: { readonly format: TextFormat; readonly into: string },
): Promise<readonly PlannedPart[]> {
  let records = 0;
  await scan(format, options, {
    onRecord: () => {
      records++;
    },
  });
  const hasHeader = format === 'csv';
  if (records === 0) {
    const expected = hasHeader ? 'a header' : 'JSON objects';
    throw new ContractError(
      'split_failed',
      `Expected ${expected} in ${JSON.stringify(options.path)}; the file is empty.`,
    );
  }
  options.onProgress?.(COUNTED_SHARE);
  const rows = hasHeader ? records - 1 : records;
  const parts = planParts(options.path, { files: options.files, rows });
  // Parts are in UTF-8, which a mark says where another encoding is expected.
  const mark = options.format?.encoding === undefined ? '' : '\ufeff';
  const writer = new PartsWriter({ parts, into, hasHeader, mark, isOfForm: options.format !== undefined });
  try {
    await scan(format, options, {
      onRecord: (bytes) => writer.take(bytes),
      onBlock: async () => {
        await writer.flush();
        options.onProgress?.(COUNTED_SHARE + (1 - COUNTED_SHARE) * (rows === 0 ? 1 : Math.min(1, writer.rows / rows)));
      },
    });
    if (writer.rows !== rows) throw changed(options);
    await writer.close();
    return parts;
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

interface Walk {
  readonly onRecord: (bytes: Buffer) => void;
  readonly onBlock?: () => Promise<void>;
}

async function scan(format: TextFormat, { path: file, signal, ...given }: SplitFileOptions, walk: Walk): Promise<void> {
  const delimiter = given.delimiter ?? given.format?.delimiter ?? ',';
  const isKnown = KNOWN_DELIMITERS.some((known) => known === delimiter);
  const form = formOf({ ...given.format, delimiter }, { isDelimiterPlain: isKnown });
  await scanRecords(format, {
    ...{ path: file, delimiter, form, keepsText: true, encoding: given.encoding ?? given.format?.encoding, ...walk },
    ...(signal === undefined ? {} : { signal }),
  });
}

/** The rows were counted in a first reading. */
function changed({ path: file }: SplitFileOptions): ContractError {
  return new ContractError(
    'split_failed',
    `${JSON.stringify(file)} changed while it was read: the second reading gave other rows than the first. Split it again once it is no longer being written.`,
  );
}

/** Fills one part after the other; those that are full wait for the next flush to be written. */
class PartsWriter {
  readonly #parts: readonly PlannedPart[];
  readonly #into: string;
  readonly #mark: string;
  readonly #isOfForm: boolean;
  readonly #open: ByteWriter[] = [];
  #header: Buffer | undefined;
  #begun = 0;
  #left = 0;
  /** How many rows were taken. */
  rows = 0;

  constructor(options: {
    readonly parts: readonly PlannedPart[];
    readonly into: string;
    readonly hasHeader: boolean;
    /** What every part begins with. */
    readonly mark: string;
    /** Whether the file has a format, and perhaps no header row. */
    readonly isOfForm: boolean;
  }) {
    this.#parts = options.parts;
    this.#mark = options.mark;
    this.#isOfForm = options.isOfForm;
    this.#into = options.into;
    this.#header = options.hasHeader ? undefined : Buffer.alloc(0);
  }

  take(record: Buffer): void {
    if (this.#header === undefined) {
      // In a file without a header row there is nothing before the first record.
      this.#header = record.length === 1 && this.#isOfForm ? Buffer.alloc(0) : Buffer.from(record);
      return;
    }
    this.rows++;
    while (this.#left === 0 && this.#begun < this.#parts.length) this.#begin();
    // Rows beyond the counted number belong to no part; the count shows the mismatch.
    if (this.#left === 0) return;
    this.#open.at(-1)?.append(record);
    this.#left--;
  }

  async flush(): Promise<void> {
    while (this.#open.length > 1) {
      await this.#open[0]?.close();
      this.#open.shift();
    }
    await this.#open[0]?.flush();
  }

  async close(): Promise<void> {
    while (this.#begun < this.#parts.length) this.#begin();
    for (const writer of this.#open) await writer.close();
  }

  async abandon(): Promise<void> {
    await Promise.all(this.#open.map((writer) => writer.abandon()));
  }

  #begin(): void {
    const { name = '', rows = 0 } = this.#parts[this.#begun++] ?? {};
    this.#left = rows;
    const writer = new ByteWriter(path.join(this.#into, name), { isCompressed: /\.gz$/i.test(name) });
    writer.appendText(this.#mark);
    writer.append(this.#header ?? Buffer.alloc(0));
    this.#open.push(writer);
  }
}
