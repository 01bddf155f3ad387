/** Entry of the processes that run tasks: the same wiring, and the engine's loop over the channel to the parent. */
import path from 'node:path';
import { serveTasks } from '#engine';
import { loadBuiltProject } from './load-project.ts';
import { pathsOf } from './paths.ts';
import { loadProjectCode } from './project-code.ts';
import { wire } from './wire.ts';
import type { WorkerStart } from './worker-start.ts';

process.setSourceMapsEnabled(true);
// Written by our own parent, a few lines above in the same part.
const start = JSON.parse(process.env.WEIR_CHILD ?? '{}') as WorkerStart;
// Tasks, and what they start, have no use for the address of the database.
delete process.env.WEIR_CHILD;
const { config } = start;
const paths = pathsOf(start.projectFolder, config);
const project = await loadBuiltProject(start.projectModule, path.join(paths.project, 'project.ts'));
const code = await loadProjectCode(start.codeIndex);
const { tasks, database, artifacts, sinks } = await wire({ ...start, project, code, paths });
serveTasks({ tasks, database, artifacts, sinks, folder: paths.attempts });
