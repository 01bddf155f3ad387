-- Whether a goal was skipped under the key that it has at present. Owner: engine.

create index task_runs_skipped on task_runs (key) where state = 'skipped';
