-- Generated from database/migrations: change nothing here, run "npm run generate".

create sequence weir.claim_tokens;

create table weir.alert_deliveries (
  alert_id bigint not null,
  channel text not null,
  state text not null,
  attempts integer default 0 not null,
  next_attempt_at timestamp with time zone default clock_timestamp() not null,
  last_error text,
  updated_at timestamp with time zone default clock_timestamp() not null,
  constraint alert_deliveries_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'accepted'::text, 'failed'::text]))),
  constraint alert_deliveries_alert_id_fkey FOREIGN KEY (alert_id) REFERENCES alerts(id) ON DELETE CASCADE,
  constraint alert_deliveries_pkey PRIMARY KEY (alert_id, channel)
);
CREATE INDEX alert_deliveries_due ON weir.alert_deliveries USING btree (next_attempt_at) WHERE (state = 'waiting'::text);
comment on column weir.alert_deliveries.state is 'accepted means the webhook answered 2xx; nothing more is known.';

create table weir.alerts (
  id bigint generated always as identity not null,
  dedupe_key text not null,
  kind text not null,
  criticality text not null,
  title text not null,
  summary text not null,
  facts jsonb default '[]'::jsonb not null,
  link text,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint alerts_criticality_check CHECK ((criticality = ANY (ARRAY['low'::text, 'medium'::text, 'high'::text]))),
  constraint alerts_pkey PRIMARY KEY (id),
  constraint alerts_dedupe_key_key UNIQUE (dedupe_key)
);
CREATE INDEX alerts_by_time ON weir.alerts USING btree (created_at DESC, id DESC);

create table weir.arrivals (
  id text not null,
  path text not null,
  digest text not null,
  size_bytes bigint not null,
  run_id bigint not null,
  drawn_at timestamp with time zone default clock_timestamp() not null,
  ended_at timestamp with time zone,
  outcome text,
  failures integer default 0 not null,
  constraint arrivals_check CHECK (((ended_at IS NULL) = (outcome IS NULL))),
  constraint arrivals_outcome_check CHECK ((outcome = ANY (ARRAY['ingested'::text, 'failed'::text, 'cancelled'::text]))),
  constraint arrivals_pkey PRIMARY KEY (id)
);
CREATE INDEX arrivals_by_content ON weir.arrivals USING btree (path, digest);
CREATE UNIQUE INDEX arrivals_live ON weir.arrivals USING btree (path) WHERE (ended_at IS NULL);
comment on table weir.arrivals is 'One row for each file drawn from raw-data. Two files with equal bytes are two arrivals.';
comment on column weir.arrivals.failures is 'How often the runs of this arrival failed. It is drawn again under the same id, so that what was placed is not placed twice.';

create table weir.attempts (
  id bigint generated always as identity not null,
  run_id bigint not null,
  goal text not null,
  number integer not null,
  token bigint not null,
  executor text not null,
  started_at timestamp with time zone default clock_timestamp() not null,
  ended_at timestamp with time zone,
  outcome text,
  error jsonb,
  log text,
  constraint attempts_outcome_check CHECK ((outcome = ANY (ARRAY['succeeded'::text, 'failed'::text, 'cancelled'::text, 'skipped'::text, 'lost'::text]))),
  constraint attempts_run_id_goal_fkey FOREIGN KEY (run_id, goal) REFERENCES task_runs(run_id, goal) ON DELETE CASCADE,
  constraint attempts_pkey PRIMARY KEY (id),
  constraint attempts_run_id_goal_number_key UNIQUE (run_id, goal, number)
);

create table weir.check_columns (
  check_id text not null,
  column_name text not null,
  null_count bigint not null,
  mean double precision,
  constraint check_columns_check_id_fkey FOREIGN KEY (check_id) REFERENCES checks(id) ON DELETE CASCADE,
  constraint check_columns_pkey PRIMARY KEY (check_id, column_name)
);
comment on table weir.check_columns is 'Per file and column, what the dashboards plot over time.';

create table weir.check_problems (
  check_id text not null,
  expectation text not null,
  column_name text,
  category text not null,
  severity text not null,
  row_count bigint not null,
  share double precision not null,
  sentence text not null,
  constraint check_problems_severity_check CHECK ((severity = ANY (ARRAY['warn'::text, 'fail'::text]))),
  constraint check_problems_check_id_fkey FOREIGN KEY (check_id) REFERENCES checks(id) ON DELETE CASCADE
);
CREATE INDEX check_problems_by_check ON weir.check_problems USING btree (check_id);
comment on column weir.check_problems.category is 'missing-column, missing-value, unknown-category, out-of-range, wrong-type, duplicate, format, distribution, schema, row, structure.';

