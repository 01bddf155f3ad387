/*
 * What DuckDB takes to plan a statement, in time and in memory that no limit of its own counts, grows faster than what the
 * statement names: 200 columns take 5 times as long to check as 100, and 500 columns of numbers took 1.9 GB to profile. So
 * many columns are asked about in groups, one after the other, each read from the file for itself. Few are one group.
 */

/** Measured: more columns at once cost more planning, fewer cost more readings of the file. */
export const GROUP_COLUMNS = 100;

/** Cuts a list, in its order, into as few groups of about equal length as hold at most so many each; one of none when it is empty. */
export function groupsOf<T>(all: readonly T[], most: number): readonly (readonly T[])[] {
  const count = Math.max(1, Math.ceil(all.length / most));
  const startOf = (group: number): number => Math.floor((group * all.length) / count);
  return Array.from({ length: count }, (_, group) => all.slice(startOf(group), startOf(group + 1)));
}
