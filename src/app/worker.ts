/** Entry of the processes that run tasks: the same wiring, and the engine's loop over the channel to the parent. */
import { serveTasks } from '#engine';
import { loadConfig } from './config.ts';
import { loadProject } from './load-project.ts';
import { pathsOf } from './paths.ts';
import { wire } from './wire.ts';

/** What the parent hands over, as JSON in WEIR_CHILD. */
export interface WorkerStart {
  readonly projectFolder: string;
  readonly databaseUrl: string;
  readonly apiUrl: string;
}

// Written by our own parent, a few lines above in the same part.
const start = JSON.parse(process.env.WEIR_CHILD ?? '{}') as WorkerStart;
const config = await loadConfig(start.projectFolder, process.env);
const paths = pathsOf(start.projectFolder, config);
const project = await loadProject(paths.project, paths.state);
const { tasks, database, artifacts } = await wire({ ...start, project, paths, config });
serveTasks({ tasks, database, artifacts, folder: paths.attempts });
