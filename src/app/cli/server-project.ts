import path from 'node:path';
import { type LoadedProject, routes } from '#api';
import { UsageError } from '../project/errors.ts';
import { changedFiles } from '../serve/loaded-files.ts';
import type { ServerFile } from '../serve/server-file.ts';
import { callApi } from './api-client.ts';
import type { Running } from './terminal.ts';

export interface MatchOptions extends Pick<Running, 'warn'> {
  readonly projectFolder: string;
  /** The project on disk must be loaded first; otherwise the run goes on with what the server has. */
  readonly reload?: boolean;
}

const NAMES_MAX = 3;

/**
 * Before a run in the server: when files of the project have changed since the server loaded them, has them loaded, or
 * says which project the run uses. Throws when they have to be loaded and cannot be.
 */
export async function matchServer(running: ServerFile, options: MatchOptions): Promise<void> {
  const { warn, reload = false, projectFolder } = options;
  const changed = await changedFiles(running.files);
  if (changed.length === 0) return;
  const names = namesOf(changed, projectFolder);
  const before = (await callApi(running, routes.project)).loaded;
  // A server of another version.
  if (before === null) return;
  if (!reload && !before.isWatching) {
    warn(
      `${names} changed since the server loaded the project, at ${before.loadedAt}. This run uses the project of the server; --reload loads the changed one first.\n`,
    );
    return;
  }
  const problem = problemOf(await callApi(running, routes.reloadProject));
  if (problem === undefined) {
    warn(`${names} changed: the server has loaded the project again.\n`);
    return;
  }
  const message = `${names} changed, and the server cannot load the project:\n${problem}\n`;
  if (reload) throw new UsageError('project_invalid', `${message}Correct it, or leave out --reload.`);
  warn(`${message}This run uses the project that the server loaded at ${before.loadedAt}.\n`);
}

const problemOf = ({ problem }: LoadedProject): string | undefined => problem?.message;

function namesOf(files: readonly string[], folder: string): string {
  const names = files.slice(0, NAMES_MAX).map((file) => path.relative(path.resolve(folder), file));
  const more = files.length - names.length;
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
