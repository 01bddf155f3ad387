import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { constants, copyFile, lstat, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { hasErrorCode, renameDurably } from '#store';
import { type RetryClass, TaskError } from '../define/errors.ts';
import { digestOfStream } from '../define/file-digests.ts';
import type { FileReceipt } from '../define/task.ts';
import { announceStaged, STAGED_SUFFIX } from './attempt-folder.ts';

interface Explanation {
  readonly class: RetryClass;
  readonly says: (to: string) => string;
}

const folderOf = (to: string): string => path.dirname(to);
const user = (says: Explanation['says']): Explanation => ({ class: 'user', says });
const passing = (says: Explanation['says']): Explanation => ({ class: 'infrastructure', says });

/** What the system's error codes mean for a placed file, and what to do. */
const EXPLANATIONS: ReadonlyMap<string, Explanation> = new Map(
  Object.entries({
    ENOENT: user((to) => `the folder ${folderOf(to)} does not exist. Make it before, or correct the path.`),
    ENOTDIR: user((to) => `${folderOf(to)} leads through something that is not a folder. Correct the path.`),
    EISDIR: user((to) => `${to} has become a folder. Remove it or choose another path.`),
    EACCES: user((to) => `this user may not write to ${folderOf(to)}. Change its permissions or choose another.`),
    EPERM: user((to) => `this user may not write to ${folderOf(to)}. Change its permissions or choose another.`),
    EROFS: user((to) => `${folderOf(to)} is on a read-only file system. Choose another folder.`),
    ELOOP: user((to) => `the path ${to} leads through links in a cycle. Correct it.`),
    ENAMETOOLONG: user(
      (to) => `the name ${path.basename(to)} is too long: while it is written, 23 characters are added. Shorten it.`,
    ),
    EFBIG: user((to) => `the file is larger than the file system of ${folderOf(to)} or a limit of this user allows.`),
    ENOSPC: passing((to) => `no space is left on the disk of ${folderOf(to)}. Free some.`),
    EDQUOT: passing((to) => `the quota of this user on the disk of ${folderOf(to)} is used up. Free some space.`),
    EMFILE: passing(() => 'this process has too many open files. Close those that are done with, or raise the limit.'),
    ENFILE: passing(() => 'this machine has too many open files. Raise its limit.'),
    EIO: passing((to) => `the disk of ${folderOf(to)} reported an error. Look into the log of the system.`),
  }),
);

/** Adds to a disk error what it means and what to do; errors that have this already pass. */
export function describeFileError(error: unknown, file: { readonly to: string }): unknown {
  if (error instanceof TaskError || !(error instanceof Error)) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = EXPLANATIONS.get(code);
  if (known === undefined) return error;
  return new TaskError(`${file.to} could not be placed (${code}): ${known.says(file.to)} Nothing was kept of it.`, {
    code: 'file_unplaced',
    class: known.class,
    cause: error,
  });
}

/** The disk to place files on; tests pass one that fails, loses writes or kills the process. */
export const realFileDisk = { copyFile, lstat, open, rename, rm };
export type FileDisk = typeof realFileDisk;

/** A staged file: durable, next to its final path, and only to be renamed. */
export interface StagedFile {
  readonly receipt: FileReceipt;
  /** Its path until it is renamed. */
  readonly temporary: string;
  /** Renames it to its final path; until then nobody sees it. */
  publish(): Promise<void>;
  discard(): Promise<void>;
}

/**
 * Copies a finished file next to its final path and makes it durable: the file sink's flush. A copy, because the
 * private folder may be on another file system, where a rename is refused (EXDEV).
 */
export async function stageFile(
  file: {
    readonly from: string;
    readonly to: string;
    /** The attempt's folder, where the copy is recorded before it is created. */
    readonly attempt: string;
  },
  disk: FileDisk = realFileDisk,
): Promise<StagedFile> {
  const { from, to } = file;
  if (!path.isAbsolute(to))
    throw new TaskError(`A file output needs an absolute path; got ${to}. Use path.resolve.`, {
      code: 'file_unplaced',
      class: 'user',
    });
  const folder = path.dirname(to);
  const temporary = path.join(folder, `.${path.basename(to)}.${randomBytes(6).toString('hex')}${STAGED_SUFFIX}`);
  // An error of the removal adds nothing to the first error.
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

/** Makes the copy durable; its digest is that of the copy, not of the original. */
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
    code: 'file_unplaced',
    class: 'user',
  });
}

async function assertFinished(from: string, disk: FileDisk): Promise<void> {
  const found = await maybeLstat(from, disk);
  if (found?.isFile() === true) return;
  const what = found === undefined ? 'is not there' : found.isDirectory() ? 'is a folder' : 'is not a plain file';
  throw new TaskError(`A file output is made from a finished plain file, but ${from} ${what}. Write it first.`, {
    code: 'file_unplaced',
    class: 'user',
  });
}
