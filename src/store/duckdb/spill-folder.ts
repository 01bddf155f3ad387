import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { identify, isSameRunning } from '../process-identity.ts';

const PREFIX = 'spill-';

/** A folder for what does not fit into memory; its name carries the process that owns it. DuckDB creates it on need. */
export async function nameSpillFolder(temporaryFolder: string): Promise<string> {
  const { pid, start = '' } = await identify(process.pid);
  const unique = Math.trunc(performance.now() * 1000).toString(36);
  return path.join(temporaryFolder, `${PREFIX}${pid}-${encodeURIComponent(start)}-${unique}`);
}

/** Removes the folders of processes that were killed; those of live ones stay. */
export async function collectSpillFolders(temporaryFolder: string): Promise<void> {
  for (const name of await readdir(temporaryFolder)) {
    if (!name.startsWith(PREFIX)) continue;
    const [pid, start] = name.slice(PREFIX.length).split('-');
    const owner = { pid: Number(pid), start: decodeURIComponent(start ?? '') || undefined };
    if (!Number.isInteger(owner.pid) || (await isSameRunning(owner))) continue;
    await rm(path.join(temporaryFolder, name), { recursive: true, force: true });
  }
}
