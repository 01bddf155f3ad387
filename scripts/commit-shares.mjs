const SHOWN_FILES = 10;

/** Counts over commits, each given as the files of `src/` it changed; commits without any do not count. */
export function commitShares(commits) {
  const counted = commits.filter((files) => files.length > 0);
  const changes = new Map();
  for (const file of counted.flat()) changes.set(file, (changes.get(file) ?? 0) + 1);
  const share = (count) => (counted.length === 0 ? 0 : count / counted.length);
  return {
    commits: counted.length,
    oneFileShare: share(counted.filter((files) => files.length === 1).length),
    busiest: [...changes]
      .sort(([a, aCount], [b, bCount]) => bCount - aCount || (a < b ? -1 : 1))
      .slice(0, SHOWN_FILES)
      .map(([file, count]) => ({ file, share: share(count) })),
  };
}
