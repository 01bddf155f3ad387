import { type Database, foldCountsSql, forgetEmptyCounts } from '#store';

const FOLD = foldCountsSql({ name: 'run_counts', keys: ['pipeline', 'state', 'duration_ms'], sums: ['runs'] });

/** Adds the counts of runs that ended since the last time to those by the minute and the hour. Any number of processes may do it at once. */
export async function foldRunCounts(database: Database): Promise<void> {
  await database.query(FOLD);
}

/** Removes counts of more than so many days ago whose runs are all gone. */
export async function forgetRunCounts(
  database: Database,
  { ageDaysMax }: { readonly ageDaysMax: number },
): Promise<void> {
  await foldRunCounts(database);
  await forgetEmptyCounts(database, { name: 'run_counts', sums: ['runs'], ageDaysMax });
}
