// Writes the folder `grafana/`: for each example with a contract what `weir grafana export` writes, with every contact
// point. Runs the sources, so that no stale build is exported:
// node --import tsx -C weir-source scripts/write-grafana.mjs
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { runCommandLine } from '../src/app/command-line.ts';
import { rootFolder } from './root-folder.mjs';

/** Examples with a contract. */
const PROJECTS = ['titanic'];
const CONTACT_POINTS = ['teams', 'slack', 'pagerduty', 'webhook', 'mail'];

const terminal = {
  environment: {},
  isInteractive: false,
  readSecret: async () => '',
  print: () => {},
  warn: (text) => process.stderr.write(text),
  onSignal: () => () => {},
  onUncaughtError: () => {},
};

rmSync(join(rootFolder, 'grafana'), { recursive: true, force: true });
for (const project of PROJECTS) {
  const args = ['--project', join(rootFolder, 'examples', project), '--into', join(rootFolder, 'grafana', project)];
  const code = await runCommandLine(
    ['grafana', 'export', ...args, '--policies', '--contact-points', ...CONTACT_POINTS],
    terminal,
  );
  if (code !== 0) process.exitCode = code;
}
