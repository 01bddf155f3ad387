-- What arrived, and what has been predicted. Owner: pipelines.

create table arrivals (
  id          text primary key,
  path        text not null,
  digest      text not null,
  size_bytes  bigint not null,
  run_id      bigint,
  drawn_at    timestamptz not null default clock_timestamp(),
  removed_at  timestamptz
);
create unique index arrivals_live on arrivals (path) where removed_at is null;
comment on table arrivals is 'One row for each file drawn from raw-data. Two files with equal bytes are two arrivals.';

create table consumed_files (
  path        text not null,
  digest      text not null,
  run_id      bigint,
  row_count   bigint not null,
  consumed_at timestamptz not null default clock_timestamp(),
  primary key (path, digest)
);
comment on table consumed_files is 'The consumption ledger: which content of which file in good-data has been predicted.';
