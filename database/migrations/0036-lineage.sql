-- The newest run that had ended when events were first asked for: older ones get none.
create table lineage_since (
  run_id bigint not null,
  only_one boolean primary key default true check (only_one)
);

-- Which runs OpenLineage events are written for, and how far.
create table lineage_runs (
  run_id bigint primary key references runs on delete cascade,
  is_started boolean not null default false,
  is_ended boolean not null default false
);
create index lineage_runs_open on lineage_runs (run_id) where not is_ended;

-- Events that wait to be sent, in their order; one that was sent is removed.
create table lineage_events (
  id bigint generated always as identity primary key,
  event jsonb not null,
  created_at timestamptz not null default clock_timestamp(),
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default clock_timestamp(),
  last_error text
);
create index lineage_events_due on lineage_events (next_attempt_at, id);
