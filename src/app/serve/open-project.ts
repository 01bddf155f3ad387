import { findPort } from './free-port.ts';
import { openLog } from './log/open-log.ts';
import { type OpenOptions, withState } from './open-state.ts';
import { type StartedProject, startProject, visitProject } from './start-project.ts';

/**
 * Opens a project for one command: over the database of the Weir that runs, when there is one; else as the owner of its
 * state, with a database that ends with the command.
 */
export function withProject<T>(options: OpenOptions, work: (project: StartedProject) => Promise<T>): Promise<T> {
  return withState(options, async ({ running, ...opened }) => {
    const apiUrl = running?.url ?? `http://127.0.0.1:${await findPort({ host: '127.0.0.1', port: 0 })}`;
    const start = { ...opened, log: openLog(opened.paths, opened.config), apiUrl };
    return work(running === undefined ? await startProject(start) : await visitProject(start, running));
  });
}
