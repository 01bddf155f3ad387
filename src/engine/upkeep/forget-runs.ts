import type { Database } from '#store';

/** Small, so that a group with its task runs, attempts and logs is removed quickly. */
const GROUP_SIZE = 200;

export interface ForgetRunsOptions {
  readonly database: Database;
  /** Days since the run ended. */
  readonly ageDaysMax: number;
  readonly onProgress?: (progress: { readonly runs: number }) => void;
}

/**
 * Removes the history of runs that ended long ago: task runs, attempts and logs go with them, results do not. What stays:
 * runs that are pinned or not settled, and the last run of each pipeline.
 */
export async function forgetRuns({ database, ageDaysMax, onProgress }: ForgetRunsOptions): Promise<number> {
  let runs = 0;
  for (;;) {
    const gone = await database.query(
      `delete from runs where id in (
         select r.id from runs r
         where r.ended_at < clock_timestamp() - $1 * interval '1 day' and r.settled_at is not null
           and not exists (select 1 from pins p where p.run_id = r.id and p.unpinned_at is null)
           and exists (select 1 from runs newer where newer.pipeline = r.pipeline and newer.id > r.id)
         order by r.ended_at limit $2 for update of r skip locked)
       returning 1`,
      [ageDaysMax, GROUP_SIZE],
    );
    if (gone.length === 0) return runs;
    runs += gone.length;
    onProgress?.({ runs });
  }
}
