import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';

const NAME = /^\.check-(\d+)-[0-9a-f]+$/;

/** A new hidden folder for unfinished files; those that killed processes left beside it are removed. */
export async function makeWorkFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) {
    const owner = NAME.exec(name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner)))
      await rm(path.join(folder, name), { recursive: true, force: true });
  }
  const work = path.join(folder, `.check-${process.pid}-${randomBytes(8).toString('hex')}`);
  await mkdir(work);
  return work;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Anything but "no such process" means that somebody has the number.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
