import { randomBytes } from 'node:crypto';
import { constants, copyFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { assertNotOverwritten } from './flags.ts';

/**
 * Copies stored bytes to where a person asked for them, and returns that place: to a temporary name beside it first, so
 * that nobody reads half of it. Refuses to replace what is read.
 */
export async function copyOut(file: string, to: string): Promise<string> {
  await assertNotOverwritten(file, [to]);
  const place = path.resolve(to);
  // Not derived from the name, which may have the maximum length.
  const unfinished = path.join(path.dirname(place), `.weir-${randomBytes(8).toString('hex')}.tmp`);
  try {
    await copyFile(file, unfinished, constants.COPYFILE_FICLONE);
    await rename(unfinished, place);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  return place;
}
