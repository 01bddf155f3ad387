import type { Database } from '#store';
import { quarterSql } from '../performance/refresh.ts';

// Moved in one statement, so that no reader sees a count twice or not at all. In the order of the keys, so that another
// that folds waits for this in one direction only.
const FOLD = `
  with moved as (delete from prediction_counts_arrived returning *),
  stale as (insert into performance_stale select distinct model, ${quarterSql('minute')} from moved),
  confidences as (
    insert into prediction_confidences_folded as folded
    select minute, model, model_version, confidence, sum(number) from moved where confidence is not null group by 1, 2, 3, 4 order by 1, 2, 3, 4
    on conflict (minute, model, model_version, confidence) do update set number = folded.number + excluded.number),
  confidence_hours as (
    insert into confidence_hours_folded as folded
    select date_bin('1 hour', minute, 'epoch'), model, model_version, confidence, sum(number) from moved where confidence is not null group by 1, 2, 3, 4 order by 1, 2, 3, 4
    on conflict (hour, model, model_version, confidence) do update set number = folded.number + excluded.number),
  hours as (
    insert into prediction_hours_folded as folded
    select date_bin('1 hour', minute, 'epoch'), model, model_version, source,
           case when is_number then three_digits(prediction::float8)::text else prediction end, sum(number),
           sum(number * prediction::float8) filter (where is_number)
      from moved group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
    on conflict (hour, model, model_version, source, prediction)
      do update set number = folded.number + excluded.number, total = folded.total + excluded.total)
  insert into prediction_counts_folded as folded
  select minute, model, model_version, source, prediction, sum(number) from moved group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
  on conflict (minute, model, model_version, source, prediction) do update set number = folded.number + excluded.number`;

/**
 * Adds the counts of predictions that arrived since the last time to those by the minute and by the hour. Any number of
 * processes may do it at once.
 */
export async function foldPredictionCounts(database: Database): Promise<void> {
  await database.query(FOLD);
}
