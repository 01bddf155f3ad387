-- What a run was asked for: params of its pipeline, and whether its goals are computed in any case. Owner: engine.

alter table runs add column request jsonb not null default '{"params": {}}';
comment on column runs.request is '"params" as they were given to the pipeline. "forcedAfter", when the asked goals are computed although results stand: the newest claim token at that moment, so that only what was begun after the request counts.';
