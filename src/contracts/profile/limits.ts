/** Columns of more different values get estimates, and no list of them. */
export const DISTINCT_EXACT_MAX = 20_000;
/** Kinds are guessed from this many first rows. */
export const GUESSED_ROWS = 10_000;
/** Most frequent values that are listed of any column. */
export const TOP_VALUES = 10;
/** Up to this many distinct values, all are listed. */
export const LISTED_MAX = 1000;
/** With more values, those that fill this share of the cells are listed too. */
export const LISTED_PARTS = 1000;
export const LISTED_CHARACTERS_MAX = 200;
/**
 * Quantiles of at least twice as many rows are computed from about this many: a rank is then within half a per cent.
 */
const QUANTILE_ROWS = 250_000;

/** Of a column with so many cells, quantiles are computed from one in so many. */
export function strideOf(cells: number): number {
  return Math.max(1, Math.floor(cells / QUANTILE_ROWS));
}

/** An estimate of as many different values as cells is hardly ever below this share of them. */
const SEEMS_UNIQUE_SHARE = 0.85;

/** Whether a column with so many cells may have a different value in each, by the estimate of how many there are. */
export function seemsUnique(estimate: number, cells: number): boolean {
  return estimate >= cells * SEEMS_UNIQUE_SHARE;
}