create table weir.checks (
  id text not null,
  contract text not null,
  file text not null,
  digest text not null,
  size_bytes bigint not null,
  rows_in bigint not null,
  rows_good bigint not null,
  rows_bad bigint not null,
  rows_rejected bigint not null,
  verdict text not null,
  criticality text,
  summary text not null,
  duration_ms double precision not null,
  report_digest text,
  checked_at timestamp with time zone default clock_timestamp() not null,
  constraint checks_check CHECK (((verdict = 'quarantined'::text) OR (rows_in = ((rows_good + rows_bad) + rows_rejected)))),
  constraint checks_criticality_check CHECK ((criticality = ANY (ARRAY['low'::text, 'medium'::text, 'high'::text]))),
  constraint checks_verdict_check CHECK ((verdict = ANY (ARRAY['pass'::text, 'warn'::text, 'fail'::text, 'quarantined'::text]))),
  constraint checks_pkey PRIMARY KEY (id)
);
CREATE INDEX checks_by_time ON weir.checks USING btree (checked_at DESC, id);
comment on column weir.checks.id is 'The arrival id for ingested files, otherwise a fresh id.';
comment on column weir.checks.criticality is 'Null when nothing is wrong with the file.';

create table weir.claims (
  key text not null,
  token bigint not null,
  owner text not null,
  expires_at timestamp with time zone not null,
  constraint claims_pkey PRIMARY KEY (key)
);
comment on table weir.claims is 'Leases. The token fences: a commit whose token is no longer here is refused.';

create table weir.consumed_files (
  path text not null,
  digest text not null,
  run_id bigint not null,
  row_count bigint,
  consumed_at timestamp with time zone,
  model_version integer,
  contract text,
  identity text,
  unfit_count bigint default 0 not null,
  problem text,
  begun_at timestamp with time zone default clock_timestamp() not null,
  constraint consumed_files_counted CHECK (((consumed_at IS NULL) = (row_count IS NULL))),
  constraint consumed_files_pkey PRIMARY KEY (path, digest)
);
comment on table weir.consumed_files is 'The consumption ledger: which content of which file in good-data has been predicted, or is being.';
comment on column weir.consumed_files.consumed_at is 'Null while its rows are being predicted; what is then begun anew goes on with the same model version.';
comment on column weir.consumed_files.identity is 'Device, inode, size and times of the file whose content this is; null when they could not be trusted yet.';
comment on column weir.consumed_files.problem is 'Why not all rows were predicted; null when they were.';

create table weir.manifests (
  key text not null,
  trace_digest text default ''::text not null,
  goal text not null,
  task text not null,
  params jsonb not null,
  code text not null,
  inputs jsonb not null,
  outputs jsonb not null,
  trace jsonb default '[]'::jsonb not null,
  token bigint not null,
  run_id bigint,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint manifests_pkey PRIMARY KEY (key, trace_digest)
);
CREATE INDEX manifests_by_goal ON weir.manifests USING btree (goal, created_at DESC);
comment on table weir.manifests is 'One row makes one goal complete, for all its outputs together. Never updated in place except by a newer claim of the same key.';
comment on column weir.manifests.trace_digest is 'Digest of the trace, empty when nothing was needed at runtime: one key may have a result for each world it met.';

create table weir.migrations (
  number integer not null,
  name text not null,
  checksum text not null,
  applied_at timestamp with time zone default clock_timestamp() not null,
  constraint migrations_pkey PRIMARY KEY (number)
);

create table weir.model_versions (
  model text not null,
  version integer not null,
  estimator text not null,
  manifest jsonb not null,
  metrics jsonb not null,
  files jsonb not null,
  dataset_version text not null,
  training_key text not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint model_versions_pkey PRIMARY KEY (model, version),
  constraint model_versions_model_training_key_key UNIQUE (model, training_key)
);
comment on column weir.model_versions.files is 'File name to artifact digest: the model version as a folder.';
comment on column weir.model_versions.training_key is 'Key of the fit that made it, so registering twice registers once.';

create table weir.prediction_requests (
  request text not null,
  body_digest text not null,
  at timestamp with time zone default clock_timestamp() not null,
  constraint prediction_requests_pkey PRIMARY KEY (request)
);
comment on table weir.prediction_requests is 'Idempotency keys, written in the transaction that stores their predictions.';

