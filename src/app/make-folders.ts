import { access, constants, mkdir } from 'node:fs/promises';
import { UsageError } from './errors.ts';
import { maybeHint } from './explain.ts';

/** Makes folders that are missing. Throws a UsageError when one cannot be made or written in. */
export async function makeFolders(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    try {
      await mkdir(folder, { recursive: true });
      await access(folder, constants.W_OK | constants.X_OK);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new UsageError(`Could not write in the folder ${folder} (${reason}).\n${maybeHint(error) ?? ''}`.trim(), {
        cause: error,
      });
    }
  }
}
