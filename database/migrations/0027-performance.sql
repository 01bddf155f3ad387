-- Predictions beside their labels, by the quarter of an hour, so that performance over millions of them is read from thousands
-- of rows. A quarter, because the days of every time zone begin with one. Owner: ml.

create table performance_quarters (
  model             text not null,
  quarter           timestamptz not null,
  model_version     integer not null,
  predicted         text,
  actual            text,
  is_labelled       boolean not null,
  number            bigint not null,
  errors            bigint not null,
  error             double precision,
  absolute          double precision,
  square            double precision,
  fourth            double precision,
  estimated         bigint not null,
  correct_expected  double precision,
  correct_variance  double precision,
  absolute_expected double precision,
  absolute_variance double precision,
  square_expected   double precision,
  square_variance   double precision
);
create index performance_quarters_by_time on performance_quarters (model, quarter);
comment on table performance_quarters is 'Predictions counted by the quarter of an hour in which they were made, by version, predicted and actual class. Computed again when labels come; sum the numbers.';
comment on column performance_quarters.predicted is 'The class; null where a number was predicted.';
comment on column performance_quarters.actual is 'The newest label of a class; null without one, and for numbers.';
comment on column performance_quarters.errors is 'How many have a numeric error; error, absolute, square and fourth are the sums of its powers.';
comment on column performance_quarters.estimated is 'How many have an estimate from the test rows of their version; the columns after it are its sums.';

create table label_delays (
  model   text not null,
  quarter timestamptz not null,
  minutes integer not null,
  number  bigint not null
);
create index label_delays_by_time on label_delays (model, quarter);
comment on table label_delays is 'How long after a prediction its first label came: by the quarter in which it was made, in minutes, rounded up.';

-- Two queues without an index and without a row to wait for.
create table performance_stale (
  model   text not null,
  quarter timestamptz not null
);
comment on table performance_stale is 'Quarters of an hour to compute again.';

create table labels_arrived (
  model         text not null,
  row_id        text,
  prediction_id bigint
);
comment on table labels_arrived is 'Labels whose predictions are still to be found and computed again.';

create function note_arrived_labels() returns trigger language plpgsql set search_path from current as $$
begin
  insert into labels_arrived select distinct model, row_id, prediction_id from stored;
  return null;
end $$;

create trigger labels_are_noted after insert on labels
  referencing new table as stored for each statement execute function note_arrived_labels();

-- What is there already is computed like what comes.
insert into performance_stale
select distinct model, date_bin('15 minutes', at, '2000-01-01 00:00+00') from predictions;
