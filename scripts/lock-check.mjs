// Proves that `npm ci` passes on every machine, not only on the one where the lock was written: each platform package
// of a native tool stands in the lock, and no entry names the host it came from.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lockProblems } from './lock-problems.mjs';
import { rootFolder } from './root-folder.mjs';

const problems = lockProblems(JSON.parse(readFileSync(join(rootFolder, 'package-lock.json'), 'utf8')));
for (const problem of problems) process.stderr.write(`package-lock.json: ${problem}\n`);
if (problems.length > 0) {
  process.stderr.write(
    'Remove the lock and node_modules and install again; if a platform package was never published, pin a version that has it.\n',
  );
  process.exitCode = 1;
}
