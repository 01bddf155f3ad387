import { statfs } from 'node:fs/promises';

/** Used share of the fullest disk that holds one of the folders, without what only root may use. */
export async function diskUsed(folders: readonly string[]): Promise<number> {
  const shares = await Promise.all(
    folders.map(async (folder) => {
      const { blocks, bfree, bavail } = await statfs(folder);
      const usable = blocks - bfree + bavail;
      return usable === 0 ? 0 : 1 - bavail / usable;
    }),
  );
  return Math.max(...shares);
}

/** Free bytes of the disk that holds a folder, without what only root may use. */
export async function diskFree(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
