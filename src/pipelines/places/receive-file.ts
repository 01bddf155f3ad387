import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, rm, unlink } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { partsOfName } from '#contracts';
import { hasErrorCode, ownProcessTag, stateOfTag, syncFolder } from '#store';
import { PipelineError } from '../errors.ts';

/** A file that is being received: hidden, so that no run selects it. */
const RECEIVING = /^\.receiving\.(.+)\.[0-9a-f]{8}$/;
/** Leaves room for what is added to a name that is taken. */
const NAME_BYTES_MAX = 200;
const NAMES_MAX = 10_000;

export interface ReceiveOptions {
  /** raw-data. */
  readonly folder: string;
  /** The name that the file should get. */
  readonly name: string;
  readonly content: AsyncIterable<Uint8Array>;
}

export interface ReceivedFile {
  /** The name it has in raw-data: another one when the wanted name was taken. */
  readonly file: string;
  readonly wanted: string;
  readonly sizeBytes: number;
}

/** Whether a file of this name may be put into raw-data: one plain, visible name without a path. */
const isFileName = (name: string): boolean =>
  /^[^./\\\p{Cc}][^/\\\p{Cc}]*$/u.test(name) && Buffer.byteLength(name) <= NAME_BYTES_MAX;

/**
 * Puts a file into raw-data: it appears whole or not at all, and replaces no other file. When its name is taken, it gets
 * another one.
 */
export async function receiveFile({ folder, name, content }: ReceiveOptions): Promise<ReceivedFile> {
  assertFileName(name);
  await mkdir(folder, { recursive: true });
  await removeUnfinished(folder);
  const unfinished = path.join(folder, unfinishedName(await ownProcessTag(), randomBytes(4)));
  try {
    // It is open before anything is read: else an early error would remove it before it is there, and it would stay.
    const handle = await open(unfinished, 'wx');
    await pipeline(content, handle.createWriteStream());
    const sizeBytes = await sync(unfinished);
    const file = await placeUnderFreeName(unfinished, { folder, name });
    await syncFolder(folder);
    return { file, wanted: name, sizeBytes };
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function sync(file: string): Promise<number> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}

/** The hidden name of a file that is being received. */
export const unfinishedName = (tag: string, random: Buffer): string => `.receiving.${tag}.${random.toString('hex')}`;

export function assertFileName(name: string): void {
  if (isFileName(name)) return;
  throw new PipelineError(
    'file_name_unfit',
    `Expected the name of a file without a path, that does not start with a dot and has at most ${NAME_BYTES_MAX} bytes; got ${JSON.stringify(name)}.`,
  );
}

/** The name itself, then others like it; throws at their end. */
export function* namesLike(wanted: string, folder: string): Generator<string> {
  const { name, ending } = partsOfName(wanted);
  for (let number = 1; number <= NAMES_MAX; number += 1) yield number === 1 ? wanted : `${name}-${number}${ending}`;
  throw new PipelineError(
    'file_name_unfit',
    `${folder} holds ${NAMES_MAX} files that are named like ${wanted}. Choose another name.`,
  );
}

/** `link` never overwrites. */
async function placeUnderFreeName(
  unfinished: string,
  { folder, name: wanted }: { readonly folder: string; readonly name: string },
): Promise<string> {
  for (const file of namesLike(wanted, folder)) {
    try {
      await link(unfinished, path.join(folder, file));
      return file;
    } catch (error) {
      if (!hasErrorCode(error, 'EEXIST')) throw error;
    }
  }
  // The names above end with an error.
  throw new PipelineError('file_name_unfit', `No name like ${wanted} is free in ${folder}.`);
}

/** Removes what a process left that ended while it received a file. */
export async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const tag = RECEIVING.exec(name)?.[1];
    if (tag !== undefined && (await stateOfTag(tag)) === 'ended') {
      await unlink(path.join(folder, name)).catch((error: unknown) => {
        if (!hasErrorCode(error, 'ENOENT')) throw error;
      });
    }
  }
}
