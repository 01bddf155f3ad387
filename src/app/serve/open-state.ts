import type { Running } from '../cli/terminal.ts';
import { type Config, type Environment, loadConfig } from '../project/config.ts';
import { findProjectFile } from '../project/load-project.ts';
import { makeState } from '../project/make-folders.ts';
import { type ProjectPaths, pathsOf } from '../project/paths.ts';
import { maybeRunning, type ServerFile } from './server-file.ts';
import { Unwinding } from './unwinding.ts';

export interface OpenOptions extends Running {
  readonly projectFolder: string;
  readonly environment: Environment;
}

export interface OpenedState extends Pick<Running, 'signal' | 'show'> {
  readonly config: Config;
  readonly paths: ProjectPaths;
  readonly stack: Unwinding;
  /** The Weir that runs over it. */
  readonly running: ServerFile | undefined;
}

/** Opens the state folder of a project for one command, and ends at its end whatever the command has started. */
export async function withState<T>(options: OpenOptions, work: (state: OpenedState) => Promise<T>): Promise<T> {
  const { projectFolder, environment, signal, show, warn } = options;
  const config = await loadConfig(projectFolder, environment);
  const paths = pathsOf(projectFolder, config);
  await findProjectFile(paths.project);
  const running = await maybeRunning(paths.state);
  await makeState(paths, warn);
  const stack = new Unwinding();
  try {
    return await work({ config, paths, stack, signal, show, running });
  } finally {
    await stack.unwind();
  }
}
