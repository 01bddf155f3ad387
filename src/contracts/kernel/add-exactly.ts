/** Sums, and what their roundings lost. */
export interface Sums {
  readonly sum: Float64Array;
  readonly lost: Float64Array;
}

/** Adds a number to one of the sums; what the rounding loses is added to `lost` (Knuth's two-sum). */
export function addExactly({ sum, lost }: Sums, index: number, number: number): void {
  const before = sum[index] ?? 0;
  const total = before + number;
  const part = total - before;
  sum[index] = total;
  lost[index] = (lost[index] ?? 0) + (before - (total - part) + (number - part));
}
