// Starts the bench from its sources: `npm run bench check -- --rows 500000`.
import { join } from 'node:path';
import { rootFolder } from './root-folder.mjs';
import { runInSight } from './run-step.mjs';

const args = ['--import', 'tsx', '-C', 'weir-source', join(rootFolder, 'bench/main.ts'), ...process.argv.slice(2)];
process.exitCode = await runInSight({ command: process.execPath, args }, { cwd: rootFolder });
