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
