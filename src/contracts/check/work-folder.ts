import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { ownProcessTag, stateOfTag } from '#store';

const NAME = /^\.check-([^.]+)\.[0-9a-f]+$/;

/** A new hidden folder for unfinished files; those beside it whose process has ended are removed. */
export async function makeWorkFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) {
    const owner = NAME.exec(name)?.[1];
    if (owner !== undefined && (await stateOfTag(owner)) === 'ended')
      await rm(path.join(folder, name), { recursive: true, force: true });
  }
  const work = path.join(folder, `.check-${await ownProcessTag()}.${randomBytes(8).toString('hex')}`);
  await mkdir(work);
  return work;
}
