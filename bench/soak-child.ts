import { serveTasks } from '#engine';
import { connect, fsArtifacts } from '#store';
import { tasks } from './engine-tasks.ts';

/** Runs the tasks of the soak: what `processExecutor` forks there. */
const [url = '', folder = ''] = process.argv.slice(2);
const artifacts = await fsArtifacts({ folder: `${folder}/artifacts` });
serveTasks({ tasks, artifacts, database: connect({ url, poolSize: 2 }), folder: `${folder}/attempts` });
