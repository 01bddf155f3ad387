-- What arrived, and what has been predicted. Owner: pipelines.

create table arrivals (
  id          text primary key,
  path        text not null,
  digest      text not null,
  size_bytes  bigint not null,
  run_id      bigint not null,
  drawn_at    timestamptz not null default clock_timestamp(),
  ended_at    timestamptz,
  outcome     text check (outcome in ('ingested', 'failed', 'cancelled')),
  check ((ended_at is null) = (outcome is null))
);
create unique index arrivals_live on arrivals (path) where ended_at is null;
create index arrivals_by_content on arrivals (path, digest);
comment on table arrivals is 'One row for each file drawn from raw-data. Two files with equal bytes are two arrivals.';

create table consumed_files (
  path          text not null,
  digest        text not null,
  run_id        bigint not null,
  row_count     bigint not null,
  consumed_at   timestamptz not null default clock_timestamp(),
  primary key (path, digest)
);
comment on table consumed_files is 'The consumption ledger: which content of which file in good-data has been predicted.';
