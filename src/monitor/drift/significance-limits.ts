/**
 * For each of many tests, the largest probability with which it would be significant after correction for their number,
 * the others being as they are (Benjamini and Hochberg, Journal of the Royal Statistical Society B 57, 1995). Those at or
 * below their limit are significant: among them at most `rate` are false on average, and when nothing has drifted, at most
 * `rate` of the windows raise any alarm.
 */
export function significanceLimits(pValues: readonly number[], rate: number): readonly number[] {
  const sorted = [...pValues].sort((one, other) => one - other);
  const limits = sorted.map((_, index) => (rate * (index + 1)) / sorted.length);
  const last = limits.findLastIndex((limit, index) => (sorted[index] ?? 1) <= limit);
  const reached = limits[last] ?? -1;
  // One probability more below such a limit would reach it.
  const nearly = limits
    .filter((limit, index) => index > last && (index === 0 || (sorted[index - 1] ?? 1) <= limit))
    .reverse();
  return pValues.map((pValue) =>
    pValue <= reached ? reached : (nearly.find((limit) => pValue > limit) ?? rate / sorted.length),
  );
}
