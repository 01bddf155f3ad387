/** The value of a curve, by its definition: straight between points, flat beyond them. */
export function shareOf(
  { xs, ys }: { readonly xs: readonly number[]; readonly ys: readonly number[] },
  x: number,
): number {
  const above = xs.findIndex((each) => each > x);
  if (above === 0) return ys[0] ?? Number.NaN;
  if (above < 0) return ys.at(-1) ?? Number.NaN;
  const [left = 0, right = 0, low = 0, high = 0] = [xs[above - 1], xs[above], ys[above - 1], ys[above]];
  return low + ((high - low) * (x - left)) / (right - left);
}
