import { type Database, forgetEmptyCounts } from '#store';
import { foldCheckCounts } from './fold-counts.ts';

/** Small, because each check takes its details and their counts with it. */
const GROUP_SIZE = 500;

/** Removes checks older than so many days, with their problems, columns and counts; returns how many. Their files stay. */
export async function forgetChecks(
  database: Database,
  { ageDaysMax }: { readonly ageDaysMax: number },
): Promise<number> {
  let checks = 0;
  for (;;) {
    const gone = await database.query(
      `delete from checks where id in (
         select id from checks where checked_at < clock_timestamp() - $1 * interval '1 day' order by checked_at limit $2)
       returning 1`,
      [ageDaysMax, GROUP_SIZE],
    );
    checks += gone.length;
    if (gone.length < GROUP_SIZE) break;
  }
  await foldCheckCounts(database);
  await forgetEmptyCounts(database, { name: 'check_counts', sums: ['files', 'files_again'], ageDaysMax });
  await forgetEmptyCounts(database, { name: 'problem_counts', sums: ['problems', 'files'], ageDaysMax });
  await forgetEmptyCounts(database, { name: 'column_counts', sums: ['files'], ageDaysMax });
  return checks;
}
