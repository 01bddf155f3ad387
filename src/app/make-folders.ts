import { access, constants, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { makeStateFolder } from '#store';
import { UsageError } from './errors.ts';
import { maybeHint } from './explain.ts';
import type { ProjectPaths } from './paths.ts';

/** Makes folders that are missing. Throws a UsageError when one cannot be made or written in. */
export async function makeFolders(folders: readonly string[]): Promise<void> {
  for (const folder of folders) await makeWritable(folder, () => mkdir(folder, { recursive: true }));
}

/** Makes the state folder, closed to everybody else, and the one for logs in it; throws the same. */
export async function makeState({ state }: ProjectPaths): Promise<void> {
  await makeWritable(state, () => makeStateFolder(state));
  await makeFolders([path.join(state, 'logs')]);
}

async function makeWritable(folder: string, make: () => Promise<unknown>): Promise<void> {
  try {
    await make();
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Could not write in the folder ${folder} (${reason}).\n${maybeHint(error) ?? ''}`.trim(), {
      cause: error,
    });
  }
}
