import path from 'node:path';
import { type RetryClass, TaskError } from '../define/errors.ts';

interface Explanation {
  readonly class: RetryClass;
  readonly says: (to: string) => string;
}

const folderOf = (to: string): string => path.dirname(to);
const user = (says: Explanation['says']): Explanation => ({ class: 'user', says });
const passing = (says: Explanation['says']): Explanation => ({ class: 'infrastructure', says });

/** What the codes of the system mean for a file that is placed, and what to do. */
const EXPLANATIONS: ReadonlyMap<string, Explanation> = new Map(
  Object.entries({
    ENOENT: user((to) => `the folder ${folderOf(to)} does not exist. Make it before, or correct the path.`),
    ENOTDIR: user((to) => `${folderOf(to)} leads through something that is not a folder. Correct the path.`),
    EISDIR: user((to) => `${to} has become a folder. Remove it or choose another path.`),
    EACCES: user((to) => `this user may not write to ${folderOf(to)}. Change its permissions or choose another.`),
    EPERM: user((to) => `this user may not write to ${folderOf(to)}. Change its permissions or choose another.`),
    EROFS: user((to) => `${folderOf(to)} is on a read-only file system. Choose another folder.`),
    ELOOP: user((to) => `the path ${to} leads through links in a circle. Correct it.`),
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

/** An error of the disk with what it means and what to do; errors that say so already pass. */
export function describeFileError(error: unknown, file: { readonly to: string }): unknown {
  if (error instanceof TaskError || !(error instanceof Error)) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = EXPLANATIONS.get(code);
  if (known === undefined) return error;
  return new TaskError(`${file.to} could not be placed (${code}): ${known.says(file.to)} Nothing was kept of it.`, {
    class: known.class,
    cause: error,
  });
}
