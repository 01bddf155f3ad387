-- Runs are driven under a lease; waits across runs; why a task run has no outputs. Owner: engine.

alter table runs add column owner text;
alter table runs add column expires_at timestamptz;
alter table runs add column cancel_reason text;
comment on column runs.owner is 'The engine process that drives the run; null when none does.';
comment on column runs.expires_at is 'Until when the owner has the run to itself. It is renewed while the run lives; once it has passed, whichever engine looks first takes the run over.';
comment on column runs.cancel_reason is 'Asked for by any process; the owner cancels the run at its next heartbeat. Null while nobody has asked.';

alter table task_runs add column cause text check (cause in ('failed', 'cancelled', 'skipped'));
comment on column task_runs.cause is 'Why there are no outputs: the gravest of what it and its needs met. A task run that was skipped because another failed has the state skipped and the cause failed. Null while it may still have outputs, and when it has.';
comment on column task_runs.needs is 'Goals it reads: those its params name, then those that its runtime inputs and its attempts found, as they are found.';

alter table attempts drop constraint attempts_outcome_check;
alter table attempts add constraint attempts_outcome_check
  check (outcome in ('succeeded', 'failed', 'cancelled', 'skipped', 'lost', 'parked'));
comment on column attempts.outcome is 'Null while it runs. lost: its process, its claim or its engine went away. parked: it was ended because too many attempts waited for needs; the next one finds those answered.';

create table waits (
  waiter text not null,
  token  bigint not null,
  needed text not null,
  label  text not null,
  primary key (waiter, token, needed)
);
comment on table waits is 'The wait-for graph across runs: an attempt waits for a claim that another run or process holds. Within one run its engine knows. A row counts while the claim of the waiter stands, so those of dead attempts vanish with their claims.';
comment on column waits.waiter is 'Key of the claim that the waiting attempt holds.';
comment on column waits.token is 'Token of that claim.';
comment on column waits.needed is 'Key of the claim it waits for.';
comment on column waits.label is 'The waiting goal as people read it.';
