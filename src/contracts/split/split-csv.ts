import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { ContractError } from '../errors.ts';
import { ByteWriter } from '../scan/byte-writer.ts';
import { scanRecords } from '../scan/scan-records.ts';
import { UndecodableError } from '../scan/undecodable-error.ts';

export interface SplitCsvOptions {
  readonly path: string;
  /** Folder for the parts; made when it is not there. */
  readonly into: string;
  /** How many files to make, 1 to 10,000. */
  readonly files: number;
  /** `,` unless said. */
  readonly delimiter?: string;
  readonly signal?: AbortSignal;
  /** Told now and then how much is done, 0 to 1. */
  readonly onProgress?: (done: number) => void;
}

export interface SplitCsv {
  readonly rows: number;
  readonly files: readonly { readonly path: string; readonly rows: number }[];
}

const FILES_MAX = 10_000;

/**
 * Cuts a CSV file into files with the same header whose numbers of rows differ by one at most. Every record stays as it
 * is, quoted line ends and broken lines too; text becomes UTF-8. An empty or absent folder appears filled at once;
 * in one that holds other files the parts are put one after another.
 */
export async function splitCsv(options: SplitCsvOptions): Promise<SplitCsv> {
  const { into, files } = options;
  if (!Number.isInteger(files) || files < 1 || files > FILES_MAX) {
    throw new ContractError('split_failed', `Expected a number of files from 1 to ${FILES_MAX}; got ${files}.`);
  }
  const rows = await countRows(options);
  const work = path.join(path.dirname(path.resolve(into)), `.${path.basename(into)}-${randomBytes(6).toString('hex')}`);
  await mkdir(work, { recursive: true });
  try {
    const made = await writeParts(options, { work, rows });
    await publish(work, into);
    return { rows, files: made.map(({ name, rows: count }) => ({ path: path.join(into, name), rows: count })) };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function countRows(options: SplitCsvOptions): Promise<number> {
  let records = -1;
  await scan(options, () => {
    records++;
  });
  if (records < 0) {
    throw new ContractError('split_failed', `Expected a header in ${JSON.stringify(options.path)}; the file is empty.`);
  }
  options.onProgress?.(0.4);
  return records;
}

async function writeParts(
  options: SplitCsvOptions,
  { work, rows }: { work: string; rows: number },
): Promise<readonly { name: string; rows: number }[]> {
  const { name, ext } = path.parse(options.path);
  const digits = String(options.files).length;
  const parts = Array.from({ length: options.files }, (_, index) => ({
    name: `${name}-${String(index + 1).padStart(digits, '0')}${ext || '.csv'}`,
    rows: Math.floor(((index + 1) * rows) / options.files) - Math.floor((index * rows) / options.files),
  }));
  let header: Buffer | undefined;
  let index = -1;
  let left = 0;
  let done = 0;
  const open: ByteWriter[] = [];
  const begin = (): void => {
    index++;
    left = parts[index]?.rows ?? 0;
    const writer = new ByteWriter(path.join(work, parts[index]?.name ?? ''));
    writer.append(header ?? Buffer.alloc(0));
    open.push(writer);
  };
  const onRecord = (bytes: Buffer): void => {
    if (header === undefined) {
      header = Buffer.from(bytes);
      return;
    }
    while (left === 0) {
      if (index + 1 === parts.length) throw changed(options);
      begin();
    }
    open.at(-1)?.append(bytes);
    left--;
    done++;
  };
  const flush = async (): Promise<void> => {
    while (open.length > 1) {
      await open[0]?.close();
      open.shift();
    }
    await open[0]?.flush();
    options.onProgress?.(0.4 + 0.6 * (rows === 0 ? 1 : done / rows));
  };
  try {
    await scan(options, onRecord, flush);
    if (done < rows) throw changed(options);
    while (index + 1 < parts.length) begin();
    for (const writer of open) await writer.close();
    return parts;
  } catch (error) {
    await Promise.all(open.map((writer) => writer.abandon()));
    throw error;
  }
}

/** The rows were counted in a first reading. */
function changed({ path: file }: SplitCsvOptions): ContractError {
  return new ContractError(
    'split_failed',
    `${JSON.stringify(file)} changed while it was read: the second reading gave other rows than the first. Split it again once nobody writes to it.`,
  );
}

/** Hands over every record and every broken line, each with a line feed at its end. */
async function scan(
  { path: file, delimiter = ',', signal }: SplitCsvOptions,
  onRecord: (bytes: Buffer) => void,
  onBlock: () => Promise<void> = async () => {},
): Promise<void> {
  try {
    await scanRecords({ path: file, delimiter, onRecord, onBlock, ...(signal ? { signal } : {}) });
  } catch (cause) {
    if (!(cause instanceof UndecodableError)) throw cause;
    throw new ContractError('split_failed', `${JSON.stringify(file)} cannot be split. ${cause.message}`, { cause });
  }
}

async function publish(work: string, into: string): Promise<void> {
  try {
    // Renaming onto an empty folder replaces it in one step.
    await rename(work, into);
  } catch (error) {
    if (!isOccupied(error)) throw error;
    for (const name of (await readdir(work)).sort()) await rename(path.join(work, name), path.join(into, name));
  }
}

/** Others have put files there, perhaps only just now. */
function isOccupied(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOTEMPTY' || error.code === 'EEXIST');
}
