import { randomBytes } from 'node:crypto';
import { mkdirSync, rmdirSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { hasErrorCode, ownProcessTag, stateOfTag } from '#store';

const NAME = /^\.check-([^.]+)\.[0-9a-f]+$/;

/**
 * Works with a hidden folder for unfinished files, which is removed with what is left in it. Meanwhile such folders of
 * processes that have ended are removed too.
 */
export async function withWorkFolder<Result>(folder: string, work: (work: string) => Promise<Result>): Promise<Result> {
  const own = await ownProcessTag();
  const hidden = path.join(folder, `.check-${own}.${randomBytes(8).toString('hex')}`);
  // Not by the threads of the disk: to wake one takes five times as long as to make or to remove a folder.
  mkdirSync(hidden, { recursive: true });
  const removing = removeAbandoned(folder, own);
  removing.catch(ignoreAwaited);
  try {
    const result = await work(hidden);
    await removing;
    return result;
  } finally {
    await removeWorkFolder(hidden);
  }
}

function ignoreAwaited(): void {
  // It is awaited after the work, unless that fails.
}

/** Mostly nothing is left in it after a check that was finished. */
async function removeWorkFolder(hidden: string): Promise<void> {
  try {
    rmdirSync(hidden);
  } catch {
    await rm(hidden, { recursive: true, force: true });
  }
}

/** The tag of the process whose unfinished work a folder of this name holds; undefined for any other name. */
export const ownerOfWork = (name: string): string | undefined => NAME.exec(name)?.[1];

/** Nothing of a folder that is not there yet. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (!hasErrorCode(error, 'ENOENT')) throw error;
    return [];
  });
}

async function removeAbandoned(folder: string, own: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    const owner = ownerOfWork(name);
    if (owner !== undefined && owner !== own && (await stateOfTag(owner)) === 'ended')
      await rm(path.join(folder, name), { recursive: true, force: true });
  }
}
