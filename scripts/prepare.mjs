// Runs before `npm start` and `npm test`: installs and builds what is missing or stale, and nothing else.
// It needs nothing but Node, for it runs before anything is installed.
import process from 'node:process';
import { maybeNodeVersionProblem } from '../bin/node-version.mjs';

const problem = maybeNodeVersionProblem(process.versions.node);
if (problem !== undefined) {
  process.stderr.write(`${problem}\n`);
  process.exit(1);
}

// An npm that we started may run scripts of its own; they must not start us again.
if (process.env.WEIR_PREPARING === undefined) {
  // Loaded late, so that an old Node has said its piece before it meets newer syntax.
  const { prepare } = await import('./prepare/prepare.mjs');
  process.exitCode = await prepare();
}
