-- What every checked file looked like: statistics, never rows. Owner: contracts.

create table checks (
  id             text primary key,
  contract       text not null,
  file           text not null,
  digest         text not null,
  size_bytes     bigint not null,
  rows_in        bigint not null,
  rows_good      bigint not null,
  rows_bad       bigint not null,
  rows_rejected  bigint not null,
  verdict        text not null check (verdict in ('pass', 'warn', 'fail', 'quarantined')),
  criticality    text check (criticality in ('low', 'medium', 'high')),
  summary        text not null,
  duration_ms    double precision not null,
  report_digest  text,
  checked_at     timestamptz not null default clock_timestamp(),
  check (verdict = 'quarantined' or rows_in = rows_good + rows_bad + rows_rejected)
);
create index checks_by_time on checks (checked_at desc, id);
comment on column checks.id is 'The arrival id for ingested files, otherwise a fresh id.';
comment on column checks.criticality is 'Null when nothing is wrong with the file.';

create table check_problems (
  check_id    text not null references checks on delete cascade,
  expectation text not null,
  column_name text,
  category    text not null,
  severity    text not null check (severity in ('warn', 'fail')),
  row_count   bigint not null,
  share       double precision not null,
  sentence    text not null
);
create index check_problems_by_check on check_problems (check_id);
comment on column check_problems.category is 'missing-column, missing-value, unknown-category, out-of-range, wrong-type, duplicate, format, distribution, schema, row, structure.';

create table check_columns (
  check_id     text not null references checks on delete cascade,
  column_name  text not null,
  null_count   bigint not null,
  mean         double precision,
  primary key (check_id, column_name)
);
comment on table check_columns is 'Per file and column, what the dashboards plot over time.';
