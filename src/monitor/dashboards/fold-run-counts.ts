import { type Database, foldCountsSql } from '#store';

const FOLD = foldCountsSql({ name: 'run_counts', keys: ['pipeline', 'state', 'duration_ms'], sums: ['runs'] });

/** Adds the counts of runs that ended since the last time to those by the minute and the hour. Any number of processes may do it at once. */
export async function foldRunCounts(database: Database): Promise<void> {
  await database.query(FOLD);
}
