-- What sources listed, what runs saw of them, and what is stale because a partition was removed. Owner: engine.

create sequence source_listing_numbers;
create table source_listings (
  source     text not null,
  number     bigint not null,
  digest     text not null,
  recorded_at timestamptz not null default clock_timestamp(),
  primary key (source, number)
);
comment on table source_listings is 'One row each time a source listed something else than before. The newest is what is known of it now.';
comment on column source_listings.number is 'Drawn before the source is asked, so a listing that began earlier never replaces one that began later.';
comment on column source_listings.digest is 'Of what the source said, which may lack partitions whose removal is not confirmed.';

create table source_partitions (
  source text not null,
  name   text not null,
  digest text not null,
  since  bigint not null,
  until  bigint,
  primary key (source, name, since),
  check (until > since)
);
create unique index source_partitions_now on source_partitions (source, name) where until is null;
comment on table source_partitions is 'Listing n of a source is every row with since <= n and (until is null or until > n). A name without an open row is a tombstone.';
comment on column source_partitions.digest is 'SHA-256 of the content.';
comment on column source_partitions.until is 'The first listing that no longer showed this; null while it is so.';

create table source_removals (
  id              bigint generated always as identity primary key,
  source          text not null,
  names           text[] not null,
  partition_count bigint not null,
  state           text not null check (state in ('waiting', 'confirmed', 'withdrawn')),
  found_at        timestamptz not null default clock_timestamp(),
  decided_at      timestamptz,
  actor           text,
  reason          text,
  check ((state = 'waiting') = (decided_at is null))
);
create unique index source_removals_waiting on source_removals (source) where state = 'waiting';
comment on table source_removals is 'Removals too large to be believed at once. Nothing changes while one waits; it is withdrawn when the source shows the partitions again, or lacks others.';
comment on column source_removals.partition_count is 'How many partitions were known when the names were missing.';

create table run_pins (
  run_id  bigint not null references runs on delete cascade,
  source  text not null,
  listing bigint not null,
  warning text,
  primary key (run_id, source)
);
comment on table run_pins is 'The listing of a source that a run sees until its end, also after a crash.';
comment on column run_pins.warning is 'Why the run sees an older listing than it asked for, or partitions that the source no longer showed.';

create table stale_goals (
  goal      text primary key,
  task      text not null,
  params    jsonb not null,
  reason    text not null,
  source    text not null,
  partition text not null,
  since     timestamptz not null default clock_timestamp()
);
create index stale_goals_by_source on stale_goals (source, partition);
comment on table stale_goals is 'Goals that cannot be computed again, because a partition they name, or all they are made from, was removed. Says nothing of completeness.';
comment on column stale_goals.partition is 'The removed partition that is the reason; there may be more.';

create table goal_uses (
  used      text not null,
  goal      text not null,
  is_static boolean not null,
  primary key (used, goal)
);
create index goal_uses_by_goal on goal_uses (goal);
comment on table goal_uses is 'What the newest result of a goal was made from, for goals that come from a source: the way that staleness takes.';
comment on column goal_uses.is_static is 'Its params alone say that it needs this.';
