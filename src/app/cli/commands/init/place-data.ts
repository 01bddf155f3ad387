import { constants } from 'node:fs';
import { copyFile, mkdir, realpath, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { addRowIds } from '#contracts';
import { UsageError } from '../../../project/errors.ts';

/** The name of a file without what its format adds. */
export function nameOf(file: string): string {
  return (
    path.basename(file).replace(/(\.(csv|tsv|tab|txt|ndjson|jsonl|json|parquet|pq))?(\.(gz|zst|bz2|zip))?$/i, '') ||
    'data'
  );
}

export interface Placing {
  readonly folder: string;
  readonly link: boolean;
  readonly delimiter: string;
  /** The column of ids to add; none when absent. */
  readonly idColumn?: string;
}

/** Puts the data into the project, and resolves to their absolute path. */
export async function placeData(file: string, { folder, link, delimiter, idColumn }: Placing): Promise<string> {
  const source = await realpath(file);
  if (link) return source;
  const name = idColumn === undefined ? path.basename(file) : path.basename(file).replace(/\.(gz|zst|bz2|zip)$/i, '');
  const place = path.join(folder, 'data', name);
  if (idColumn === undefined && (await realpath(place).catch(() => undefined)) === source) return place;
  await assertNothingAt(place);
  await mkdir(path.dirname(place), { recursive: true });
  const partial = `${place}.partial`;
  await rm(partial, { force: true });
  try {
    if (idColumn === undefined) await copyFile(source, partial, constants.COPYFILE_FICLONE);
    else await addRowIds(source, { into: partial, column: idColumn, delimiter, prefix: nameOf(file) });
    await rename(partial, place);
  } finally {
    await rm(partial, { force: true });
  }
  return place;
}

async function assertNothingAt(place: string): Promise<void> {
  const found = await stat(place).catch(() => undefined);
  if (found === undefined) return;
  throw new UsageError(
    'usage_invalid',
    `Expected room for the data; there is a file at ${place}. Remove it, or name another folder with --into.`,
  );
}
