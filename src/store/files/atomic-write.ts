import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

const realDisk = { mkdir, open, rename, rm };

/** The disk calls of an atomic write; tests pass a disk that fails or loses writes. */
export type AtomicWriteDisk = typeof realDisk;

/**
 * Writes a file atomically and durably, replacing an existing one: to a temporary name next to it, which is synced,
 * renamed, and made durable by a sync of the folder. The folder is created if missing. For content that is streamed, or
 * named later, `renameDurably` is the second half.
 */
export async function writeFileAtomically(
  file: string,
  content: string | Uint8Array,
  { mode = 0o666, disk = realDisk }: { readonly mode?: number; readonly disk?: AtomicWriteDisk } = {},
): Promise<void> {
  const folder = path.dirname(path.resolve(file));
  await disk.mkdir(folder, { recursive: true });
  // Not derived from the file's name, which may have the maximum length.
  const unfinished = path.join(folder, `.weir-${randomBytes(8).toString('hex')}.tmp`);
  try {
    await writeDurably(unfinished, content, { mode, disk });
    await renameDurably(unfinished, file, disk);
  } catch (error) {
    // An error of the removal adds nothing to the first error.
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

/** Renames a complete, synced file, replacing an existing one; the rename survives a loss of power. */
export async function renameDurably(
  from: string,
  to: string,
  disk: Pick<AtomicWriteDisk, 'open' | 'rename'> = realDisk,
): Promise<void> {
  await disk.rename(from, to);
  await syncFolder(path.dirname(path.resolve(to)), disk);
}

/** Makes the names in a folder, and removals from it, survive a loss of power. */
export async function syncFolder(folder: string, disk: Pick<AtomicWriteDisk, 'open'> = realDisk): Promise<void> {
  // Windows cannot sync folders.
  if (process.platform === 'win32') return;
  const handle = await disk.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
