import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { hasErrorCode } from '#store';
import { ContractError } from '../errors.ts';
import { formatOf } from '../scan/format.ts';
import { UndecodableError } from '../scan/undecodable-error.ts';
import type { PlannedPart } from './planned-part.ts';
import type { SplitFileOptions } from './split-file-options.ts';
import { splitParquet } from './split-parquet.ts';
import { splitText } from './split-text.ts';

/** The files that were made. */
export interface SplitFile {
  /** How many rows there are in all of them. */
  readonly rows: number;
  /** Each with its path and number of rows, in the order of the rows. */
  readonly files: readonly { readonly path: string; readonly rows: number }[];
}

const FILES_MAX = 10_000;

/**
 * Splits a file into files of the same format whose numbers of rows differ by at most one: CSV with the same header,
 * NDJSON, Parquet; compressed files have compressed parts. A row is the same as in a check. Every text record is
 * unchanged, including quoted line ends and broken records; text becomes UTF-8. An empty or missing folder is filled
 * atomically; into one with other files the parts are moved one after another, and replace none of them unless asked to.
 *
 * @throws ContractError `file_unreadable` when the file cannot be read as a table, `split_failed` when it cannot be split as requested.
 */
export async function splitFile(options: SplitFileOptions): Promise<SplitFile> {
  const { into, files } = options;
  if (!Number.isInteger(files) || files < 1 || files > FILES_MAX) {
    throw new ContractError('split_failed', `Expected a number of files from 1 to ${FILES_MAX}; got ${files}.`);
  }
  const work = path.join(path.dirname(path.resolve(into)), `.${path.basename(into)}-${randomBytes(6).toString('hex')}`);
  const folders = { parts: path.join(work, 'parts'), source: path.join(work, 'source') };
  try {
    for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true });
    const made = await writeParts(options, folders);
    await publish(folders.parts, options);
    const rows = made.reduce((sum, part) => sum + part.rows, 0);
    return { rows, files: made.map(({ name, rows: count }) => ({ path: path.join(into, name), rows: count })) };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function writeParts(
  options: SplitFileOptions,
  folders: { readonly parts: string; readonly source: string },
): Promise<readonly PlannedPart[]> {
  try {
    const format = await formatOf(options.path, options.path);
    return format === 'parquet'
      ? await splitParquet(options, folders)
      : await splitText(options, { format, into: folders.parts });
  } catch (cause) {
    if (!(cause instanceof UndecodableError)) throw cause;
    throw new ContractError('file_unreadable', `${JSON.stringify(options.path)} cannot be split. ${cause.message}`, {
      cause,
    });
  }
}

async function publish(parts: string, { into, isReplacing = false }: SplitFileOptions): Promise<void> {
  try {
    // Renaming onto an empty folder replaces it in one step.
    await rename(parts, into);
  } catch (error) {
    if (!isOccupied(error)) throw error;
    const names = (await readdir(parts)).sort();
    if (!isReplacing) await assertFree(into, names);
    for (const name of names) await rename(path.join(parts, name), path.join(into, name));
  }
}

async function assertFree(into: string, names: readonly string[]): Promise<void> {
  const there = new Set(await readdir(into));
  const taken = names.filter((name) => there.has(name));
  if (taken.length === 0) return;
  throw new ContractError(
    'split_failed',
    `Expected a folder without files named like the parts; ${into} holds ${taken.length} of them, such as ${taken[0]}. Name another folder, or remove them.`,
  );
}

/** The folder has other files, perhaps new ones. */
function isOccupied(error: unknown): boolean {
  return hasErrorCode(error, 'ENOTEMPTY') || hasErrorCode(error, 'EEXIST');
}
