import { randomBytes } from 'node:crypto';
import { constants, copyFile, lstat, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { digestOfFile } from '../completeness.ts';
import { TaskError } from '../errors.ts';
import type { FileReceipt } from '../task.ts';

/** A file that lies beside its place, durable, and only needs its name. */
export interface StagedFile {
  readonly receipt: FileReceipt;
  /** Gives it its name; until then nobody sees it. */
  publish(): Promise<void>;
  discard(): Promise<void>;
}

/**
 * Copies a finished file beside the place it shall have and makes it durable. A copy, because the private folder may be
 * on another file system, where a rename is refused (EXDEV).
 */
export async function stageFile(from: string, to: string): Promise<StagedFile> {
  if (!path.isAbsolute(to))
    throw new TaskError(`A file output needs an absolute path; got ${to}. Use path.resolve.`, { class: 'user' });
  await assertReplaceable(to);
  const folder = path.dirname(to);
  const temporary = path.join(folder, `.${path.basename(to)}.${randomBytes(6).toString('hex')}.weir-tmp`);
  const discard = (): Promise<void> => rm(temporary, { force: true });
  try {
    await copyFile(from, temporary, constants.COPYFILE_FICLONE);
    await sync(temporary);
    // The digest is that of the copy: what will be seen is what was hashed.
    const { size } = await lstat(temporary);
    const receipt: FileReceipt = { kind: 'file', path: to, digest: await digestOfFile(temporary), sizeBytes: size };
    const publish = async (): Promise<void> => {
      await rename(temporary, to);
      await sync(folder);
    };
    return { receipt, publish, discard };
  } catch (error) {
    await discard();
    throw error;
  }
}

async function assertReplaceable(to: string): Promise<void> {
  const found = await lstat(to).catch(() => undefined);
  if (found === undefined || found.isFile()) return;
  const what = found.isDirectory() ? 'a folder' : found.isSymbolicLink() ? 'a symbolic link' : 'not a plain file';
  throw new TaskError(`${to} is ${what}; a file output replaces plain files only. Remove it or choose another path.`, {
    class: 'user',
  });
}

async function sync(target: string): Promise<void> {
  const handle = await open(target, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
