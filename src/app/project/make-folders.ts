import { access, constants, mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { makeStateFolder } from '#store';
import { maybeHint } from './error-text.ts';
import { UsageError } from './errors.ts';
import type { ProjectPaths } from './paths.ts';

/** What the group and everybody else may do. */
const OTHERS = 0o077;

/** Makes folders that are missing. Throws a UsageError when one cannot be made or written in. */
export async function makeFolders(folders: readonly string[]): Promise<void> {
  for (const folder of folders) await makeWritable(folder, () => mkdir(folder, { recursive: true }));
}

/**
 * Makes the state folder, closed to everybody else, and the one for logs in it; throws the same. Says so where it stays
 * open: it belongs to another user, or its file system has no modes.
 */
export async function makeState({ state }: ProjectPaths, warn: (text: string) => void): Promise<void> {
  await makeWritable(state, () => makeStateFolder(state));
  await makeFolders([path.join(state, 'logs')]);
  const mode = (await stat(state)).mode & 0o777;
  if ((mode & OTHERS) !== 0 && process.platform !== 'win32')
    warn(
      `  Others may look into the state folder ${state} (its mode is ${mode.toString(8)}), where data and passwords lie, and Weir could not close it: give this user a folder of its own as state.folder.\n`,
    );
}

async function makeWritable(folder: string, make: () => Promise<unknown>): Promise<void> {
  try {
    await make();
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      'folder_unwritable',
      `Could not write in the folder ${folder} (${reason}).\n${maybeHint(error) ?? ''}`.trim(),
      {
        cause: error,
      },
    );
  }
}
