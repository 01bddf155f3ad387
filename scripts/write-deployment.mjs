// Writes the folder `deploy/`: for each example with a model what `weir deploy export` writes. Runs the sources, so that no
// stale build is exported: node --import tsx -C weir-source scripts/write-deployment.mjs
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { runCommandLine } from '../src/app/command-line.ts';
import { quietTerminal } from './quiet-terminal.mjs';
import { rootFolder } from './root-folder.mjs';

const PROJECTS = ['titanic'];

rmSync(join(rootFolder, 'deploy'), { recursive: true, force: true });
for (const project of PROJECTS) {
  const args = ['--project', join(rootFolder, 'examples', project), '--into', join(rootFolder, 'deploy', project)];
  const code = await runCommandLine(['deploy', 'export', ...args], quietTerminal);
  if (code !== 0) process.exitCode = code;
}
