-- Versions of results, what keeps them, and what was removed, re-keyed or found damaged. Owner: engine.

-- A commit no longer replaces the row of an earlier one: each is a version.
alter table manifests
  add column version bigint generated always as identity,
  add column accepted_from bigint,
  drop constraint manifests_pkey,
  add primary key (key, version);
create unique index manifests_by_version on manifests (version);
comment on table manifests is 'One row is one version of one goal, complete for all its outputs together. Never updated; only a collection removes it.';
comment on column manifests.version is 'Rises in the order of commits: drawn while the commit holds the lock on artifacts.';
comment on column manifests.accepted_from is 'The version whose outputs these are, when it was re-keyed to newer code without computing.';

alter table task_runs add column version bigint;
comment on column task_runs.version is 'The version of the goal that this task run made or found; null until it succeeded or was cached.';
create index runs_by_end on runs (ended_at desc) where ended_at is not null;

alter table claims add column claimed_at timestamptz not null default clock_timestamp();
comment on column claims.claimed_at is 'Nothing that its attempt stored is older than this.';

create table pins (
  id          bigint generated always as identity primary key,
  version     bigint,
  run_id      bigint,
  goal        text,
  actor       text not null,
  reason      text not null,
  pinned_at   timestamptz not null default clock_timestamp(),
  unpinned_at timestamptz,
  unpinned_by text,
  check (num_nonnulls(version, run_id) = 1),
  check ((unpinned_at is null) = (unpinned_by is null))
);
create index pins_now on pins (version, run_id) where unpinned_at is null;
comment on table pins is 'Versions, or all versions that a run made or found, that no collection removes, nor what they were made from. A pin that was taken back stays as the record of it.';
comment on column pins.goal is 'Identity of the goal of the pinned version.';

create table acceptances (
  id           bigint generated always as identity primary key,
  task         text not null,
  goal         text not null,
  from_code    text not null,
  to_code      text not null,
  from_key     text not null,
  to_key       text not null,
  from_version bigint not null,
  to_version   bigint not null,
  actor        text not null,
  reason       text not null,
  accepted_at  timestamptz not null default clock_timestamp()
);
create index acceptances_by_key on acceptances (to_key);
comment on table acceptances is 'Results that somebody declared to be what the current code would have made. One row each.';

create table collections (
  id           bigint generated always as identity primary key,
  actor        text not null,
  options      jsonb not null,
  seen_version bigint not null,
  is_dry_run   boolean not null,
  planned_at   timestamptz not null default clock_timestamp(),
  finished_at  timestamptz
);
comment on table collections is 'Plans of what to remove. A dry run ends with its plan; one that was begun and not finished goes on where it stopped.';
comment on column collections.seen_version is 'References of versions up to this one are known to the plan; those of newer ones are looked at before anything is removed.';

create table collection_items (
  collection_id bigint not null references collections on delete cascade,
  position      bigint generated always as identity,
  kind          text not null check (kind in ('version', 'blob', 'staged-file', 'attempt-folder', 'bundle')),
  name          text not null,
  version       bigint,
  digest        text,
  size_bytes    bigint not null default 0,
  detail        jsonb not null default '{}',
  reason        text not null,
  state         text not null default 'planned' check (state in ('planned', 'removing', 'removed', 'kept')),
  token         bigint,
  decided_at    timestamptz,
  kept_because  text,
  primary key (collection_id, position)
);
create index collection_items_by_digest on collection_items (digest) where kind = 'blob' and state in ('removing', 'removed');
create index collection_items_open on collection_items (collection_id, kind, position) where state in ('planned', 'removing');
create index collection_items_by_version on collection_items (version) where version is not null and state = 'removed';
comment on table collection_items is 'One row for each thing a collection wants to remove, and, once removed, the record of that.';
comment on column collection_items.name is 'What people know it by: a goal, a digest, a path.';
comment on column collection_items.token is 'Of a blob: drawn from claim_tokens once its bytes are gone. An attempt with a lower token may have stored it before that, so its commit is refused.';

create table incidents (
  id         bigint generated always as identity primary key,
  kind       text not null check (kind in ('damaged', 'missing')),
  digest     text not null,
  size_bytes bigint,
  found_by   text not null,
  action     text not null,
  goals      text[] not null default '{}',
  found_at   timestamptz not null default clock_timestamp()
);
create index incidents_by_time on incidents (found_at desc);
comment on table incidents is 'Stored bytes that were not what their digest says, or not there though a manifest names them.';
comment on column incidents.goals is 'Some of the goals whose results they were.';
