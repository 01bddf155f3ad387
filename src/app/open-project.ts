import { connect, type Database, migrate } from '#store';
import { type Environment, loadConfig } from './config.ts';
import { findPort } from './free-port.ts';
import { findProjectFile } from './load-project.ts';
import { openLog } from './log/open-log.ts';
import { makeState } from './make-folders.ts';
import { pathsOf } from './paths.ts';
import { maybeRunning, type ServerFile } from './server-file.ts';
import { openDatabase, type ProjectStart, type StartedProject, startProject, visitProject } from './start-project.ts';
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
export function withProject<T>(options: OpenOptions, work: (project: StartedProject) => Promise<T>): Promise<T> {
  return withState(options, async ({ running, ...opened }) => {
    const apiUrl = running?.url ?? `http://127.0.0.1:${await findPort({ host: '127.0.0.1', port: 0 })}`;
    const start = { ...opened, apiUrl };
    return work(running === undefined ? await startProject(start) : await visitProject(start, running));
  });
}

/**
 * Opens the records of a project for one command, in the same way but without its code: that may not build just now, and
 * neither a look at a run nor its end needs it.
 */
export function withRecords<T>(options: OpenOptions, work: (database: Database) => Promise<T>): Promise<T> {
  return withState(options, async ({ running, ...opened }) => {
    const database = connect({ url: running?.databaseUrl ?? (await openDatabase(opened)) });
    opened.stack.push(() => database.close());
    if (running === undefined) await migrate(database);
    return work(database);
  });
}

type OpenedState = Omit<ProjectStart, 'apiUrl'> & { readonly running: ServerFile | undefined };

async function withState<T>(options: OpenOptions, work: (state: OpenedState) => Promise<T>): Promise<T> {
  const { projectFolder, environment, signal, show, warn } = options;
  const config = await loadConfig(projectFolder, environment);
  const paths = pathsOf(projectFolder, config);
  await findProjectFile(paths.project);
  const running = await maybeRunning(paths.state);
  await makeState(paths, warn);
  const stack = new Unwinding();
  try {
    return await work({ config, paths, log: openLog(paths, config), stack, signal, show, running });
  } finally {
    await stack.unwind();
  }
}
