// Proves that `npm ci` passes on every machine, not only on the one where the lock was written: each platform package
// of a native tool stands in the lock, and no entry names the host it came from.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rootFolder } from './root-folder.mjs';

/** Lists what is wrong with a lock, one sentence each. */
export function lockProblems({ packages }) {
  return Object.entries(packages).flatMap(([path, entry]) => {
    const what = path === '' ? 'the package itself' : `${path} ${entry.version}`;
    const problems = Object.entries(entry.optionalDependencies ?? {})
      .filter(([name, wanted]) => !isFound(packages, path, { name, wanted }))
      .map(([name, wanted]) => `${what} wants ${name} ${wanted}, which is not in the lock: npm ci fails`);
    if (path === '' || entry.link === true) return problems;
    if (entry.resolved !== undefined) problems.push(`${what} names where it came from: ${entry.resolved}`);
    if (entry.version === undefined) problems.push(`${path} has no version`);
    if (entry.integrity === undefined && !entry.inBundle) problems.push(`${what} has no integrity digest`);
    return problems;
  });
}

// As Node looks: in the node_modules of the package, then in those of the packages around it.
function isFound(packages, path, dependency) {
  const found = packages[`${path === '' ? '' : `${path}/`}node_modules/${dependency.name}`];
  if (found?.version !== undefined) return !isExact(dependency.wanted) || found.version === dependency.wanted;
  if (path === '') return false;
  const end = path.lastIndexOf('/node_modules/');
  return isFound(packages, end < 0 ? '' : path.slice(0, end), dependency);
}

// Native tools ask for their platform packages by exact version; a range would need npm's own arithmetic.
function isExact(wanted) {
  return /^\d+\.\d+\.\d+(-[\w.-]+)?$/.test(wanted);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const problems = lockProblems(JSON.parse(readFileSync(join(rootFolder, 'package-lock.json'), 'utf8')));
  for (const problem of problems) process.stderr.write(`package-lock.json: ${problem}\n`);
  if (problems.length > 0) {
    process.stderr.write(
      'Remove the lock and node_modules and install again; if a platform package was never published, pin a version that has it.\n',
    );
  }
  process.exitCode = problems.length === 0 ? 0 : 1;
}
