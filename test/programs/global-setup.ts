import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { bundlePrograms, REPOSITORY } from './bundle.ts';
import { FOLDER_VARIABLE, PROGRAMS } from './programs.ts';

/** Bundles the programs of this run into a folder of its own, where packages are found, and removes it at the end. */
export async function setup(): Promise<() => Promise<void>> {
  const cache = path.join(REPOSITORY, 'node_modules', '.cache', 'weir-tests');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(path.join(cache, 'programs-'));
  // Some are started as another user.
  await chmod(folder, 0o755);
  const { 'serve-parcels': server, 'killed-job': job, ...programs } = PROGRAMS;
  await bundlePrograms(programs, { folder, packages: 'inside' });
  // The packages of a server read files that lie beside them.
  await bundlePrograms({ 'serve-parcels': server, 'killed-job': job }, { folder, packages: 'outside' });
  process.env[FOLDER_VARIABLE] = folder;
  return () => rm(folder, { recursive: true, force: true });
}
