import type { Database } from '#store';

const GROUP_SIZE = 5_000;
/** Tables of counts, each with the column of the time that a row counts. */
const COUNTS = [
  ['prediction_counts_arrived', 'minute'],
  ['prediction_counts_folded', 'minute'],
  ['prediction_confidences_folded', 'minute'],
  ['prediction_hours_folded', 'hour'],
  ['confidence_hours_folded', 'hour'],
  ['performance_quarters', 'quarter'],
  ['label_delays', 'quarter'],
] as const;

/**
 * Removes predictions older than so many days, their counts and the idempotency keys of their requests; returns how
 * many predictions.
 */
export async function forgetPredictions(
  database: Database,
  { ageDaysMax }: { readonly ageDaysMax: number },
): Promise<number> {
  let predictions = 0;
  for (;;) {
    const gone = await database.query(
      `delete from predictions where id in (
         select p.id from predictions p where p.at < clock_timestamp() - $1 * interval '1 day' order by p.at limit $2)
       returning 1`,
      [ageDaysMax, GROUP_SIZE],
    );
    predictions += gone.length;
    if (gone.length < GROUP_SIZE) break;
  }
  // A key is removed with its predictions: a repeated request is a new one.
  await database.query(
    `delete from prediction_requests r where r.at < clock_timestamp() - $1 * interval '1 day'
       and not exists (select 1 from predictions p where p.request = r.request)`,
    [ageDaysMax],
  );
  for (const [table, start] of COUNTS) {
    await database.query(`delete from ${table} where ${start} < clock_timestamp() - $1 * interval '1 day'`, [
      ageDaysMax,
    ]);
  }
  return predictions;
}
