// Writes the folder `grafana/`: for each example with a contract what `weir grafana export` writes, with every contact
// point. Runs the sources, so that no stale build is exported:
// node --import tsx -C weir-source scripts/write-grafana.mjs
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { runCommandLine } from '../src/app/command-line.ts';
import { quietTerminal } from './quiet-terminal.mjs';
import { rootFolder } from './root-folder.mjs';

/** Examples with a contract. */
const PROJECTS = ['titanic'];
const CONTACT_POINTS = ['teams', 'slack', 'pagerduty', 'webhook', 'mail'];

rmSync(join(rootFolder, 'grafana'), { recursive: true, force: true });
for (const project of PROJECTS) {
  const args = ['--project', join(rootFolder, 'examples', project), '--into', join(rootFolder, 'grafana', project)];
  const code = await runCommandLine(
    ['grafana', 'export', ...args, '--policies', '--contact-points', ...CONTACT_POINTS],
    quietTerminal,
  );
  if (code !== 0) process.exitCode = code;
}
