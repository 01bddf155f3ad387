import path from 'node:path';
import { ownProcessTag, stateOfTag } from '../process-identity.ts';
import type { Disk } from './disk.ts';

/** A file of another container or of an earlier boot is kept this long, because its process is not visible here. */
const UNSEEN_AGE_MAX_MS = 24 * 60 * 60 * 1000;

/** Creates names for temporary files in a folder; each contains its process. */
export async function temporaryNames(folder: string): Promise<() => string> {
  const tag = await ownProcessTag();
  // Two drivers of one process may share the folder.
  const opened = Math.trunc((performance.timeOrigin + performance.now()) * 1000).toString(36);
  let count = 0;
  return () => path.join(folder, `${tag}.${opened}.${count++}`);
}

/** Removes temporary files whose process has ended. */
export async function collectLeftovers(
  folder: string,
  { disk, now }: { readonly disk: Disk; readonly now: number },
): Promise<void> {
  for (const name of await disk.readdir(folder)) {
    const file = path.join(folder, name);
    const state = await stateOfTag(name.split('.')[0] ?? '');
    if (state === 'running') continue;
    if (state === 'elsewhere') {
      const changedAt = await disk.lstat(file).then(
        ({ mtimeMs }) => mtimeMs,
        // Finished or removed by its own process in the meantime.
        () => now,
      );
      if (now - changedAt < UNSEEN_AGE_MAX_MS) continue;
    }
    await disk.rm(file, { force: true });
  }
}
