-- The audit log: who changed what, and who tried to. Owner: access.

create table audit_log (
  id         bigint generated always as identity primary key,
  at         timestamptz not null default clock_timestamp(),
  actor_kind text not null check (actor_kind in ('local', 'user', 'key', 'command', 'anonymous')),
  actor_id   text,
  actor      text not null,
  address    text,
  action     text not null,
  target     text,
  outcome    text not null check (outcome in ('done', 'refused', 'failed')),
  code       text,
  reason     text,
  before     jsonb,
  after      jsonb,
  request_id text,
  constraint audit_log_code check ((outcome = 'done') = (code is null))
);
create index audit_log_newest on audit_log (at, id);
create index audit_log_by_actor on audit_log (actor, at, id);
create index audit_log_by_action on audit_log (action, at, id);
comment on table audit_log is 'Append-only: a trigger refuses updates, and deletions of all but the retention.';
comment on column audit_log.before is 'What was so before, as JSON, without secrets.';
comment on column audit_log.after is 'What was asked for and what came of it, as JSON, without secrets.';

create function keep_audit_log() returns trigger language plpgsql set search_path from current as $$
begin
  if tg_op = 'DELETE' and current_setting('weir.audit_retention', true) = 'on' then
    return null;
  end if;
  raise exception 'The audit log is append-only: % is refused.', lower(tg_op) using errcode = 'insufficient_privilege';
end
$$;
create trigger audit_log_is_append_only before update or delete or truncate on audit_log
  for each statement execute function keep_audit_log();
comment on function keep_audit_log is 'The retention says in its transaction that it is it: set local weir.audit_retention = on.';
