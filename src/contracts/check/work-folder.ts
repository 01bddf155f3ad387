import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { hasErrorCode, ownProcessTag, stateOfTag } from '#store';

const NAME = /^\.check-([^.]+)\.[0-9a-f]+$/;

/** Creates a hidden folder for unfinished files, and removes such folders of processes that have ended. */
export async function makeWorkFolder(folder: string): Promise<string> {
  const work = path.join(folder, `.check-${await ownProcessTag()}.${randomBytes(8).toString('hex')}`);
  await Promise.all([removeAbandoned(folder), mkdir(work, { recursive: true })]);
  return work;
}

/** Removes a work folder and what is left in it, which is nothing after a check that was finished. */
export async function removeWorkFolder(work: string): Promise<void> {
  await rmdir(work).catch(() => rm(work, { recursive: true, force: true }));
}

/** Nothing of a folder that is not there yet. */
async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (!hasErrorCode(error, 'ENOENT')) throw error;
    return [];
  });
}

async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    const owner = NAME.exec(name)?.[1];
    if (owner !== undefined && (await stateOfTag(owner)) === 'ended')
      await rm(path.join(folder, name), { recursive: true, force: true });
  }
}
