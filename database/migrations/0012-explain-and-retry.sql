-- Why results that were there did not answer, and which run is another try of which. Owner: engine.

alter table attempts add column unanswered jsonb;
comment on column attempts.unanswered is 'Why the results under its key did not answer: an output that was missing, or a need that answers otherwise. Null when there was none. The only part of "why it ran" that versions do not tell.';

alter table runs
  add column retry_of bigint references runs on delete set null,
  drop constraint runs_trigger_check,
  add constraint runs_trigger_check
    check (trigger in ('schedule', 'manual', 'start', 'alert', 'recovery', 'backfill', 'retry'));
comment on column runs.retry_of is 'The ended run whose goals this one was asked for again, with the same params and the same pins.';
