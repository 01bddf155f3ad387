-- The orders of predictions by time, ascending: a new row comes last, where an index grows without looking for its place
-- and without leaving half of each page empty. The newest first are read backwards. Over many millions of rows this takes
-- some minutes once, in which nothing is predicted. Owner: ml.
drop index predictions_by_time;
drop index predictions_by_source;
drop index predictions_by_model;
create index predictions_by_time on predictions (at, id);
create index predictions_by_source on predictions (source, at, id);
create index predictions_by_model on predictions (model, model_version, at, id);

-- Who stores predictions may count them in the same statement and say so until the end of its transaction: it knows them
-- already, and the rows need not be read once more.
create or replace function count_predictions() returns trigger language plpgsql set search_path from current as $$
begin
  if current_setting('weir.predictions_are_counted', true) = 'yes' then
    return null;
  end if;
  insert into prediction_counts_arrived (minute, model, model_version, source, prediction, confidence, number, is_number)
  select date_trunc('minute', at), model, model_version, source, left(prediction #>> '{}', 200), round(100 * probability), count(*),
         jsonb_typeof(prediction) = 'number'
    from stored
   group by 1, 2, 3, 4, 5, 6, 8;
  return null;
end $$;
