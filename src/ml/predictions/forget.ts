import { type Database, removeRowsBefore } from '#store';
import { MINUTES, PREDICTIONS } from './partitions.ts';

/** Small tables without partitions, each with the column of the time that a row counts. */
const OTHERS = [
  ['prediction_counts_arrived', 'minute'],
  ['prediction_hours_folded', 'hour'],
  ['confidence_hours_folded', 'hour'],
  ['performance_quarters', 'quarter'],
  ['label_delays', 'quarter'],
  // Not by partition, because a key is unique over all times. A key has the time of its predictions and is removed with
  // them: a repeated request is a new one.
  ['prediction_requests', 'at'],
] as const;

/** How many predictions were removed, and how many of their partitions stay until the next time because somebody reads them. */
export interface Forgotten {
  readonly predictions: number;
  readonly inUse: number;
}

/**
 * Removes predictions older than so many days, their counts and the idempotency keys of their requests. Those of a
 * partition are removed together, once the newest of them may be.
 */
export async function forgetPredictions(
  database: Database,
  { ageDaysMax }: { readonly ageDaysMax: number },
): Promise<Forgotten> {
  const [moment] = await database.query<{ before: Date }>(
    `select clock_timestamp() - $1 * interval '1 day' as before`,
    [ageDaysMax],
  );
  if (moment === undefined) throw new Error('Expected the time of the database.');
  const { rows: predictions, keptFrom, inUse } = await removeRowsBefore(database, PREDICTIONS, moment.before);
  for (const table of MINUTES) await removeRowsBefore(database, table, moment.before);
  for (const [table, time] of OTHERS) await database.query(`delete from ${table} where ${time} < $1`, [keptFrom]);
  return { predictions, inUse };
}
