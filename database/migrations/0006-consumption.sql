-- A file that is drawn again keeps its arrival, and a file that is being predicted keeps its model version. Owner: pipelines.

alter table arrivals add column failures integer not null default 0;
comment on column arrivals.failures is 'How often the runs of this arrival failed. It is drawn again under the same id, so that what was placed is not placed twice.';

alter table consumed_files
  add column model_version integer,
  add column contract text,
  add column identity text,
  add column unfit_count bigint not null default 0,
  add column problem text,
  add column begun_at timestamptz not null default clock_timestamp(),
  alter column row_count drop not null,
  alter column consumed_at drop not null,
  alter column consumed_at drop default,
  add constraint consumed_files_counted check ((consumed_at is null) = (row_count is null));
comment on table consumed_files is 'The consumption ledger: which content of which file in good-data has been predicted, or is being.';
comment on column consumed_files.consumed_at is 'Null while its rows are being predicted; what is then begun anew goes on with the same model version.';
comment on column consumed_files.identity is 'Device, inode, size and times of the file whose content this is; null when they could not be trusted yet.';
comment on column consumed_files.problem is 'Why not all rows were predicted; null when they were.';
