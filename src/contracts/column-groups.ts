/*
 * The time and memory (outside of its own limit) that DuckDB needs to plan a statement grow faster than the number of
 * columns: 200 columns take 5 times as long to check as 100, and 500 columns of numbers took 1.9 GB to profile. So many
 * columns are divided into groups that are queried one after the other, each with its own reading of the file. Few
 * columns are one group.
 */

/** Measured: larger groups cost more planning, smaller ones more readings of the file. */
export const GROUP_COLUMNS = 100;

/**
 * Divides a list, in order, into the fewest groups of about equal length with at most this many items; an empty list
 * gives one empty group.
 */
export function groupsOf<T>(all: readonly T[], most: number): readonly (readonly T[])[] {
  const count = Math.max(1, Math.ceil(all.length / most));
  const startOf = (group: number): number => Math.floor((group * all.length) / count);
  return Array.from({ length: count }, (_, group) => all.slice(startOf(group), startOf(group + 1)));
}
