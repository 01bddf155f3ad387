import type { Stats } from 'node:fs';
import { StoreError } from '../errors.ts';

const HINTS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ENOSPC: 'the disk is full; free some space or run `weir gc`',
    EDQUOT: 'the disk quota is used up; free some space or run `weir gc`',
    EROFS: 'the filesystem is read-only',
    EACCES: 'this user may not write there',
    EPERM: 'this user may not write there',
    EMFILE: 'this process has too many files open; raise the limit (ulimit -n)',
    ENFILE: 'the system has too many files open',
    EIO: 'the disk reports an error',
    EISDIR: 'a folder is where the file should be; move it away',
    EXDEV: 'a folder inside leads to another filesystem; artifacts need one filesystem',
    ELOOP: 'a symbolic link is where the file should be; move it away',
    EEXIST: 'a file is where a folder should be; move it away',
    ENOTDIR: 'a file is where a folder should be; move it away',
  }),
);

/** Adds to a disk error what was being done and what helps. */
export function toArtifactError(cause: unknown, doing: string): StoreError {
  if (cause instanceof StoreError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const hint = HINTS.get(code);
  const why = hint === undefined ? reason : `${hint} (${reason})`;
  return new StoreError('artifact_failed', `Could not ${doing}: ${why}`, { cause });
}

/** Only a regular file can be taken over: the target of a link could change later. */
export function assertRegularFile(stats: Stats, file: string): void {
  if (stats.isFile()) return;
  const found = stats.isSymbolicLink() ? 'a symbolic link' : stats.isDirectory() ? 'a folder' : 'something else';
  throw new StoreError(
    'artifact_refused',
    `Expected a regular file at ${file} to take over as an artifact, but found ${found}.`,
  );
}
