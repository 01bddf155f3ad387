import { access, constants, mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { makeStateFolder } from '#store';
import { maybeHint } from './error-text.ts';
import { UsageError } from './errors.ts';
import type { ProjectPaths } from './paths.ts';

/** Permissions of the group and of others. */
const OTHERS = 0o077;

/** Creates missing folders. Throws a UsageError when one cannot be created or written. */
export async function makeFolders(folders: readonly string[]): Promise<void> {
  for (const folder of folders) await makeWritable(folder, () => mkdir(folder, { recursive: true }));
}

/**
 * Creates the state folder, closed to other users, and the one for logs in it; throws the same. Warns when it stays
 * open because it belongs to another user, or its file system has no modes.
 */
export async function makeState({ state }: ProjectPaths, warn: (text: string) => void): Promise<void> {
  await makeWritable(state, () => makeStateFolder(state));
  await makeFolders([path.join(state, 'logs')]);
  const mode = (await stat(state)).mode & 0o777;
  if ((mode & OTHERS) !== 0 && process.platform !== 'win32')
    warn(
      `  Other users can read the state folder ${state} (its mode is ${mode.toString(8)}), which holds data and passwords, and Weir could not restrict it: set state.folder to a folder that this user owns.\n`,
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
