import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import { type CountedDuckdb, countedDuckdb } from './counted-duckdb.ts';
import { inProcessDuckdb } from './duckdb-in-process.ts';

/** A database that counts its statements and a folder, for the tests of one file, which removes them after these. */
export async function countedWorld(name: string): Promise<CountedDuckdb & { readonly folder: string }> {
  const counted = countedDuckdb(await inProcessDuckdb());
  const folder = await mkdtemp(path.join(tmpdir(), `weir-${name}-`));
  afterAll(async () => {
    await counted.duckdb.close();
    await rm(folder, { recursive: true, force: true });
  });
  return { ...counted, folder };
}
