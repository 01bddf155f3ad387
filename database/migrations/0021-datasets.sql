-- Versions of the datasets that models are trained on. Owner: ml.

create table dataset_versions (
  model      text not null,
  version    integer not null,
  digest     text not null,
  size_bytes bigint not null,
  contract   text not null,
  rows       bigint not null,
  unlabelled bigint not null,
  replaced   bigint not null,
  added      bigint not null,
  removed    bigint not null,
  changed    bigint not null,
  parts      jsonb not null,
  run_id     bigint not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (model, version),
  unique (model, digest)
);
create index dataset_versions_by_digest on dataset_versions (digest);
comment on table dataset_versions is 'The same rows are the same version, whichever run collected them first. added, removed and changed count against the version before.';
comment on column dataset_versions.parts is 'What each source gave: kind, description, files, rows, and rows that broke the contract.';
