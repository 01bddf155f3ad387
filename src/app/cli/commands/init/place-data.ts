import { constants } from 'node:fs';
import { copyFile, mkdir, realpath, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { addRowIds, type Contract, formatOf } from '#contracts';
import { UsageError } from '../../../project/errors.ts';

/** The name of a file without what its format adds. */
export function nameOf(file: string): string {
  return path.basename(file).replace(/(\.(csv|tsv|tab|txt|ndjson|jsonl|parquet|pq))?(\.gz)?$/i, '') || 'data';
}

/** Throws a UsageError when no ids can be added to the file. */
export async function assertCanNumber(file: string, { link }: { readonly link?: boolean }): Promise<void> {
  const about = `${path.basename(file)} has no column that names each row`;
  if (link)
    throw new UsageError(
      'usage_invalid',
      `Expected an id in data that stay where they are: ${about}. Leave --link out, so that ids are added to a copy.`,
    );
  if ((await formatOf(file, file)) !== 'csv')
    throw new UsageError(
      'usage_invalid',
      `Expected an id, or a CSV file, to which ids can be added: ${about}. Name the id with --id.`,
    );
}

export interface Placing {
  readonly folder: string;
  readonly link: boolean;
  readonly contract: Contract;
  readonly isNumbered: boolean;
}

/** Puts the data into the project, and resolves to their absolute path. */
export async function placeData(file: string, { folder, link, contract, isNumbered }: Placing): Promise<string> {
  const source = await realpath(file);
  if (link) return source;
  const name = isNumbered ? path.basename(file).replace(/\.gz$/i, '') : path.basename(file);
  const place = path.join(folder, 'data', name);
  if (!isNumbered && (await realpath(place).catch(() => undefined)) === source) return place;
  await assertNothingAt(place);
  await mkdir(path.dirname(place), { recursive: true });
  const partial = `${place}.partial`;
  await rm(partial, { force: true });
  try {
    if (isNumbered) {
      const [column = ''] = Object.keys(contract.columns);
      const prefix = nameOf(file);
      await addRowIds(file, {
        into: partial,
        column,
        delimiter: contract.delimiter,
        idOf: (place) => `${prefix}-${place}`,
      });
    } else await copyFile(source, partial, constants.COPYFILE_FICLONE);
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
