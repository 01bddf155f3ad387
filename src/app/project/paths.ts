import path from 'node:path';
import type { DataFolders } from '#pipelines';
import { isS3Address } from '#store';
import type { Config } from './config.ts';
import { UsageError } from './errors.ts';

/** Absolute folders of one project. */
export interface ProjectPaths {
  readonly project: string;
  readonly state: string;
  readonly artifacts: string;
  /** Local copies of what is in buckets. */
  readonly bucketCache: string;
  /** Private folders of attempts: on the same disk as the artifacts, so that outputs are moved without a copy. */
  readonly attempts: string;
  /** Ended runs, written out as folders to browse. */
  readonly runs: string;
  /** Code that a worker fetched: as deep as where it was built, because it imports installed packages from there. */
  readonly workerCode: string;
  /** Native libraries that were fetched for this machine. */
  readonly native: string;
  readonly data: DataFolders;
}

/** The data folders that are on this machine. */
export const localFoldersOf = ({ data }: Pick<ProjectPaths, 'data'>): readonly string[] =>
  Object.values(data).filter((folder) => !isS3Address(folder));

/** Key for tasks and programs of this machine, while a server with logins runs. */
export const serviceKeyFileOf = (stateFolder: string): string => path.join(stateFolder, 'service-key');

/** Folders in the configuration are relative to the project. */
export function pathsOf(projectFolder: string, config: Config): ProjectPaths {
  const project = path.resolve(projectFolder);
  const state = path.resolve(project, config.state.folder);
  if (`${project}${path.sep}`.startsWith(state === path.parse(state).root ? state : `${state}${path.sep}`))
    throw new UsageError(
      'config_invalid',
      `Expected state.folder to be a folder for state alone, which Weir closes to other users; ${state} holds the project. Name one in it, such as .weir, or beside it.`,
    );
  const at = (folder: string): string =>
    isS3Address(folder) ? folder.replace(/\/$/, '') : path.resolve(project, folder);
  const { raw, good, bad, labels } = config.folders;
  return {
    project,
    state,
    artifacts: path.join(state, 'artifacts'),
    bucketCache: path.join(state, 'bucket-cache'),
    attempts: path.join(state, 'attempts'),
    runs: path.join(state, 'runs'),
    workerCode: path.join(state, 'worker-code'),
    native: path.join(state, 'native'),
    data: { raw: at(raw), good: at(good), bad: at(bad), labels: at(labels) },
  };
}
