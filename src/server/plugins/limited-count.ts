const MINUTE_MS = 60_000;
/** Names that are counted at the same time; beyond, all others share one count. */
const NAMES_MAX = 10_000;
const OTHERS = 'others';

/** Says of each name whether it comes at most so often a minute. Bounded, whoever comes. */
export function limitedCount(
  { max }: { readonly max: number },
  now: () => number = () => performance.now(),
): (name: string) => boolean {
  const counts = new Map<string, number>();
  let startedAt = now();
  return (name) => {
    if (now() - startedAt >= MINUTE_MS) {
      counts.clear();
      startedAt = now();
    }
    const counted = counts.has(name) || counts.size < NAMES_MAX ? name : OTHERS;
    const count = (counts.get(counted) ?? 0) + 1;
    counts.set(counted, count);
    return count <= max;
  };
}
