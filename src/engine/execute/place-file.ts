import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { constants, copyFile, lstat, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { hasErrorCode, renameDurably } from '#store';
import { TaskError } from '../define/errors.ts';
import { digestOfStream } from '../define/file-digests.ts';
import type { FileReceipt } from '../define/task.ts';
import { announceStaged, STAGED_SUFFIX } from './attempt-folder.ts';
import { describeFileError } from './file-errors.ts';

/** The disk as files are placed on it; tests hand in one that fails, forgets or kills. */
export const realFileDisk = { copyFile, lstat, open, rename, rm };
export type FileDisk = typeof realFileDisk;

/** A file that lies beside its place, durable, and only needs its name. */
export interface StagedFile {
  readonly receipt: FileReceipt;
  /** Where it lies until it has its name. */
  readonly temporary: string;
  /** Gives it its name; until then nobody sees it. */
  publish(): Promise<void>;
  discard(): Promise<void>;
}

/**
 * Copies a finished file beside the place it shall have and makes it durable: the file sink's flush. A copy, because the
 * private folder may be on another file system, where a rename is refused (EXDEV).
 */
export async function stageFile(
  file: {
    readonly from: string;
    readonly to: string;
    /** The attempt's folder, where the copy is written down before it is made. */
    readonly attempt: string;
  },
  disk: FileDisk = realFileDisk,
): Promise<StagedFile> {
  const { from, to } = file;
  if (!path.isAbsolute(to))
    throw new TaskError(`A file output needs an absolute path; got ${to}. Use path.resolve.`, { class: 'user' });
  const folder = path.dirname(to);
  const temporary = path.join(folder, `.${path.basename(to)}.${randomBytes(6).toString('hex')}${STAGED_SUFFIX}`);
  // What removing says is no news after the first error.
  const discard = (): Promise<void> => disk.rm(temporary, { force: true }).catch(() => undefined);
  try {
    await assertReplaceable(to, disk);
    await assertFinished(from, disk);
    await announceStaged(file.attempt, temporary);
    await disk.copyFile(from, temporary, constants.COPYFILE_FICLONE);
    const { digest, sizeBytes } = await settle(temporary, disk);
    const publish = async (): Promise<void> => {
      try {
        await renameDurably(temporary, to, disk);
      } catch (error) {
        throw describeFileError(error, file);
      }
    };
    return { receipt: { kind: 'file', path: to, digest, sizeBytes }, temporary, publish, discard };
  } catch (error) {
    await discard();
    throw describeFileError(error, file);
  }
}

/** Makes the copy durable; its digest is that of what will be seen, not of what was copied from. */
async function settle(temporary: string, disk: FileDisk): Promise<{ digest: string; sizeBytes: number }> {
  const handle = await disk.open(temporary, 'r');
  try {
    await handle.datasync();
    const digest = await digestOfStream(handle.createReadStream({ autoClose: false }));
    return { digest, sizeBytes: (await handle.stat()).size };
  } finally {
    await handle.close();
  }
}

async function maybeLstat(at: string, disk: FileDisk): Promise<Stats | undefined> {
  try {
    return await disk.lstat(at);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function assertReplaceable(to: string, disk: FileDisk): Promise<void> {
  const found = await maybeLstat(to, disk);
  if (found === undefined || found.isFile()) return;
  const what = found.isDirectory() ? 'a folder' : found.isSymbolicLink() ? 'a symbolic link' : 'not a plain file';
  throw new TaskError(`${to} is ${what}; a file output replaces plain files only. Remove it or choose another path.`, {
    class: 'user',
  });
}

async function assertFinished(from: string, disk: FileDisk): Promise<void> {
  const found = await maybeLstat(from, disk);
  if (found?.isFile() === true) return;
  const what = found === undefined ? 'is not there' : found.isDirectory() ? 'is a folder' : 'is not a plain file';
  throw new TaskError(`A file output is made from a finished plain file, but ${from} ${what}. Write it first.`, {
    class: 'user',
  });
}
