-- The row's own id beside each prediction, and what really happened. Owner: ml.

alter table predictions
  add column row_id text,
  add column row_time timestamptz;
create index predictions_by_row on predictions (model, row_id, at desc) where row_id is not null;
comment on column predictions.row_id is 'The value of the column with role id, as text; null when the row came without one.';
comment on column predictions.row_time is 'The value of the column with role time.';

create table labels (
  id            bigint generated always as identity primary key,
  model         text not null,
  row_id        text,
  prediction_id bigint,
  value         jsonb not null,
  observed_at   timestamptz not null,
  received_at   timestamptz not null default clock_timestamp(),
  source        text not null check (source in ('api', 'webapp', 'file', 'ingest', 'cli')),
  check (row_id is not null or prediction_id is not null)
);
create index labels_by_row on labels (model, row_id, observed_at desc, id desc) where row_id is not null;
create index labels_by_prediction on labels (prediction_id, observed_at desc, id desc) where prediction_id is not null;
create index labels_by_time on labels (model, received_at desc, id desc);
comment on table labels is 'Append-only. Of labels for one row the newest by observed_at counts; the others say what was believed before.';
comment on column labels.observed_at is 'When it was so, as the sender says; the time it came unless said.';
