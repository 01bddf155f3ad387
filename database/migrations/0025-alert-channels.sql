-- Which problem an alert is about, every attempt to send it, and whether its channels work. Owner: monitor.

alter table alerts
  add column state text not null default 'firing' check (state in ('firing', 'resolved')),
  add column incident_key text,
  add column rule_name text,
  add column group_name text;
comment on column alerts.incident_key is 'Shared by the alert of a problem and the one of its end; null means the dedupe key.';

create table alert_attempts (
  alert_id   bigint not null,
  channel    text not null,
  attempt    integer not null,
  started_at timestamptz not null,
  ended_at   timestamptz,
  outcome    text check (outcome in ('accepted', 'refused', 'unavailable')),
  error      text,
  primary key (alert_id, channel, attempt),
  foreign key (alert_id, channel) references alert_deliveries on delete cascade,
  check ((ended_at is null) = (outcome is null))
);
comment on table alert_attempts is 'One row for each request to a channel. Without an outcome it is being sent, or its process ended before the outcome was recorded.';

create table alert_channels (
  name          text primary key,
  state         text not null default 'closed' check (state in ('closed', 'open', 'half-open')),
  failures      integer not null default 0,
  failing_since timestamptz,
  opened_at     timestamptz,
  next_probe_at timestamptz,
  last_error    text,
  check ((state = 'closed') = (opened_at is null)),
  check ((state = 'closed') = (next_probe_at is null)),
  check ((failures = 0) = (failing_since is null))
);
comment on table alert_channels is 'The circuit breaker of each channel that has failed. Failures are those in a row; an open channel gets one delivery as a probe when its time has come.';
