-- Runs, what was asked of them, what each attempt did, and the manifests that make a goal complete. Owner: engine.

create table runs (
  id            bigint generated always as identity primary key,
  pipeline      text not null,
  state         text not null check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'skipped')),
  reason        text,
  trigger       text not null check (trigger in ('schedule', 'manual', 'start', 'alert', 'recovery')),
  params        jsonb not null default '{}',
  goals         jsonb,
  scheduled_for timestamptz,
  created_at    timestamptz not null default clock_timestamp(),
  started_at    timestamptz,
  ended_at      timestamptz,
  settled_at    timestamptz
);
create index runs_by_pipeline on runs (pipeline, id desc);
create index runs_by_time on runs (pipeline, created_at);
create index runs_live on runs (id) where state in ('queued', 'running') or settled_at is null;
create unique index runs_once_per_tick on runs (pipeline, scheduled_for) where scheduled_for is not null;
comment on column runs.goals is 'Null until the pipeline has planned the run.';
comment on column runs.settled_at is 'When the pipeline had tidied up after the run (for example removed the raw file); null means it is still owed.';

create table task_runs (
  run_id     bigint not null references runs on delete cascade,
  goal       text not null,
  position   bigint generated always as identity,
  task       text not null,
  params     jsonb not null,
  needs      text[] not null default '{}',
  state      text not null check (state in ('queued', 'running', 'succeeded', 'cached', 'failed', 'cancelled', 'skipped')),
  reason     text,
  key        text,
  attempts   integer not null default 0,
  started_at timestamptz,
  ended_at   timestamptz,
  primary key (run_id, goal)
);
comment on column task_runs.goal is 'Identity of the goal inside the run: digest of task name and canonical params, known before any input is.';

create table attempts (
  id         bigint generated always as identity primary key,
  run_id     bigint not null,
  goal       text not null,
  number     integer not null,
  token      bigint not null,
  executor   text not null,
  started_at timestamptz not null default clock_timestamp(),
  ended_at   timestamptz,
  outcome    text check (outcome in ('succeeded', 'failed', 'cancelled', 'skipped', 'lost')),
  error      jsonb,
  log        text,
  foreign key (run_id, goal) references task_runs on delete cascade,
  unique (run_id, goal, number)
);

create table manifests (
  key          text not null,
  trace_digest text not null default '',
  goal         text not null,
  task         text not null,
  params       jsonb not null,
  code         text not null,
  inputs       jsonb not null,
  outputs      jsonb not null,
  trace        jsonb not null default '[]',
  token        bigint not null,
  run_id       bigint,
  created_at   timestamptz not null default clock_timestamp(),
  primary key (key, trace_digest)
);
create index manifests_by_goal on manifests (goal, created_at desc);
comment on column manifests.trace_digest is 'Digest of the trace, empty when nothing was needed at runtime: one key may have a result for each world it met.';
comment on table manifests is 'One row makes one goal complete, for all its outputs together. Never updated in place except by a newer claim of the same key.';

create sequence claim_tokens;
create table claims (
  key        text primary key,
  token      bigint not null,
  owner      text not null,
  expires_at timestamptz not null
);
comment on table claims is 'Leases. The token fences: a commit whose token is no longer here is refused.';

create table sink_markers (
  goal       text not null,
  output     text not null,
  key        text not null,
  token      bigint not null,
  row_count  bigint not null,
  written_at timestamptz not null default clock_timestamp(),
  primary key (goal, output)
);
comment on table sink_markers is 'Written in the same transaction as the rows a goal owns; completeness asks for it. One per goal, because the rows of a newer key replace those of an older one.';
