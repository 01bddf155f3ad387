-- Predictions counted by the minute, so that a dashboard over millions of them reads thousands of rows. Owner: ml.

-- Each statement that stores predictions adds its counts here, without an index and without a row to wait for.
create table prediction_counts_arrived (
  minute        timestamptz not null,
  model         text not null,
  model_version integer not null,
  source        text not null,
  prediction    text not null,
  confidence    smallint,
  number        bigint not null
);
comment on table prediction_counts_arrived is 'Counts that wait to be folded into the two tables by the minute.';

-- Two tables, not one: every prediction with every confidence would be as many rows as there are predictions.
create table prediction_counts_folded (
  minute        timestamptz not null,
  model         text not null,
  model_version integer not null,
  source        text not null,
  prediction    text not null,
  number        bigint not null,
  primary key (minute, model, model_version, source, prediction)
);
comment on table prediction_counts_folded is 'Read the view prediction_counts instead, which has what is not folded yet too.';

create table prediction_confidences_folded (
  minute        timestamptz not null,
  model         text not null,
  model_version integer not null,
  confidence    smallint not null,
  number        bigint not null,
  primary key (minute, model, model_version, confidence)
);
comment on table prediction_confidences_folded is 'Read the view prediction_confidences instead, which has what is not folded yet too.';

create view prediction_counts as
  select * from prediction_counts_folded
  union all
  select minute, model, model_version, source, prediction, number from prediction_counts_arrived;
comment on view prediction_counts is 'Predictions by the minute that they were stored in. A combination can have several rows: sum their numbers.';
comment on column prediction_counts.prediction is 'What was predicted, as text, cut after 200 characters: an index takes no long text.';

create view prediction_confidences as
  select * from prediction_confidences_folded
  union all
  select minute, model, model_version, confidence, number from prediction_counts_arrived where confidence is not null;
comment on view prediction_confidences is 'Predictions by the minute and by the probability of the predicted class in whole percent: sum their numbers.';

create function count_predictions() returns trigger language plpgsql set search_path from current as $$
begin
  insert into prediction_counts_arrived
  select date_trunc('minute', at), model, model_version, source, left(prediction #>> '{}', 200), round(100 * probability), count(*)
    from stored
   group by 1, 2, 3, 4, 5, 6;
  return null;
end $$;

-- What is there already waits to be folded like what comes; after it the trigger, so that each is counted once.
insert into prediction_counts_arrived
select date_trunc('minute', at), model, model_version, source, left(prediction #>> '{}', 200), round(100 * probability), count(*)
  from predictions
 group by 1, 2, 3, 4, 5, 6;

create trigger predictions_are_counted after insert on predictions
  referencing new table as stored for each statement execute function count_predictions();
