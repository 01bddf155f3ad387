/** Entry of the processes that run tasks: the same wiring, and the engine's loop over the channel to the parent. */
import path from 'node:path';
import { readStart, serveTasks } from '#engine';
import { loadBuiltProject } from './project/load-project.ts';
import { pathsOf } from './project/paths.ts';
import { loadProjectCode } from './project/project-code.ts';
import { startTracing } from './serve/start-tracing.ts';
import { wire } from './serve/wire.ts';
import type { WorkerStart } from './serve/worker-start.ts';

process.setSourceMapsEnabled(true);
// Written by the parent process, in the same part.
const start = (await readStart()) as WorkerStart;
const { config } = start;
await startTracing(config, { warn: (message) => process.emitWarning(message) });
const paths = pathsOf(start.projectFolder, config);
const project = await loadBuiltProject(start.projectModule, path.join(paths.project, 'project.ts'));
const code = await loadProjectCode(start.codeIndex);
const { tasks, database, artifacts, sinks } = await wire({ ...start, project, code, paths });
serveTasks({ tasks, database, artifacts, sinks, folder: paths.attempts });