create table weir.predictions (
  id bigint generated always as identity not null,
  at timestamp with time zone default clock_timestamp() not null,
  model text not null,
  model_version integer not null,
  source text not null,
  features jsonb not null,
  prediction jsonb not null,
  probability double precision,
  request text,
  row_number integer not null,
  constraint predictions_source_check CHECK ((source = ANY (ARRAY['webapp'::text, 'scheduled'::text, 'api'::text]))),
  constraint predictions_pkey PRIMARY KEY (id)
);
CREATE INDEX predictions_by_source ON weir.predictions USING btree (source, at DESC, id DESC);
CREATE INDEX predictions_by_time ON weir.predictions USING btree (at DESC, id DESC);
CREATE UNIQUE INDEX predictions_once ON weir.predictions USING btree (request, row_number) WHERE (request IS NOT NULL);

create table weir.promotions (
  id bigint generated always as identity not null,
  model text not null,
  alias text not null,
  version integer not null,
  previous integer,
  actor text not null,
  reason text not null,
  at timestamp with time zone default clock_timestamp() not null,
  constraint promotions_alias_check CHECK ((alias = ANY (ARRAY['champion'::text, 'challenger'::text]))),
  constraint promotions_model_version_fkey FOREIGN KEY (model, version) REFERENCES model_versions(model, version),
  constraint promotions_pkey PRIMARY KEY (id)
);
CREATE INDEX promotions_newest ON weir.promotions USING btree (model, alias, id DESC);
comment on table weir.promotions is 'Append-only. The newest row of an alias says what it points to, and any moment in the past can be asked.';

create table weir.runs (
  id bigint generated always as identity not null,
  pipeline text not null,
  state text not null,
  reason text,
  trigger text not null,
  params jsonb default '{}'::jsonb not null,
  goals jsonb,
  scheduled_for timestamp with time zone,
  created_at timestamp with time zone default clock_timestamp() not null,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  settled_at timestamp with time zone,
  constraint runs_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'succeeded'::text, 'failed'::text, 'cancelled'::text, 'skipped'::text]))),
  constraint runs_trigger_check CHECK ((trigger = ANY (ARRAY['schedule'::text, 'manual'::text, 'start'::text, 'alert'::text, 'recovery'::text]))),
  constraint runs_pkey PRIMARY KEY (id)
);
CREATE INDEX runs_by_pipeline ON weir.runs USING btree (pipeline, id DESC);
CREATE INDEX runs_by_time ON weir.runs USING btree (pipeline, created_at);
CREATE INDEX runs_live ON weir.runs USING btree (id) WHERE ((state = ANY (ARRAY['queued'::text, 'running'::text])) OR (settled_at IS NULL));
CREATE UNIQUE INDEX runs_once_per_tick ON weir.runs USING btree (pipeline, scheduled_for) WHERE (scheduled_for IS NOT NULL);
comment on column weir.runs.goals is 'Null until the pipeline has planned the run.';
comment on column weir.runs.settled_at is 'When the pipeline had tidied up after the run (for example removed the raw file); null means it is still owed.';

create table weir.sink_markers (
  goal text not null,
  output text not null,
  key text not null,
  token bigint not null,
  row_count bigint not null,
  written_at timestamp with time zone default clock_timestamp() not null,
  constraint sink_markers_pkey PRIMARY KEY (goal, output)
);
comment on table weir.sink_markers is 'Written in the same transaction as the rows a goal owns; completeness asks for it. One per goal, because the rows of a newer key replace those of an older one.';

create table weir.task_runs (
  run_id bigint not null,
  goal text not null,
  "position" bigint generated always as identity not null,
  task text not null,
  params jsonb not null,
  needs text[] default '{}'::text[] not null,
  state text not null,
  reason text,
  key text,
  attempts integer default 0 not null,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  constraint task_runs_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'succeeded'::text, 'cached'::text, 'failed'::text, 'cancelled'::text, 'skipped'::text]))),
  constraint task_runs_run_id_fkey FOREIGN KEY (run_id) REFERENCES runs(id) ON DELETE CASCADE,
  constraint task_runs_pkey PRIMARY KEY (run_id, goal)
);
comment on column weir.task_runs.goal is 'Identity of the goal inside the run: digest of task name and canonical params, known before any input is.';
