-- Alert rules: what people changed of them, their states with their history, and when they are muted. Owner: monitor.

alter table alerts
  add column is_held boolean not null default false,
  add column grouped_into bigint references alerts on delete set null;
create index alerts_held on alerts (created_at) where is_held;
comment on column alerts.is_held is 'An alert of a file that waits to be sent with others in one notice, so that many bad files are few notices.';
comment on column alerts.grouped_into is 'The notice that an alert which was held was sent with.';

create table alert_rule_changes (
  id     bigint generated always as identity primary key,
  rule   text not null,
  fields jsonb not null,
  actor  text not null,
  reason text not null,
  at     timestamptz not null default clock_timestamp()
);
create index alert_rule_changes_newest on alert_rule_changes (rule, id desc);
comment on table alert_rule_changes is 'Append-only. The newest row of a rule says what people set differently from its default and the settings; an empty object means nothing.';

create table alert_rule_states (
  rule                text primary key,
  state               text not null check (state in ('ok', 'pending', 'firing', 'no-data', 'resolved')),
  since               timestamptz not null,
  clear_since         timestamptz,
  told                text check (told in ('firing', 'no-data')),
  told_at             timestamptz,
  value               double precision,
  detail              text,
  had_data            boolean not null,
  measured_at         timestamptz,
  evaluated_at        timestamptz not null,
  acknowledged_at     timestamptz,
  acknowledged_by     text,
  acknowledged_reason text,
  constraint alert_rule_states_told check ((told is null) = (told_at is null)),
  constraint alert_rule_states_acknowledged check (
    (acknowledged_at is null) = (acknowledged_by is null) and (acknowledged_at is null) = (acknowledged_reason is null))
);
comment on column alert_rule_states.clear_since is 'Since when a firing rule measures nothing wrong; it resolves when that lasts.';
comment on column alert_rule_states.told is 'What the last notice said; null after a recovery notice. Written in the transaction that raises the notice.';
comment on column alert_rule_states.measured_at is 'When the value was measured; rules over long windows are measured less often than they are evaluated.';

create table alert_rule_transitions (
  id         bigint generated always as identity primary key,
  rule       text not null,
  at         timestamptz not null,
  from_state text not null,
  to_state   text not null,
  value      double precision,
  threshold  double precision not null,
  detail     text,
  alert_id   bigint references alerts on delete set null
);
create index alert_rule_transitions_by_rule on alert_rule_transitions (rule, at desc, id desc);
create index alert_rule_transitions_by_time on alert_rule_transitions (at);
comment on column alert_rule_transitions.alert_id is 'The notice that was raised with it; null when people had nothing new to be told, or the rule was muted.';

create table alert_mutes (
  id        bigint generated always as identity primary key,
  rule      text not null,
  starts_at timestamptz not null,
  ends_at   timestamptz not null,
  actor     text not null,
  reason    text not null,
  ended_at  timestamptz,
  ended_by  text,
  ended_reason text,
  constraint alert_mutes_window check (starts_at < ends_at),
  constraint alert_mutes_ended check ((ended_at is null) = (ended_by is null) and (ended_at is null) = (ended_reason is null))
);
create index alert_mutes_by_rule on alert_mutes (rule, ends_at desc) where ended_at is null;
comment on table alert_mutes is 'While a window is open its rule is evaluated and raises no notice; afterwards people are told what is still true.';

create table gauges (
  gauge text not null,
  at    timestamptz not null,
  value double precision not null,
  primary key (gauge, at)
);
comment on table gauges is 'What no other table remembers, sampled each minute for two days: disk-used (share of the fullest disk) and backlog (files in raw-data).';
