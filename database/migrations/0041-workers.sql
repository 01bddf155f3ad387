-- Workers on any number of machines, and what passes between them and the process that drives runs. Owner: engine.

create table workers (
  id uuid primary key,
  name text not null,
  version text not null,
  runtime text not null,
  labels text[] not null,
  slots integer not null check (slots > 0),
  running jsonb not null default '[]',
  ended bigint not null default 0,
  started_at timestamptz not null default clock_timestamp(),
  seen_at timestamptz not null default clock_timestamp(),
  draining_since timestamptz
);
comment on table workers is 'Processes of weir worker. One that was killed stays until it has been silent for an hour.';
comment on column workers.name is 'Host and process, as people find it.';
comment on column workers.runtime is 'What a worker brings itself, Weir and packages: only goals of this runtime come to it.';
comment on column workers.running is 'What it runs now: task, goal, run and since when.';
comment on column workers.ended is 'How many attempts it has ended.';
comment on column workers.draining_since is 'When it was asked to take nothing new and to end.';

create table worker_mail (
  id bigint generated always as identity,
  receiver uuid not null,
  delivery uuid not null,
  message json not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (receiver, id)
);
comment on table worker_mail is 'Messages about deliveries: questions, answers, reports, outcomes. Its receiver deletes what it has read.';
comment on column worker_mail.message is 'As text, because jsonb refuses characters that logs may have.';

create table code_bundles (
  digest text primary key,
  used_at timestamptz not null default clock_timestamp()
);
comment on table code_bundles is 'Artifacts with the built code of a project, which workers fetch. They stay while goals of them may be sent.';
