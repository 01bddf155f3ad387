-- Alerts and their delivery. Owner: monitor.

create table alerts (
  id          bigint generated always as identity primary key,
  dedupe_key  text not null unique,
  kind        text not null,
  criticality text not null check (criticality in ('low', 'medium', 'high')),
  title       text not null,
  summary     text not null,
  facts       jsonb not null default '[]',
  link        text,
  created_at  timestamptz not null default clock_timestamp()
);
create index alerts_by_time on alerts (created_at desc, id desc);

create table alert_deliveries (
  alert_id        bigint not null references alerts on delete cascade,
  channel         text not null,
  state           text not null check (state in ('waiting', 'accepted', 'failed')),
  attempts        integer not null default 0,
  next_attempt_at timestamptz not null default clock_timestamp(),
  last_error      text,
  updated_at      timestamptz not null default clock_timestamp(),
  primary key (alert_id, channel)
);
create index alert_deliveries_due on alert_deliveries (next_attempt_at) where state = 'waiting';
comment on column alert_deliveries.state is 'accepted means the webhook answered 2xx; nothing more is known.';
