import { type Environment, loadConfig } from './config.ts';
import { findPort } from './free-port.ts';
import { findProjectFile } from './load-project.ts';
import { openLog } from './log/open-log.ts';
import { makeState } from './make-folders.ts';
import { pathsOf } from './paths.ts';
import { maybeRunning } from './server-file.ts';
import { type StartedProject, startProject, visitProject } from './start-project.ts';
import type { Running } from './terminal.ts';
import { Unwinding } from './unwinding.ts';

export interface OpenOptions extends Running {
  readonly projectFolder: string;
  readonly environment: Environment;
}

/**
 * Opens a project for one command: over the database of the Weir that runs, when there is one; else as the owner of its
 * state, with a database that ends with the command.
 */
export async function withProject<T>(options: OpenOptions, work: (project: StartedProject) => Promise<T>): Promise<T> {
  const { projectFolder, environment, signal, show, warn } = options;
  const config = await loadConfig(projectFolder, environment);
  const paths = pathsOf(projectFolder, config);
  await findProjectFile(paths.project);
  const running = await maybeRunning(paths.state);
  await makeState(paths, warn);
  const stack = new Unwinding();
  try {
    const apiUrl = running?.url ?? `http://127.0.0.1:${await findPort({ host: '127.0.0.1', port: 0 })}`;
    const start = { config, paths, log: openLog(paths, config), stack, apiUrl, signal, show };
    const started = running === undefined ? await startProject(start) : await visitProject(start, running);
    return await work(started);
  } finally {
    await stack.unwind();
  }
}
