create table training_parts (
  training text not null,
  part integer not null,
  member uuid not null,
  host text not null,
  port integer not null,
  seen_at timestamptz not null default clock_timestamp(),
  round uuid,
  secret text,
  primary key (training, part)
);
comment on table training_parts is 'Where the parts of trainings that run now listen. A part is removed when it ends; one that died stays until it is tried again.';
comment on column training_parts.training is 'Digest of what is trained on what: the parts of one model have the same.';
comment on column training_parts.seen_at is 'When the part last said that it waits; one that has not for long does not begin.';
comment on column training_parts.round is 'Set for all parts at once, when all wait: these train together.';
comment on column training_parts.secret is 'What the parts of a round prove to each other with.';
