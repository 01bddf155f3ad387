-- Files of rows that are predicted by a run, and what came of them. Owner: pipelines.

create table prediction_jobs (
  id bigint generated always as identity primary key,
  run_id bigint not null unique references runs on delete cascade,
  file text not null,
  size_bytes bigint not null,
  format text not null check (format in ('csv', 'ndjson', 'parquet')),
  model text not null,
  model_version integer not null,
  is_stored boolean not null,
  created_by text,
  created_at timestamptz not null default clock_timestamp(),
  rows_in bigint,
  rows_predicted bigint not null default 0,
  rows_refused bigint not null default 0,
  summary text,
  result_csv text,
  result_ndjson text,
  result_parquet text
);
comment on column prediction_jobs.run_id is 'The newest run of it: a retry takes its place.';
comment on column prediction_jobs.file is 'The name that its sender gave.';
comment on column prediction_jobs.is_stored is 'Whether its predictions are stored with all others.';
comment on column prediction_jobs.rows_in is 'Null until the file was checked.';
comment on column prediction_jobs.summary is 'What the check of the file found.';
comment on column prediction_jobs.result_csv is 'Digest of the artifact, compressed with gzip; null until all rows were predicted or refused. The other results likewise, Parquet without gzip.';
create index prediction_jobs_created on prediction_jobs (created_at, id);
