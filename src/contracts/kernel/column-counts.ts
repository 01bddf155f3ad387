import type { ColumnCounts } from './kernel.ts';

/** Counts of nothing; by column, how many categories are counted. */
export function emptyCounts(categories: readonly number[]): ColumnCounts {
  const { length } = categories;
  return {
    nulls: new Uint32Array(length),
    values: new Uint32Array(length),
    min: new Float64Array(length).fill(Number.POSITIVE_INFINITY),
    max: new Float64Array(length).fill(Number.NEGATIVE_INFINITY),
    summands: new Uint32Array(length),
    sum: new Float64Array(length),
    lost: new Float64Array(length),
    categories: categories.map((count) => new Uint32Array(count)),
  };
}
