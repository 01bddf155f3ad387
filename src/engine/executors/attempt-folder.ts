import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** Where private folders are made when the app names no place. */
export const ATTEMPT_FOLDER_DEFAULT: string = path.join(os.tmpdir(), 'weir-attempts');

// Two containers on one volume have the same process ids; their host names differ.
const prefixOf = (pid: number | string): string => `${os.hostname()}.${pid}.`;

/** A private folder; its name tells whose it is, so that those of dead processes can be found. */
export async function makeAttemptFolder(root: string, task: string): Promise<string> {
  await mkdir(root, { recursive: true });
  return mkdtemp(path.join(root, `${prefixOf(process.pid)}${task}-`));
}

export async function removeAttemptFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Removes what a dead process left; the caller knows that it is dead. */
export async function removeAttemptFoldersOf(pid: number, root: string): Promise<void> {
  const names = await readdir(root).catch(() => []);
  const owned = names.filter((name) => name.startsWith(prefixOf(pid)));
  await Promise.all(owned.map((name) => removeAttemptFolder(path.join(root, name))));
}

/** Removes what processes left that no longer exist. Folders of live ones stay, whatever their age. */
export async function removeAbandonedFolders(root: string): Promise<void> {
  const names = await readdir(root).catch(() => []);
  const host = `${os.hostname()}.`;
  const own = names.filter((name) => name.startsWith(host));
  const pids = new Set(own.map((name) => Number.parseInt(name.slice(host.length), 10)).filter((pid) => pid > 0));
  for (const pid of pids) if (!isAlive(pid)) await removeAttemptFoldersOf(pid, root);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
