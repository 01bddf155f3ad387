/** How far apart two samples are, the probability of that by chance, and from where on it would be significant. */
export interface TestResult {
  /** From 0, equal, to 1. Independent of the number of rows: the size of the difference, not its significance. */
  readonly effect: number;
  readonly pValue: number;
  /** The smallest effect whose probability is at most this, for these rows. It is at most `effect` exactly if `pValue` is. */
  readonly smallestEffect: (pValueMax: number) => number;
}
