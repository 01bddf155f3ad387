-- What schedules remember: how far each was looked at, what waits, who stopped it; and the intervals that runs are for. Owner: engine.

alter table runs
  add column interval_from timestamptz,
  add column interval_to   timestamptz,
  add constraint runs_interval check ((interval_from is null) = (interval_to is null) and interval_from < interval_to),
  drop constraint runs_trigger_check,
  add constraint runs_trigger_check
    check (trigger in ('schedule', 'manual', 'start', 'alert', 'recovery', 'backfill'));
create unique index runs_once_per_live_interval on runs (pipeline, interval_to, interval_from)
  where interval_to is not null and state in ('queued', 'running');
create index runs_by_interval on runs (pipeline, interval_to, id desc) where interval_to is not null;
comment on column runs.scheduled_for is 'The tick that started the run; a tick starts once. Null for what no tick started, backfill included.';
comment on column runs.interval_from is 'Half-open [from, to): the time the run is for, when it was asked for by a tick or a backfill.';
comment on index runs_once_per_live_interval is 'A backfill and a tick never work on one interval at the same time.';

create table schedules (
  pipeline       text primary key,
  expression     text,
  handled_until  timestamptz,
  paused_at      timestamptz,
  paused_by      text,
  paused_reason  text,
  resumed_at     timestamptz,
  dropped_tick   timestamptz,
  dropped_reason text,
  constraint schedules_pause check ((paused_at is null) = (paused_by is null) and (paused_at is null) = (paused_reason is null)),
  constraint schedules_follow check ((expression is null) = (handled_until is null))
);
comment on table schedules is 'One row for each pipeline that was ever followed or paused. Its lock serialises everyone who looks at the schedule.';
comment on column schedules.expression is 'Cron fields and time zone that handled_until belongs to; when they change, ticks begin anew. Null until followed.';
comment on column schedules.handled_until is 'Every tick up to here was decided on: it started, waits in schedule_ticks, or was dropped.';
comment on column schedules.resumed_at is 'End of the last pause; ticks up to here were missed, however recent.';
comment on column schedules.dropped_tick is 'The newest tick that was not run, and why.';

create table schedule_ticks (
  pipeline      text not null references schedules on delete cascade,
  tick          timestamptz not null,
  interval_from timestamptz not null check (interval_from < tick),
  primary key (pipeline, tick)
);
comment on table schedule_ticks is 'Ticks that wait for their turn, oldest first. At most 1000 for each pipeline.';

create table schedule_changes (
  id       bigint generated always as identity primary key,
  pipeline text not null,
  action   text not null check (action in ('pause', 'resume')),
  by       text not null,
  reason   text not null,
  at       timestamptz not null
);
create index schedule_changes_by_pipeline on schedule_changes (pipeline, id desc);
comment on table schedule_changes is 'Who paused and resumed which schedule, when and why. Never changed.';
