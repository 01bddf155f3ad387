import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

const realDisk = { mkdir, open, rename, rm };

/** The disk as whole files are written to it; tests hand in one that fails or forgets. */
export type AtomicWriteDisk = typeof realDisk;

/**
 * Writes a file that is there whole or not at all, also after a crash or a loss of power, and replaces what has its name:
 * to a temporary name beside it, which is synced, renamed, and made durable by a sync of the folder. The folder is made
 * if it is not there. For content that is streamed, or that gets its name later, `renameDurably` is the second half.
 */
export async function writeFileAtomically(
  file: string,
  content: string | Uint8Array,
  { mode = 0o666, disk = realDisk }: { readonly mode?: number; readonly disk?: AtomicWriteDisk } = {},
): Promise<void> {
  const folder = path.dirname(path.resolve(file));
  await disk.mkdir(folder, { recursive: true });
  // Not made of the file's name, which may be as long as the system takes.
  const unfinished = path.join(folder, `.weir-${randomBytes(8).toString('hex')}.tmp`);
  try {
    await writeDurably(unfinished, content, { mode, disk });
    await renameDurably(unfinished, file, disk);
  } catch (error) {
    // What removing says is no news after the first error.
    await disk.rm(unfinished, { force: true }).catch(() => undefined);
    throw error;
  }
}

async function writeDurably(
  file: string,
  content: string | Uint8Array,
  { mode, disk }: { readonly mode: number; readonly disk: AtomicWriteDisk },
): Promise<void> {
  const handle = await disk.open(file, 'wx', mode);
  try {
    await handle.writeFile(content);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** Gives what is complete and on disk its name, in place of what had it; both survive a loss of power. */
export async function renameDurably(
  from: string,
  to: string,
  disk: Pick<AtomicWriteDisk, 'open' | 'rename'> = realDisk,
): Promise<void> {
  await disk.rename(from, to);
  await syncFolder(path.dirname(path.resolve(to)), disk);
}

/** Makes the names in a folder, and what is gone from it, survive a loss of power. */
export async function syncFolder(folder: string, disk: Pick<AtomicWriteDisk, 'open'> = realDisk): Promise<void> {
  // Windows has no such call on folders.
  if (process.platform === 'win32') return;
  const handle = await disk.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
