import { chmod, link, lstat, mkdir, open, readdir, rename, rm, utimes } from 'node:fs/promises';

/** The disk calls of the file driver; tests pass a disk that fails or kills at a chosen call. */
export const realDisk = { chmod, link, lstat, mkdir, open, readdir, rename, rm, utimes };
export type Disk = typeof realDisk;
