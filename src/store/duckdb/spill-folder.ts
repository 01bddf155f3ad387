import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { ownProcessTag, stateOfTag } from '../process-identity.ts';

const NAME = /^spill-([^.]+)\./;

/** A folder for what does not fit into memory, named after its process. DuckDB creates it on demand. */
export async function nameSpillFolder(temporaryFolder: string): Promise<string> {
  const unique = Math.trunc(performance.now() * 1000).toString(36);
  return path.join(temporaryFolder, `spill-${await ownProcessTag()}.${unique}`);
}

/** Removes the folders of killed processes; those of live ones stay. */
export async function collectSpillFolders(temporaryFolder: string): Promise<void> {
  for (const name of await readdir(temporaryFolder)) {
    const tag = NAME.exec(name)?.[1];
    if (tag === undefined || (await stateOfTag(tag)) !== 'ended') continue;
    await rm(path.join(temporaryFolder, name), { recursive: true, force: true });
  }
}
