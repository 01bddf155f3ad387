import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type { TrainingSource } from '../train/sources.ts';

export interface IsExampleOptions {
  readonly stateFolder: string;
  readonly projectFolder: string;
  readonly training: readonly TrainingSource[];
}

/**
 * Whether the file is made-up data, which may be damaged to show what a check finds: it is in the state folder, not only
 * linked from there, and no training reads it.
 */
export async function isExample(
  file: string,
  { stateFolder, projectFolder, training }: IsExampleOptions,
): Promise<boolean> {
  const own = await realPath(file);
  if (!isIn(await realPath(stateFolder), own)) return false;
  const places = training.flatMap((source) => (source.kind === 'files' ? source.paths : []));
  for (const place of places) if (isIn(await realPath(path.resolve(projectFolder, place)), own)) return false;
  return true;
}

/** Without links; the path itself where there is nothing. */
const realPath = (place: string): Promise<string> => realpath(place).catch(() => place);

const isIn = (place: string, file: string): boolean => file === place || file.startsWith(`${place}${path.sep}`);
