-- Model registry and the log of predictions. Owner: ml.

create table model_versions (
  model           text not null,
  version         integer not null,
  estimator       text not null,
  manifest        jsonb not null,
  metrics         jsonb not null,
  files           jsonb not null,
  dataset_version text not null,
  training_key    text not null,
  created_at      timestamptz not null default clock_timestamp(),
  primary key (model, version),
  unique (model, training_key)
);
comment on column model_versions.files is 'File name to artifact digest: the model version as a folder.';
comment on column model_versions.training_key is 'Key of the fit that made it, so registering twice registers once.';

create table promotions (
  id       bigint generated always as identity primary key,
  model    text not null,
  alias    text not null check (alias in ('champion', 'challenger')),
  version  integer not null,
  previous integer,
  actor    text not null,
  reason   text not null,
  at       timestamptz not null default clock_timestamp(),
  foreign key (model, version) references model_versions (model, version)
);
create index promotions_newest on promotions (model, alias, id desc);
comment on table promotions is 'Append-only. The newest row of an alias says what it points to, and any moment in the past can be asked.';

create table predictions (
  id              bigint generated always as identity primary key,
  at              timestamptz not null default clock_timestamp(),
  model           text not null,
  model_version   integer not null,
  source          text not null check (source in ('webapp', 'scheduled', 'api')),
  features        jsonb not null,
  prediction      jsonb not null,
  probability     double precision,
  request         text,
  row_number      integer not null
);
create index predictions_by_time on predictions (at desc, id desc);
create index predictions_by_source on predictions (source, at desc, id desc);
create unique index predictions_once on predictions (request, row_number) where request is not null;

create table prediction_requests (
  request     text primary key,
  body_digest text not null,
  at          timestamptz not null default clock_timestamp()
);
comment on table prediction_requests is 'Idempotency keys, written in the transaction that stores their predictions.';
