import type { Queryable } from '#store';

/** Arrivals of fewer days are still looked through for rows that no window has; what is known of them must stay. */
const DAYS_MIN = 31;

/** Removes windows that were judged more than so many days ago, with their scores and the rows they counted; returns how many. */
export async function forgetDrift(
  queryable: Queryable,
  { ageDaysMax }: { readonly ageDaysMax: number },
): Promise<number> {
  const days = Math.max(ageDaysMax, DAYS_MIN);
  const gone = await queryable.query(
    `delete from drift_windows where judged_at < clock_timestamp() - $1 * interval '1 day' returning 1`,
    [days],
  );
  await queryable.query(`delete from drift_files where arrived_at < clock_timestamp() - $1 * interval '1 day'`, [days]);
  return gone.length;
}
