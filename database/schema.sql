-- Generated from database/migrations: change nothing here, run "npm run generate".

create sequence weir.claim_tokens;
create sequence weir.source_listing_numbers;

create table weir.acceptances (
  id bigint generated always as identity not null,
  task text not null,
  goal text not null,
  from_code text not null,
  to_code text not null,
  from_key text not null,
  to_key text not null,
  from_version bigint not null,
  to_version bigint not null,
  actor text not null,
  reason text not null,
  accepted_at timestamp with time zone default clock_timestamp() not null,
  constraint acceptances_pkey PRIMARY KEY (id)
);
CREATE INDEX acceptances_by_key ON weir.acceptances USING btree (to_key);
comment on table weir.acceptances is 'Results that somebody declared to be what the current code would have made. One row each.';

create table weir.alert_attempts (
  alert_id bigint not null,
  channel text not null,
  attempt integer not null,
  started_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  outcome text,
  error text,
  constraint alert_attempts_check CHECK (((ended_at IS NULL) = (outcome IS NULL))),
  constraint alert_attempts_outcome_check CHECK ((outcome = ANY (ARRAY['accepted'::text, 'refused'::text, 'unavailable'::text]))),
  constraint alert_attempts_alert_id_channel_fkey FOREIGN KEY (alert_id, channel) REFERENCES alert_deliveries(alert_id, channel) ON DELETE CASCADE,
  constraint alert_attempts_pkey PRIMARY KEY (alert_id, channel, attempt)
);
CREATE INDEX alert_attempts_by_time ON weir.alert_attempts USING btree (started_at);
comment on table weir.alert_attempts is 'One row for each request to a channel. Without an outcome it is being sent, or its process ended before the outcome was recorded.';

create table weir.alert_channels (
  name text not null,
  state text default 'closed'::text not null,
  failures integer default 0 not null,
  failing_since timestamp with time zone,
  opened_at timestamp with time zone,
  next_probe_at timestamp with time zone,
  last_error text,
  constraint alert_channels_check CHECK (((state = 'closed'::text) = (opened_at IS NULL))),
  constraint alert_channels_check1 CHECK (((state = 'closed'::text) = (next_probe_at IS NULL))),
  constraint alert_channels_check2 CHECK (((failures = 0) = (failing_since IS NULL))),
  constraint alert_channels_state_check CHECK ((state = ANY (ARRAY['closed'::text, 'open'::text, 'half-open'::text]))),
  constraint alert_channels_pkey PRIMARY KEY (name)
);
comment on table weir.alert_channels is 'The circuit breaker of each channel that has failed. Failures are those in a row; an open channel gets one delivery as a probe when its time has come.';

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

create table weir.alert_mutes (
  id bigint generated always as identity not null,
  rule text not null,
  starts_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  actor text not null,
  reason text not null,
  ended_at timestamp with time zone,
  ended_by text,
  ended_reason text,
  constraint alert_mutes_ended CHECK ((((ended_at IS NULL) = (ended_by IS NULL)) AND ((ended_at IS NULL) = (ended_reason IS NULL)))),
  constraint alert_mutes_window CHECK ((starts_at < ends_at)),
  constraint alert_mutes_pkey PRIMARY KEY (id)
);
CREATE INDEX alert_mutes_by_rule ON weir.alert_mutes USING btree (rule, ends_at DESC) WHERE (ended_at IS NULL);
comment on table weir.alert_mutes is 'While a window is open its rule is evaluated and raises no notice; afterwards people are told what is still true.';

create table weir.alert_rule_changes (
  id bigint generated always as identity not null,
  rule text not null,
  fields jsonb not null,
  actor text not null,
  reason text not null,
  at timestamp with time zone default clock_timestamp() not null,
  constraint alert_rule_changes_pkey PRIMARY KEY (id)
);
CREATE INDEX alert_rule_changes_newest ON weir.alert_rule_changes USING btree (rule, id DESC);
comment on table weir.alert_rule_changes is 'Append-only. The newest row of a rule says what people set differently from its default and the settings; an empty object means nothing.';

create table weir.alert_rule_states (
  rule text not null,
  state text not null,
  since timestamp with time zone not null,
  clear_since timestamp with time zone,
  told text,
  told_at timestamp with time zone,
  value double precision,
  detail text,
  had_data boolean not null,
  measured_at timestamp with time zone,
  evaluated_at timestamp with time zone not null,
  acknowledged_at timestamp with time zone,
  acknowledged_by text,
  acknowledged_reason text,
  constraint alert_rule_states_acknowledged CHECK ((((acknowledged_at IS NULL) = (acknowledged_by IS NULL)) AND ((acknowledged_at IS NULL) = (acknowledged_reason IS NULL)))),
  constraint alert_rule_states_state_check CHECK ((state = ANY (ARRAY['ok'::text, 'pending'::text, 'firing'::text, 'no-data'::text, 'resolved'::text]))),
  constraint alert_rule_states_told CHECK (((told IS NULL) = (told_at IS NULL))),
  constraint alert_rule_states_told_check CHECK ((told = ANY (ARRAY['firing'::text, 'no-data'::text]))),
  constraint alert_rule_states_pkey PRIMARY KEY (rule)
);
comment on column weir.alert_rule_states.clear_since is 'Since when a firing rule measures nothing wrong; it resolves when that lasts.';
comment on column weir.alert_rule_states.told is 'What the last notice said; null after a recovery notice. Written in the transaction that raises the notice.';
comment on column weir.alert_rule_states.measured_at is 'When the value was measured; rules over long windows are measured less often than they are evaluated.';

create table weir.alert_rule_transitions (
  id bigint generated always as identity not null,
  rule text not null,
  at timestamp with time zone not null,
  from_state text not null,
  to_state text not null,
  value double precision,
  threshold double precision not null,
  detail text,
  alert_id bigint,
  constraint alert_rule_transitions_alert_id_fkey FOREIGN KEY (alert_id) REFERENCES alerts(id) ON DELETE SET NULL,
  constraint alert_rule_transitions_pkey PRIMARY KEY (id)
);
CREATE INDEX alert_rule_transitions_by_alert ON weir.alert_rule_transitions USING btree (alert_id) WHERE (alert_id IS NOT NULL);
CREATE INDEX alert_rule_transitions_by_rule ON weir.alert_rule_transitions USING btree (rule, at DESC, id DESC);
CREATE INDEX alert_rule_transitions_by_time ON weir.alert_rule_transitions USING btree (at);
comment on column weir.alert_rule_transitions.alert_id is 'The notice that was raised with it; null when people had nothing new to be told, or the rule was muted.';

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
  state text default 'firing'::text not null,
  incident_key text,
  rule_name text,
  group_name text,
  is_held boolean default false not null,
  grouped_into bigint,
  run_id bigint,
  constraint alerts_criticality_check CHECK ((criticality = ANY (ARRAY['low'::text, 'medium'::text, 'high'::text]))),
  constraint alerts_state_check CHECK ((state = ANY (ARRAY['firing'::text, 'resolved'::text]))),
  constraint alerts_grouped_into_fkey FOREIGN KEY (grouped_into) REFERENCES alerts(id) ON DELETE SET NULL,
  constraint alerts_pkey PRIMARY KEY (id),
  constraint alerts_dedupe_key_key UNIQUE (dedupe_key)
);
CREATE INDEX alerts_by_group ON weir.alerts USING btree (grouped_into) WHERE (grouped_into IS NOT NULL);
CREATE INDEX alerts_by_time ON weir.alerts USING btree (created_at DESC, id DESC);
CREATE INDEX alerts_held ON weir.alerts USING btree (created_at) WHERE is_held;
comment on column weir.alerts.incident_key is 'Shared by the alert of a problem and the one of its end; null means the dedupe key.';
comment on column weir.alerts.is_held is 'An alert of a file that waits to be sent with others in one notice, so that many bad files are few notices.';
comment on column weir.alerts.grouped_into is 'The notice that an alert which was held was sent with.';
comment on column weir.alerts.run_id is 'The run that it is about: that checked the file, that failed, or the last one of a pipeline that is late; null when it is about none.';

create table weir.api_keys (
  id bigint generated always as identity not null,
  prefix text not null,
  name text not null,
  role text not null,
  digest bytea not null,
  created_at timestamp with time zone default now() not null,
  created_by text not null,
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  revoked_by text,
  constraint api_keys_check CHECK (((revoked_at IS NULL) = (revoked_by IS NULL))),
  constraint api_keys_digest_check CHECK ((length(digest) = 32)),
  constraint api_keys_role_check CHECK ((role = ANY (ARRAY['viewer'::text, 'operator'::text, 'admin'::text]))),
  constraint api_keys_pkey PRIMARY KEY (id),
  constraint api_keys_prefix_key UNIQUE (prefix)
);
comment on table weir.api_keys is 'Keys of programs. The key itself is not stored: digest is the SHA-256 of its 256 random bits.';
comment on column weir.api_keys.prefix is 'The part of a key by which people tell it from others; it is no secret.';
comment on column weir.api_keys.last_used_at is 'To the minute.';

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
  batch uuid,
  unanswered jsonb,
  constraint attempts_outcome_check CHECK ((outcome = ANY (ARRAY['succeeded'::text, 'failed'::text, 'cancelled'::text, 'skipped'::text, 'lost'::text, 'parked'::text]))),
  constraint attempts_pkey PRIMARY KEY (id),
  constraint attempts_run_id_goal_number_key UNIQUE (run_id, goal, number)
);
comment on column weir.attempts.outcome is 'Null while it runs. lost: its process, its claim or its engine went away. parked: it was ended because too many attempts waited for needs; the next one finds those answered.';
comment on column weir.attempts.batch is 'The execution it shared with other goals; null when its task is not batched. Those lost together are tried again in halves, also by another process.';
comment on column weir.attempts.unanswered is 'Why the results under its key did not answer: an output that was missing, or a need that answers otherwise. Null when there was none. The only part of "why it ran" that versions do not tell.';

create table weir.audit_log (
  id bigint generated always as identity not null,
  at timestamp with time zone default clock_timestamp() not null,
  actor_kind text not null,
  actor_id text,
  actor text not null,
  address text,
  action text not null,
  target text,
  outcome text not null,
  code text,
  reason text,
  before jsonb,
  after jsonb,
  request_id text,
  constraint audit_log_actor_kind_check CHECK ((actor_kind = ANY (ARRAY['local'::text, 'user'::text, 'key'::text, 'command'::text, 'anonymous'::text]))),
  constraint audit_log_code CHECK (((outcome = 'done'::text) = (code IS NULL))),
  constraint audit_log_outcome_check CHECK ((outcome = ANY (ARRAY['done'::text, 'refused'::text, 'failed'::text]))),
  constraint audit_log_pkey PRIMARY KEY (id)
);
CREATE INDEX audit_log_by_action ON weir.audit_log USING btree (action, at, id);
CREATE INDEX audit_log_by_actor ON weir.audit_log USING btree (actor, at, id);
CREATE INDEX audit_log_newest ON weir.audit_log USING btree (at, id);
comment on table weir.audit_log is 'Append-only: a trigger refuses updates, and deletions of all but the retention.';
comment on column weir.audit_log.before is 'What was so before, as JSON, without secrets.';
comment on column weir.audit_log.after is 'What was asked for and what came of it, as JSON, without secrets.';

create table weir.check_columns (
  check_id text not null,
  column_name text not null,
  null_count bigint not null,
  mean double precision,
  constraint check_columns_check_id_fkey FOREIGN KEY (check_id) REFERENCES checks(id) ON DELETE CASCADE,
  constraint check_columns_pkey PRIMARY KEY (check_id, column_name)
);
comment on table weir.check_columns is 'Per file and column, what the dashboards plot over time.';

create table weir.check_counts_arrived (
  minute timestamp with time zone not null,
  source text not null,
  verdict text not null,
  criticality text not null,
  files bigint not null,
  size_bytes numeric not null,
  rows_in numeric not null,
  rows_valid numeric not null,
  rows_invalid numeric not null,
  files_again bigint default 0 not null
);

create table weir.check_counts_folded (
  width interval not null,
  at timestamp with time zone not null,
  source text not null,
  verdict text not null,
  criticality text not null,
  files bigint not null,
  size_bytes numeric not null,
  rows_in numeric not null,
  rows_valid numeric not null,
  rows_invalid numeric not null,
  files_again bigint default 0 not null,
  constraint check_counts_folded_pkey PRIMARY KEY (width, at, source, verdict, criticality)
);

create table weir.check_problems (
  check_id text not null,
  expectation text not null,
  column_name text,
  category text not null,
  severity text not null,
  row_count bigint not null,
  share double precision not null,
  sentence text not null,
  examples jsonb default '[]'::jsonb not null,
  constraint check_problems_severity_check CHECK ((severity = ANY (ARRAY['warn'::text, 'fail'::text]))),
  constraint check_problems_check_id_fkey FOREIGN KEY (check_id) REFERENCES checks(id) ON DELETE CASCADE
);
CREATE INDEX check_problems_by_check ON weir.check_problems USING btree (check_id);
comment on column weir.check_problems.category is 'missing-column, missing-value, unknown-category, out-of-range, wrong-type, duplicate, format, distribution, schema, row, structure.';
comment on column weir.check_problems.examples is 'A few rows at most: line, and the values as they stand in the file; null for a value of a sensitive column.';

create table weir.check_receipts (
  path text not null,
  digest text not null,
  contract text not null,
  rows_digest text not null,
  row_count bigint not null,
  checked_at timestamp with time zone default clock_timestamp() not null,
  constraint check_receipts_pkey PRIMARY KEY (path, digest, contract)
);
comment on table weir.check_receipts is 'Files in good-data that Weir checked and placed: every row of these bytes keeps this contract. Removed once the file is predicted.';
comment on column weir.check_receipts.rows_digest is 'Digest of the good rows as the check wrote them: of the file itself, or of an artifact when the file is in a format of its own.';

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
CREATE INDEX checks_by_contract ON weir.checks USING btree (contract, checked_at);
CREATE INDEX checks_by_file ON weir.checks USING btree (file, id);
CREATE INDEX checks_by_file_and_time ON weir.checks USING btree (file, checked_at, id);
CREATE INDEX checks_by_rows ON weir.checks USING btree (rows_in, id);
CREATE INDEX checks_by_time ON weir.checks USING btree (checked_at DESC, id);
CREATE INDEX checks_by_unusable ON weir.checks USING btree ((
CASE
    WHEN (verdict = 'quarantined'::text) THEN (1)::double precision
    WHEN (rows_in = 0) THEN (0)::double precision
    ELSE (((rows_bad + rows_rejected))::double precision / (rows_in)::double precision)
END), id);
CREATE INDEX checks_by_verdict ON weir.checks USING btree (verdict, checked_at);
CREATE INDEX checks_quarantined ON weir.checks USING btree (checked_at) INCLUDE (file) WHERE (verdict = 'quarantined'::text);
comment on column weir.checks.id is 'The arrival id for ingested files, otherwise a fresh id.';
comment on column weir.checks.criticality is 'Null when nothing is wrong with the file.';

create table weir.claims (
  key text not null,
  token bigint not null,
  owner text not null,
  expires_at timestamp with time zone not null,
  claimed_at timestamp with time zone default clock_timestamp() not null,
  constraint claims_pkey PRIMARY KEY (key)
);
comment on table weir.claims is 'Leases. The token fences: a commit whose token is no longer here is refused.';
comment on column weir.claims.claimed_at is 'Nothing that its attempt stored is older than this.';

create table weir.code_bundles (
  digest text not null,
  used_at timestamp with time zone default clock_timestamp() not null,
  constraint code_bundles_pkey PRIMARY KEY (digest)
);
comment on table weir.code_bundles is 'Artifacts with the built code of a project, which workers fetch. They stay while goals of them may be sent.';

create table weir.collection_items (
  collection_id bigint not null,
  "position" bigint generated always as identity not null,
  kind text not null,
  name text not null,
  version bigint,
  digest text,
  size_bytes bigint default 0 not null,
  detail jsonb default '{}'::jsonb not null,
  reason text not null,
  state text default 'planned'::text not null,
  token bigint,
  decided_at timestamp with time zone,
  kept_because text,
  constraint collection_items_kind_check CHECK ((kind = ANY (ARRAY['version'::text, 'blob'::text, 'placed-file'::text, 'rows'::text, 'staged-file'::text, 'attempt-folder'::text, 'bundle'::text]))),
  constraint collection_items_state_check CHECK ((state = ANY (ARRAY['planned'::text, 'removing'::text, 'removed'::text, 'kept'::text]))),
  constraint collection_items_collection_id_fkey FOREIGN KEY (collection_id) REFERENCES collections(id) ON DELETE CASCADE,
  constraint collection_items_pkey PRIMARY KEY (collection_id, "position")
);
CREATE INDEX collection_items_by_digest ON weir.collection_items USING btree (digest) WHERE ((kind = 'blob'::text) AND (state = ANY (ARRAY['removing'::text, 'removed'::text])));
CREATE INDEX collection_items_by_version ON weir.collection_items USING btree (version) WHERE ((version IS NOT NULL) AND (state = 'removed'::text));
CREATE INDEX collection_items_open ON weir.collection_items USING btree (collection_id, kind, "position") WHERE (state = ANY (ARRAY['planned'::text, 'removing'::text]));
comment on table weir.collection_items is 'One row for each thing a collection wants to remove, and, once removed, the record of that.';
comment on column weir.collection_items.name is 'What people know it by: a goal, a digest, a path.';
comment on column weir.collection_items.token is 'Of a blob: drawn from claim_tokens once its bytes are gone. An attempt with a lower token may have stored it before that, so its commit is refused. Of rows: drawn when their version goes, so that they are removed only while nobody has written there since.';
comment on column weir.collection_items.kept_because is 'Why it stays; while it is being removed, why the last try failed.';

create table weir.collections (
  id bigint generated always as identity not null,
  actor text not null,
  options jsonb not null,
  seen_version bigint not null,
  is_dry_run boolean not null,
  planned_at timestamp with time zone default clock_timestamp() not null,
  finished_at timestamp with time zone,
  constraint collections_pkey PRIMARY KEY (id)
);
comment on table weir.collections is 'Plans of what to remove. A dry run ends with its plan; one that was begun and not finished goes on where it stopped.';
comment on column weir.collections.seen_version is 'References of versions up to this one are known to the plan; those of newer ones are looked at before anything is removed.';

create table weir.column_counts_arrived (
  minute timestamp with time zone not null,
  source text not null,
  column_name text not null,
  files bigint not null,
  rows_in numeric not null,
  nulls numeric not null,
  numbers numeric not null,
  total double precision not null
);

create table weir.column_counts_folded (
  width interval not null,
  at timestamp with time zone not null,
  source text not null,
  column_name text not null,
  files bigint not null,
  rows_in numeric not null,
  nulls numeric not null,
  numbers numeric not null,
  total double precision not null,
  constraint column_counts_folded_pkey PRIMARY KEY (width, at, source, column_name)
);

create table weir.confidence_hours_folded (
  hour timestamp with time zone not null,
  model text not null,
  model_version integer not null,
  confidence smallint not null,
  number bigint not null,
  constraint confidence_hours_folded_pkey PRIMARY KEY (hour, model, model_version, confidence)
);

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

create table weir.dataset_versions (
  model text not null,
  version integer not null,
  digest text not null,
  size_bytes bigint not null,
  contract text not null,
  rows bigint not null,
  unlabelled bigint not null,
  replaced bigint not null,
  added bigint not null,
  removed bigint not null,
  changed bigint not null,
  parts jsonb not null,
  run_id bigint not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint dataset_versions_pkey PRIMARY KEY (model, version),
  constraint dataset_versions_model_digest_key UNIQUE (model, digest)
);
CREATE INDEX dataset_versions_by_digest ON weir.dataset_versions USING btree (digest);
comment on table weir.dataset_versions is 'The same rows are the same version, whichever run collected them first. added, removed and changed count against the version before.';
comment on column weir.dataset_versions.parts is 'What each source gave: kind, description, files, rows, and rows that broke the contract.';

create table weir.drift_files (
  check_id text not null,
  model text not null,
  model_version integer,
  at timestamp with time zone not null,
  newest_at timestamp with time zone not null,
  arrived_at timestamp with time zone not null,
  row_count bigint not null,
  window_id bigint,
  problem text,
  constraint drift_files_window_id_fkey FOREIGN KEY (window_id) REFERENCES drift_windows(id) ON DELETE CASCADE,
  constraint drift_files_pkey PRIMARY KEY (check_id, model, at)
);
CREATE INDEX drift_files_arrived ON weir.drift_files USING btree (model, arrived_at DESC);
CREATE INDEX drift_files_by_window ON weir.drift_files USING btree (window_id) WHERE (window_id IS NOT NULL);
CREATE INDEX drift_files_newest ON weir.drift_files USING btree (model, newest_at DESC);
CREATE INDEX drift_files_unjudged ON weir.drift_files USING btree (model, model_version, at) WHERE (window_id IS NULL);
comment on table weir.drift_files is 'Rows of each arrived file by the step of event time that they belong to, and the window they were judged in.';
comment on column weir.drift_files.model_version is 'The champion when the file arrived; null when there was none, and then nothing is judged.';
comment on column weir.drift_files.newest_at is 'The newest time among these rows.';
comment on column weir.drift_files.window_id is 'Null until the window is judged; of late rows the window that was judged without them.';
comment on column weir.drift_files.problem is 'Why the rows could not be read; null when they were.';

create table weir.drift_scores (
  window_id bigint not null,
  subject text not null,
  column_name text not null,
  kind text not null,
  test text not null,
  reference_rows bigint not null,
  current_rows bigint not null,
  effect double precision not null,
  effect_min double precision not null,
  p_value double precision,
  p_value_max double precision,
  threshold double precision,
  stability_index double precision,
  stability_threshold double precision,
  importance double precision,
  verdict text not null,
  drifted_windows integer not null,
  is_sustained boolean not null,
  bins jsonb default '[]'::jsonb not null,
  examples jsonb default '[]'::jsonb not null,
  reference_mean double precision,
  current_mean double precision,
  reference_quantiles double precision[],
  current_quantiles double precision[],
  outside_share double precision,
  constraint drift_scores_kind_check CHECK ((kind = ANY (ARRAY['distribution'::text, 'missing'::text, 'new-category'::text, 'skew'::text]))),
  constraint drift_scores_subject_check CHECK ((subject = ANY (ARRAY['feature'::text, 'prediction'::text, 'confidence'::text]))),
  constraint drift_scores_verdict_check CHECK ((verdict = ANY (ARRAY['stable'::text, 'drifted'::text]))),
  constraint drift_scores_window_id_fkey FOREIGN KEY (window_id) REFERENCES drift_windows(id) ON DELETE CASCADE,
  constraint drift_scores_pkey PRIMARY KEY (window_id, subject, column_name, kind)
);
CREATE INDEX drift_scores_over_time ON weir.drift_scores USING btree (window_id, kind) INCLUDE (subject, column_name, effect, threshold, outside_share);
comment on table weir.drift_scores is 'One row for each comparison of a judged window with the reference.';
comment on column weir.drift_scores.subject is 'A feature by its name, what was predicted, or the probability of the predicted class.';
comment on column weir.drift_scores.kind is 'distribution: of the values. missing: share of empty cells. new-category: categories that training did not have. skew: a stored prediction that its model version does not repeat.';
comment on column weir.drift_scores.effect is 'From 0, equal, to 1. Independent of the number of rows.';
comment on column weir.drift_scores.p_value_max is 'Up to this probability a difference is significant, after correction for all comparisons of the window.';
comment on column weir.drift_scores.threshold is 'From this effect on it is drift: the smallest that is significant for these numbers of rows, and at least effect_min.';
comment on column weir.drift_scores.stability_threshold is 'The stability index that chance alone exceeds in the stated share of windows of this size.';
comment on column weir.drift_scores.importance is 'Share of the model''s error that is due to the column, by permutation on the test rows; null for what is no feature.';
comment on column weir.drift_scores.drifted_windows is 'In how many of the last n windows this comparison drifted, this one included.';
comment on column weir.drift_scores.bins is 'Rows by bin: [{"kind": "range", "from", "to"} or {"kind": "category", "name", "isNew"} or {"kind": "others", "categories"}, each with "reference", "current", "stability"]. Empty for a sensitive column.';
comment on column weir.drift_scores.examples is 'Of skew: predictions that differ, with the stored value and what the version predicts now.';
comment on column weir.drift_scores.reference_mean is 'Of the distribution of numbers; means and quantiles are null for what is no number and for a sensitive column.';
comment on column weir.drift_scores.reference_quantiles is 'Up to which value a tenth, a half and nine tenths lie; current_quantiles are those of the window.';
comment on column weir.drift_scores.outside_share is 'Share of the values of the window that are out of the range of the reference, or of a category that it does not have.';

create table weir.drift_windows (
  id bigint generated always as identity not null,
  model text not null,
  model_version integer not null,
  stream text not null,
  from_at timestamp with time zone not null,
  to_at timestamp with time zone not null,
  status text not null,
  verdict text,
  is_sustained boolean default false not null,
  sustained_k integer not null,
  sustained_n integer not null,
  row_count bigint not null,
  late_count bigint default 0 not null,
  sentence text not null,
  unjudged jsonb default '[]'::jsonb not null,
  files jsonb default '[]'::jsonb not null,
  run_id bigint not null,
  judged_at timestamp with time zone default clock_timestamp() not null,
  challenger_version integer,
  challenger_rows integer,
  challenger_difference double precision,
  constraint drift_windows_check CHECK ((from_at < to_at)),
  constraint drift_windows_check1 CHECK (((status = 'judged'::text) = (verdict IS NOT NULL))),
  constraint drift_windows_status_check CHECK ((status = ANY (ARRAY['judged'::text, 'too-few-rows'::text, 'no-reference'::text]))),
  constraint drift_windows_stream_check CHECK ((stream = ANY (ARRAY['data'::text, 'predictions'::text]))),
  constraint drift_windows_verdict_check CHECK ((verdict = ANY (ARRAY['stable'::text, 'drifted'::text]))),
  constraint drift_windows_pkey PRIMARY KEY (id),
  constraint drift_windows_model_model_version_stream_from_at_key UNIQUE (model, model_version, stream, from_at)
);
CREATE INDEX drift_windows_by_time ON weir.drift_windows USING btree (model, stream, to_at DESC, id DESC);
comment on table weir.drift_windows is 'One row for each window that was judged against the training rows of a model version. A window has from_at and not to_at; it never changes, but for late_count.';
comment on column weir.drift_windows.model_version is 'The champion when the rows arrived, or the version that predicted.';
comment on column weir.drift_windows.stream is 'data: good rows of files, by their time or else the arrival of the file. predictions: features as they were served and what was predicted, by the time of the prediction.';
comment on column weir.drift_windows.status is 'too-few-rows: fewer than a verdict needs, even after merging with the windows that followed. no-reference: the version was registered without a reference.';
comment on column weir.drift_windows.is_sustained is 'Whether some comparison drifted in sustained_k of the last sustained_n judged windows of its version and stream, this one included: what alerts are about.';
comment on column weir.drift_windows.late_count is 'Rows that arrived after the window was judged; they are in no verdict.';
comment on column weir.drift_windows.unjudged is 'Columns without a verdict, and why: [{"column", "reason"}].';
comment on column weir.drift_windows.files is 'Files whose rows are in the window: [{"check", "rows"}].';
comment on column weir.drift_windows.challenger_version is 'The challenger when the window was judged; null without one, for the challenger''s own windows, and for arriving data.';
comment on column weir.drift_windows.challenger_rows is 'How many predictions of the window it made again.';
comment on column weir.drift_windows.challenger_difference is 'Share of them with another class, 0 to 1; of numbers the mean absolute difference, in the unit of the label.';

create table weir.gauges (
  gauge text not null,
  at timestamp with time zone not null,
  value double precision not null,
  constraint gauges_pkey PRIMARY KEY (gauge, at)
);
comment on table weir.gauges is 'What no other table remembers, sampled each minute for two days: disk-used (share of the fullest disk) and backlog (files in raw-data).';

create table weir.goal_uses (
  used text not null,
  goal text not null,
  is_static boolean not null,
  constraint goal_uses_pkey PRIMARY KEY (used, goal)
);
CREATE INDEX goal_uses_by_goal ON weir.goal_uses USING btree (goal);
comment on table weir.goal_uses is 'What the newest result of a goal was made from, for goals that come from a source: the way that staleness takes.';
comment on column weir.goal_uses.is_static is 'Its params alone say that it needs this.';

create table weir.incidents (
  id bigint generated always as identity not null,
  kind text not null,
  digest text not null,
  size_bytes bigint,
  found_by text not null,
  action text not null,
  goals text[] default '{}'::text[] not null,
  found_at timestamp with time zone default clock_timestamp() not null,
  constraint incidents_kind_check CHECK ((kind = ANY (ARRAY['damaged'::text, 'missing'::text]))),
  constraint incidents_pkey PRIMARY KEY (id)
);
CREATE INDEX incidents_by_time ON weir.incidents USING btree (found_at DESC);
comment on table weir.incidents is 'Stored bytes that were not what their digest says, or not there though a manifest names them.';
comment on column weir.incidents.goals is 'Some of the goals whose results they were.';

create table weir.label_delays (
  model text not null,
  quarter timestamp with time zone not null,
  minutes integer not null,
  number bigint not null
);
CREATE INDEX label_delays_by_time ON weir.label_delays USING btree (model, quarter);
comment on table weir.label_delays is 'How long after a prediction its first label came: by the quarter in which it was made, in minutes, rounded up.';

create table weir.labels (
  id bigint generated always as identity not null,
  model text not null,
  row_id text,
  prediction_id bigint,
  value jsonb not null,
  observed_at timestamp with time zone not null,
  received_at timestamp with time zone default clock_timestamp() not null,
  source text not null,
  constraint labels_check CHECK (((row_id IS NOT NULL) OR (prediction_id IS NOT NULL))),
  constraint labels_source_check CHECK ((source = ANY (ARRAY['api'::text, 'webapp'::text, 'file'::text, 'ingest'::text, 'cli'::text]))),
  constraint labels_pkey PRIMARY KEY (id)
);
CREATE INDEX labels_by_prediction ON weir.labels USING btree (prediction_id, observed_at DESC, id DESC) WHERE (prediction_id IS NOT NULL);
CREATE INDEX labels_by_row ON weir.labels USING btree (model, row_id, observed_at DESC, id DESC) WHERE (row_id IS NOT NULL);
CREATE INDEX labels_by_time ON weir.labels USING btree (model, received_at DESC, id DESC);
comment on table weir.labels is 'Append-only. Of labels for one row the newest by observed_at counts; the others say what was believed before.';
comment on column weir.labels.observed_at is 'When it was so, as the sender says; the time it came unless said.';

create table weir.labels_arrived (
  model text not null,
  row_id text,
  prediction_id bigint
);
comment on table weir.labels_arrived is 'Labels whose predictions are still to be found and computed again.';

create table weir.lineage_events (
  id bigint generated always as identity not null,
  event jsonb not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  attempts integer default 0 not null,
  next_attempt_at timestamp with time zone default clock_timestamp() not null,
  last_error text,
  constraint lineage_events_pkey PRIMARY KEY (id)
);
CREATE INDEX lineage_events_due ON weir.lineage_events USING btree (next_attempt_at, id);

create table weir.lineage_runs (
  run_id bigint not null,
  is_started boolean default false not null,
  is_ended boolean default false not null,
  constraint lineage_runs_run_id_fkey FOREIGN KEY (run_id) REFERENCES runs(id) ON DELETE CASCADE,
  constraint lineage_runs_pkey PRIMARY KEY (run_id)
);
CREATE INDEX lineage_runs_open ON weir.lineage_runs USING btree (run_id) WHERE (NOT is_ended);

create table weir.lineage_since (
  run_id bigint not null,
  only_one boolean default true not null,
  constraint lineage_since_only_one_check CHECK (only_one),
  constraint lineage_since_pkey PRIMARY KEY (only_one)
);

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
  version bigint generated always as identity not null,
  accepted_from bigint,
  constraint manifests_pkey PRIMARY KEY (key, version)
);
CREATE INDEX manifests_by_goal ON weir.manifests USING btree (goal, created_at DESC);
CREATE UNIQUE INDEX manifests_by_version ON weir.manifests USING btree (version);
comment on table weir.manifests is 'One row is one version of one goal, complete for all its outputs together. Never updated; only a collection removes it.';
comment on column weir.manifests.trace_digest is 'Digest of the trace, empty when nothing was needed at runtime: one key may have a result for each world it met.';
comment on column weir.manifests.version is 'Rises in the order of commits: drawn while the commit holds the lock on artifacts.';
comment on column weir.manifests.accepted_from is 'The version whose outputs these are, when it was re-keyed to newer code without computing.';

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
  run_id bigint,
  constraint model_versions_pkey PRIMARY KEY (model, version),
  constraint model_versions_model_training_key_key UNIQUE (model, training_key)
);
comment on column weir.model_versions.files is 'File name to artifact digest: the model version as a folder.';
comment on column weir.model_versions.training_key is 'Key of the fit that made it, so registering twice registers once.';
comment on column weir.model_versions.run_id is 'The run that trained and registered it; null for versions of earlier releases. The run may be forgotten since.';

create table weir.performance_quarters (
  model text not null,
  quarter timestamp with time zone not null,
  model_version integer not null,
  predicted text,
  actual text,
  is_labelled boolean not null,
  number bigint not null,
  errors bigint not null,
  error double precision,
  absolute double precision,
  square double precision,
  fourth double precision,
  estimated bigint not null,
  correct_expected double precision,
  correct_variance double precision,
  absolute_expected double precision,
  absolute_variance double precision,
  square_expected double precision,
  square_variance double precision
);
CREATE INDEX performance_quarters_by_time ON weir.performance_quarters USING btree (model, quarter);
comment on table weir.performance_quarters is 'Predictions counted by the quarter of an hour in which they were made, by version, predicted and actual class. Computed again when labels come; sum the numbers.';
comment on column weir.performance_quarters.predicted is 'The class; null where a number was predicted.';
comment on column weir.performance_quarters.actual is 'The newest label of a class; null without one, and for numbers.';
comment on column weir.performance_quarters.errors is 'How many have a numeric error; error, absolute, square and fourth are the sums of its powers.';
comment on column weir.performance_quarters.estimated is 'How many have an estimate from the test rows of their version; the columns after it are its sums.';

create table weir.performance_stale (
  model text not null,
  quarter timestamp with time zone not null
);
comment on table weir.performance_stale is 'Quarters of an hour to compute again.';

create table weir.pins (
  id bigint generated always as identity not null,
  version bigint,
  run_id bigint,
  goal text,
  actor text not null,
  reason text not null,
  pinned_at timestamp with time zone default clock_timestamp() not null,
  unpinned_at timestamp with time zone,
  unpinned_by text,
  constraint pins_check CHECK ((num_nonnulls(version, run_id) = 1)),
  constraint pins_check1 CHECK (((unpinned_at IS NULL) = (unpinned_by IS NULL))),
  constraint pins_pkey PRIMARY KEY (id)
);
CREATE INDEX pins_now ON weir.pins USING btree (version, run_id) WHERE (unpinned_at IS NULL);
comment on table weir.pins is 'Versions, or all versions that a run made or found, that no collection removes, nor what they were made from. A pin that was taken back stays as the record of it.';
comment on column weir.pins.goal is 'Identity of the goal of the pinned version.';

create table weir.pool_leases (
  id uuid not null,
  pool text not null,
  units integer not null,
  owner text not null,
  expires_at timestamp with time zone not null,
  constraint pool_leases_units_check CHECK ((units > 0)),
  constraint pool_leases_pool_fkey FOREIGN KEY (pool) REFERENCES pools(name),
  constraint pool_leases_pkey PRIMARY KEY (id)
);
CREATE INDEX pool_leases_by_pool ON weir.pool_leases USING btree (pool);
comment on table weir.pool_leases is 'Units held now. Taken with the claim of the attempt, given back with its commit or while it waits for a need, renewed with its claim; one that expired is removed by whoever wants units next.';
comment on column weir.pool_leases.owner is 'The engine process that holds them.';

create table weir.pools (
  name text not null,
  size integer not null,
  constraint pools_size_check CHECK ((size > 0)),
  constraint pools_pkey PRIMARY KEY (name)
);
comment on table weir.pools is 'One row for each pool that was ever used; whoever takes units locks it first, so that two engines cannot take the last one.';
comment on column weir.pools.size is 'In units, as the engine that took some last was told. Each engine compares with its own setting.';

create table weir.prediction_confidences_folded (
  minute timestamp with time zone not null,
  model text not null,
  model_version integer not null,
  confidence smallint not null,
  number bigint not null,
  constraint prediction_confidences_folded_pkey PRIMARY KEY (minute, model, model_version, confidence)
) partition by RANGE (minute);
comment on table weir.prediction_confidences_folded is 'Read the view prediction_confidences instead, which has what is not folded yet too.';

create table weir.prediction_confidences_folded_default (
  minute timestamp with time zone not null,
  model text not null,
  model_version integer not null,
  confidence smallint not null,
  number bigint not null,
  constraint prediction_confidences_folded_default_pkey PRIMARY KEY (minute, model, model_version, confidence)
);
alter table weir.prediction_confidences_folded attach partition weir.prediction_confidences_folded_default DEFAULT;

create table weir.prediction_counts_arrived (
  minute timestamp with time zone not null,
  model text not null,
  model_version integer not null,
  source text not null,
  prediction text not null,
  confidence smallint,
  number bigint not null,
  is_number boolean default false not null
);
comment on table weir.prediction_counts_arrived is 'Counts that wait to be folded into the two tables by the minute.';

create table weir.prediction_counts_folded (
  minute timestamp with time zone not null,
  model text not null,
  model_version integer not null,
  source text not null,
  prediction text not null,
  number bigint not null,
  constraint prediction_counts_folded_pkey PRIMARY KEY (minute, model, model_version, source, prediction)
) partition by RANGE (minute);
comment on table weir.prediction_counts_folded is 'Read the view prediction_counts instead, which has what is not folded yet too.';

create table weir.prediction_counts_folded_default (
  minute timestamp with time zone not null,
  model text not null,
  model_version integer not null,
  source text not null,
  prediction text not null,
  number bigint not null,
  constraint prediction_counts_folded_default_pkey PRIMARY KEY (minute, model, model_version, source, prediction)
);
alter table weir.prediction_counts_folded attach partition weir.prediction_counts_folded_default DEFAULT;

create table weir.prediction_hours_folded (
  hour timestamp with time zone not null,
  model text not null,
  model_version integer not null,
  source text not null,
  prediction text not null,
  number bigint not null,
  total double precision,
  constraint prediction_hours_folded_pkey PRIMARY KEY (hour, model, model_version, source, prediction)
);

create table weir.prediction_jobs (
  id bigint generated always as identity not null,
  run_id bigint not null,
  file text not null,
  size_bytes bigint not null,
  format text not null,
  model text not null,
  model_version integer not null,
  is_stored boolean not null,
  created_by text,
  created_at timestamp with time zone default clock_timestamp() not null,
  rows_in bigint,
  rows_predicted bigint default 0 not null,
  rows_refused bigint default 0 not null,
  summary text,
  result_csv text,
  result_ndjson text,
  result_parquet text,
  coerced jsonb,
  digest text,
  contract text,
  constraint prediction_jobs_format_check CHECK ((format = ANY (ARRAY['csv'::text, 'ndjson'::text, 'parquet'::text]))),
  constraint prediction_jobs_run_id_fkey FOREIGN KEY (run_id) REFERENCES runs(id) ON DELETE CASCADE,
  constraint prediction_jobs_pkey PRIMARY KEY (id),
  constraint prediction_jobs_run_id_key UNIQUE (run_id)
);
CREATE INDEX prediction_jobs_created ON weir.prediction_jobs USING btree (created_at, id);
CREATE INDEX prediction_jobs_digest ON weir.prediction_jobs USING btree (digest);
comment on column weir.prediction_jobs.run_id is 'The newest run of it: a retry takes its place.';
comment on column weir.prediction_jobs.file is 'The name that its sender gave.';
comment on column weir.prediction_jobs.is_stored is 'Whether its predictions are stored with all others.';
comment on column weir.prediction_jobs.rows_in is 'Null until the file was checked.';
comment on column weir.prediction_jobs.summary is 'What the check of the file found.';
comment on column weir.prediction_jobs.result_csv is 'Digest of the artifact, compressed with gzip; null until all rows were predicted or refused. The other results likewise, Parquet without gzip.';
comment on column weir.prediction_jobs.coerced is 'How many cells of the file were changed, by column and change; null where none was.';
comment on column weir.prediction_jobs.digest is 'SHA-256 of the file that was sent; null in jobs of versions that kept it in a folder.';
comment on column weir.prediction_jobs.contract is 'Identity of the contract that its rows are judged by; null as above.';

create table weir.prediction_requests (
  request text not null,
  body_digest text not null,
  at timestamp with time zone default clock_timestamp() not null,
  constraint prediction_requests_pkey PRIMARY KEY (request)
);
comment on table weir.prediction_requests is 'Idempotency keys, written in the transaction that stores their predictions.';

create table weir.predictions (
  id bigint default nextval('prediction_ids'::regclass) not null,
  at timestamp with time zone default clock_timestamp() not null,
  model text not null,
  model_version integer not null,
  source text not null,
  features jsonb not null,
  prediction jsonb not null,
  probability double precision,
  request text,
  row_number integer not null,
  row_id text,
  row_time timestamp with time zone,
  probabilities jsonb,
  latency_ms double precision,
  coerced jsonb,
  constraint predictions_source_check CHECK ((source = ANY (ARRAY['webapp'::text, 'scheduled'::text, 'api'::text])))
) partition by RANGE (at);
CREATE INDEX predictions_by_model ON ONLY weir.predictions USING btree (model, model_version, at, id);
CREATE INDEX predictions_by_row ON ONLY weir.predictions USING btree (model, row_id, at DESC) WHERE (row_id IS NOT NULL);
CREATE INDEX predictions_by_source ON ONLY weir.predictions USING btree (source, at, id);
CREATE INDEX predictions_by_time ON ONLY weir.predictions USING btree (at, id);
comment on table weir.predictions is 'One row for each prediction, in partitions by time. An id comes from one sequence; each partition has it only once, and a row of a request too.';
comment on column weir.predictions.row_id is 'The value of the column with role id, as text; null when the row came without one.';
comment on column weir.predictions.row_time is 'The value of the column with role time.';
comment on column weir.predictions.probabilities is 'The probability of each class, by its name; null for numbers, and for predictions made before this was stored.';
comment on column weir.predictions.latency_ms is 'Milliseconds from when the request had arrived whole until its rows were predicted: their check, the wait for others that are stored together, and the model. Storing is not in it. Null for predictions made before this was stored.';
comment on column weir.predictions.coerced is 'By column, the changes of its field; null where nothing was changed, or where a file was checked before.';

create table weir.predictions_default (
  id bigint default nextval('prediction_ids'::regclass) not null,
  at timestamp with time zone default clock_timestamp() not null,
  model text not null,
  model_version integer not null,
  source text not null,
  features jsonb not null,
  prediction jsonb not null,
  probability double precision,
  request text,
  row_number integer not null,
  row_id text,
  row_time timestamp with time zone,
  probabilities jsonb,
  latency_ms double precision,
  coerced jsonb,
  constraint predictions_source_check CHECK ((source = ANY (ARRAY['webapp'::text, 'scheduled'::text, 'api'::text]))),
  constraint predictions_default_pkey PRIMARY KEY (id)
);
CREATE INDEX predictions_default_at_id_idx ON weir.predictions_default USING btree (at, id);
CREATE INDEX predictions_default_model_model_version_at_id_idx ON weir.predictions_default USING btree (model, model_version, at, id);
CREATE INDEX predictions_default_model_row_id_at_idx ON weir.predictions_default USING btree (model, row_id, at DESC) WHERE (row_id IS NOT NULL);
CREATE UNIQUE INDEX predictions_default_request_row_number_idx ON weir.predictions_default USING btree (request, row_number) WHERE (request IS NOT NULL);
CREATE INDEX predictions_default_source_at_id_idx ON weir.predictions_default USING btree (source, at, id);
alter table weir.predictions attach partition weir.predictions_default DEFAULT;

create table weir.problem_counts_arrived (
  minute timestamp with time zone not null,
  source text not null,
  category text not null,
  severity text not null,
  column_name text not null,
  expectation text not null,
  sentence text not null,
  problems bigint not null,
  files bigint not null,
  rows numeric not null,
  first_at timestamp with time zone,
  last_at timestamp with time zone
);

create table weir.problem_counts_folded (
  width interval not null,
  at timestamp with time zone not null,
  source text not null,
  category text not null,
  severity text not null,
  column_name text not null,
  expectation text not null,
  sentence text not null,
  problems bigint not null,
  files bigint not null,
  rows numeric not null,
  first_at timestamp with time zone,
  last_at timestamp with time zone,
  constraint problem_counts_folded_pkey PRIMARY KEY (width, at, source, category, severity, column_name, expectation)
);

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

create table weir.refused_fields (
  width interval not null,
  at timestamp with time zone not null,
  route text not null,
  field text not null,
  requests bigint not null,
  constraint refused_fields_pkey PRIMARY KEY (width, at, route, field)
);
comment on table weir.refused_fields is 'Requests refused for a field of their rows, by the minute and by the hour: choose a width, and sum. A request counts once for each field.';
comment on column weir.refused_fields.field is 'A column of the contract, or "other" for what the contract does not know.';

create table weir.request_counts (
  width interval not null,
  at timestamp with time zone not null,
  route text not null,
  status text not null,
  duration_ms double precision not null,
  requests bigint not null,
  constraint request_counts_pkey PRIMARY KEY (width, at, route, status, duration_ms)
);
comment on table weir.request_counts is 'Answered requests of the API by the minute and by the hour: choose a width, and sum.';
comment on column weir.request_counts.route is 'Method and pattern of the route, so that their number is bounded.';
comment on column weir.request_counts.status is 'Class of the status: 2xx, 3xx, 4xx or 5xx.';
comment on column weir.request_counts.duration_ms is 'The bound that the time to answer kept to, see duration_bound; at most 100000.';

create table weir.run_counts_arrived (
  minute timestamp with time zone not null,
  pipeline text not null,
  state text not null,
  duration_ms double precision not null,
  runs bigint not null
);

create table weir.run_counts_folded (
  width interval not null,
  at timestamp with time zone not null,
  pipeline text not null,
  state text not null,
  duration_ms double precision not null,
  runs bigint not null,
  constraint run_counts_folded_pkey PRIMARY KEY (width, at, pipeline, state, duration_ms)
);

create table weir.run_pins (
  run_id bigint not null,
  source text not null,
  listing bigint not null,
  warning text,
  constraint run_pins_run_id_fkey FOREIGN KEY (run_id) REFERENCES runs(id) ON DELETE CASCADE,
  constraint run_pins_pkey PRIMARY KEY (run_id, source)
);
comment on table weir.run_pins is 'The listing of a source that a run sees until its end, also after a crash.';
comment on column weir.run_pins.warning is 'Why the run sees an older listing than it asked for, or partitions that the source no longer showed.';

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
  owner text,
  expires_at timestamp with time zone,
  cancel_reason text,
  interval_from timestamp with time zone,
  interval_to timestamp with time zone,
  retry_of bigint,
  request jsonb default '{"params": {}}'::jsonb not null,
  constraint runs_interval CHECK ((((interval_from IS NULL) = (interval_to IS NULL)) AND (interval_from < interval_to))),
  constraint runs_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'succeeded'::text, 'failed'::text, 'cancelled'::text, 'skipped'::text]))),
  constraint runs_trigger_check CHECK ((trigger = ANY (ARRAY['schedule'::text, 'manual'::text, 'start'::text, 'alert'::text, 'recovery'::text, 'backfill'::text, 'retry'::text]))),
  constraint runs_retry_of_fkey FOREIGN KEY (retry_of) REFERENCES runs(id) ON DELETE SET NULL,
  constraint runs_pkey PRIMARY KEY (id)
);
CREATE INDEX runs_by_duration ON weir.runs USING btree (COALESCE(EXTRACT(epoch FROM (ended_at - started_at)), ('-1'::integer)::numeric), id);
CREATE INDEX runs_by_end ON weir.runs USING btree (ended_at DESC) WHERE (ended_at IS NOT NULL);
CREATE INDEX runs_by_interval ON weir.runs USING btree (pipeline, interval_to, id DESC) WHERE (interval_to IS NOT NULL);
CREATE INDEX runs_by_pipeline ON weir.runs USING btree (pipeline, id);
CREATE INDEX runs_by_retried ON weir.runs USING btree (retry_of) WHERE (retry_of IS NOT NULL);
CREATE INDEX runs_by_state ON weir.runs USING btree (state, id);
CREATE INDEX runs_by_time ON weir.runs USING btree (pipeline, created_at);
CREATE INDEX runs_by_trigger ON weir.runs USING btree (trigger, id);
CREATE INDEX runs_live ON weir.runs USING btree (id) WHERE ((state = ANY (ARRAY['queued'::text, 'running'::text])) OR (settled_at IS NULL));
CREATE UNIQUE INDEX runs_once_per_live_interval ON weir.runs USING btree (pipeline, interval_to, interval_from) WHERE ((interval_to IS NOT NULL) AND (state = ANY (ARRAY['queued'::text, 'running'::text])));
CREATE UNIQUE INDEX runs_once_per_tick ON weir.runs USING btree (pipeline, scheduled_for) WHERE (scheduled_for IS NOT NULL);
comment on column weir.runs.goals is 'Null until the pipeline has planned the run.';
comment on column weir.runs.scheduled_for is 'The tick that started the run; a tick starts once. Null for what no tick started, backfill included.';
comment on column weir.runs.settled_at is 'When the pipeline had tidied up after the run (for example removed the raw file); null means it is still owed.';
comment on column weir.runs.owner is 'The engine process that drives the run; null when none does.';
comment on column weir.runs.expires_at is 'Until when the owner has the run to itself. It is renewed while the run lives; once it has passed, whichever engine looks first takes the run over.';
comment on column weir.runs.cancel_reason is 'Asked for by any process; the owner cancels the run at its next heartbeat. Null while nobody has asked.';
comment on column weir.runs.interval_from is 'Half-open [from, to): the time the run is for, when it was asked for by a tick or a backfill.';
comment on column weir.runs.retry_of is 'The ended run whose goals this one was asked for again, with the same params and the same pins.';
comment on column weir.runs.request is '"params" as they were given to the pipeline. "forcedAfter", when the asked goals are computed although results stand: the newest claim token at that moment, so that only what was begun after the request counts.';

create table weir.schedule_changes (
  id bigint generated always as identity not null,
  pipeline text not null,
  action text not null,
  by text not null,
  reason text not null,
  at timestamp with time zone not null,
  constraint schedule_changes_action_check CHECK ((action = ANY (ARRAY['pause'::text, 'resume'::text]))),
  constraint schedule_changes_pkey PRIMARY KEY (id)
);
CREATE INDEX schedule_changes_by_pipeline ON weir.schedule_changes USING btree (pipeline, id DESC);
comment on table weir.schedule_changes is 'Who paused and resumed which schedule, when and why. Never changed.';

create table weir.schedule_ticks (
  pipeline text not null,
  tick timestamp with time zone not null,
  interval_from timestamp with time zone not null,
  constraint schedule_ticks_check CHECK ((interval_from < tick)),
  constraint schedule_ticks_pipeline_fkey FOREIGN KEY (pipeline) REFERENCES schedules(pipeline) ON DELETE CASCADE,
  constraint schedule_ticks_pkey PRIMARY KEY (pipeline, tick)
);
comment on table weir.schedule_ticks is 'Ticks that wait for their turn, oldest first. At most 1000 for each pipeline.';

create table weir.schedules (
  pipeline text not null,
  expression text,
  handled_until timestamp with time zone,
  paused_at timestamp with time zone,
  paused_by text,
  paused_reason text,
  resumed_at timestamp with time zone,
  dropped_tick timestamp with time zone,
  dropped_reason text,
  constraint schedules_follow CHECK (((expression IS NULL) = (handled_until IS NULL))),
  constraint schedules_pause CHECK ((((paused_at IS NULL) = (paused_by IS NULL)) AND ((paused_at IS NULL) = (paused_reason IS NULL)))),
  constraint schedules_pkey PRIMARY KEY (pipeline)
);
comment on table weir.schedules is 'One row for each pipeline that was ever followed or paused. Its lock serialises everyone who looks at the schedule.';
comment on column weir.schedules.expression is 'Cron fields and time zone that handled_until belongs to; when they change, ticks begin anew. Null until followed.';
comment on column weir.schedules.handled_until is 'Every tick up to here was decided on: it started, waits in schedule_ticks, or was dropped.';
comment on column weir.schedules.resumed_at is 'End of the last pause; ticks up to here were missed, however recent.';
comment on column weir.schedules.dropped_tick is 'The newest tick that was not run, and why.';

create table weir.sessions (
  id bigint generated always as identity not null,
  digest bytea not null,
  user_id bigint not null,
  role text not null,
  method text not null,
  address text not null,
  browser text not null,
  created_at timestamp with time zone not null,
  seen_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  constraint sessions_digest_check CHECK ((length(digest) = 32)),
  constraint sessions_method_check CHECK ((method = ANY (ARRAY['password'::text, 'oidc'::text, 'link'::text]))),
  constraint sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  constraint sessions_pkey PRIMARY KEY (id),
  constraint sessions_digest_key UNIQUE (digest)
);
CREATE INDEX sessions_by_end ON weir.sessions USING btree (ends_at);
CREATE INDEX sessions_by_user ON weir.sessions USING btree (user_id, created_at);
comment on table weir.sessions is 'Sessions of users. The cookie is not stored: digest is the SHA-256 of its 256 random bits.';
comment on column weir.sessions.role is 'The role of the user when it began. A session counts only while the user has the same, so that another role begins with another session.';
comment on column weir.sessions.seen_at is 'The last request, to the minute.';

create table weir.setup_tokens (
  digest bytea not null,
  created_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  user_id bigint,
  constraint setup_tokens_digest_check CHECK ((length(digest) = 32)),
  constraint setup_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE,
  constraint setup_tokens_pkey PRIMARY KEY (digest)
);
CREATE INDEX setup_tokens_by_user ON weir.setup_tokens USING btree (user_id);
comment on table weir.setup_tokens is 'Tokens of the links with which a first admin chooses a password. A token works once; digest is its SHA-256.';
comment on column weir.setup_tokens.user_id is 'Whose password it sets; null for the link of the first start, which creates an admin.';

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

create table weir.source_listings (
  source text not null,
  number bigint not null,
  digest text not null,
  recorded_at timestamp with time zone default clock_timestamp() not null,
  constraint source_listings_pkey PRIMARY KEY (source, number)
);
comment on table weir.source_listings is 'One row each time a source listed something else than before. The newest is what is known of it now.';
comment on column weir.source_listings.number is 'Drawn before the source is asked, so a listing that began earlier never replaces one that began later.';
comment on column weir.source_listings.digest is 'Of what the source said, which may lack partitions whose removal is not confirmed.';

create table weir.source_memos (
  source text not null,
  name text not null,
  digest text not null,
  memo text not null,
  constraint source_memos_pkey PRIMARY KEY (source, name)
);
comment on table weir.source_memos is 'May be deleted at any time: what is missing is read again.';
comment on column weir.source_memos.memo is 'Says that the content still has this digest, in words of the source: of a file its device, inode, size and times.';

create table weir.source_partitions (
  source text not null,
  name text not null,
  digest text not null,
  since bigint not null,
  until bigint,
  constraint source_partitions_check CHECK ((until > since)),
  constraint source_partitions_pkey PRIMARY KEY (source, name, since)
);
CREATE UNIQUE INDEX source_partitions_now ON weir.source_partitions USING btree (source, name) WHERE (until IS NULL);
comment on table weir.source_partitions is 'Listing n of a source is every row with since <= n and (until is null or until > n). A name without an open row is a tombstone.';
comment on column weir.source_partitions.digest is 'SHA-256 of the content.';
comment on column weir.source_partitions.until is 'The first listing that no longer showed this; null while it is so.';

create table weir.source_removals (
  id bigint generated always as identity not null,
  source text not null,
  names text[] not null,
  partition_count bigint not null,
  state text not null,
  found_at timestamp with time zone default clock_timestamp() not null,
  decided_at timestamp with time zone,
  actor text,
  reason text,
  constraint source_removals_check CHECK (((state = 'waiting'::text) = (decided_at IS NULL))),
  constraint source_removals_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'confirmed'::text, 'withdrawn'::text]))),
  constraint source_removals_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX source_removals_waiting ON weir.source_removals USING btree (source) WHERE (state = 'waiting'::text);
comment on table weir.source_removals is 'Removals too large to be believed at once. Nothing changes while one waits; it is withdrawn when the source shows the partitions again, or lacks others.';
comment on column weir.source_removals.partition_count is 'How many partitions were known when the names were missing.';

create table weir.stale_goals (
  goal text not null,
  task text not null,
  params jsonb not null,
  reason text not null,
  source text not null,
  partition text not null,
  since timestamp with time zone default clock_timestamp() not null,
  constraint stale_goals_pkey PRIMARY KEY (goal)
);
CREATE INDEX stale_goals_by_source ON weir.stale_goals USING btree (source, partition);
comment on table weir.stale_goals is 'Goals that cannot be computed again, because a partition they name, or all they are made from, was removed. Says nothing of completeness.';
comment on column weir.stale_goals.partition is 'The removed partition that is the reason; there may be more.';

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
  cause text,
  version bigint,
  constraint task_runs_cause_check CHECK ((cause = ANY (ARRAY['failed'::text, 'cancelled'::text, 'skipped'::text]))),
  constraint task_runs_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'succeeded'::text, 'cached'::text, 'failed'::text, 'cancelled'::text, 'skipped'::text]))),
  constraint task_runs_pkey PRIMARY KEY (run_id, goal)
);
CREATE INDEX task_runs_skipped ON weir.task_runs USING btree (key) WHERE (state = 'skipped'::text);
comment on column weir.task_runs.goal is 'Identity of the goal inside the run: digest of task name and canonical params, known before any input is.';
comment on column weir.task_runs.needs is 'Goals it reads: those its params name, then those that its runtime inputs and its attempts found, as they are found.';
comment on column weir.task_runs.cause is 'Why there are no outputs: the gravest of what it and its needs met. A task run that was skipped because another failed has the state skipped and the cause failed. Null while it may still have outputs, and when it has.';
comment on column weir.task_runs.version is 'The version of the goal that this task run made or found; null until it succeeded or was cached.';

create table weir.training_parts (
  training text not null,
  part integer not null,
  member uuid not null,
  host text not null,
  port integer not null,
  seen_at timestamp with time zone default clock_timestamp() not null,
  round uuid,
  secret text,
  constraint training_parts_pkey PRIMARY KEY (training, part)
);
comment on table weir.training_parts is 'Where the parts of trainings that run now listen. A part is removed when it ends; one that died stays until it is tried again.';
comment on column weir.training_parts.training is 'Digest of what is trained on what: the parts of one model have the same.';
comment on column weir.training_parts.seen_at is 'When the part last said that it waits; one that has not for long does not begin.';
comment on column weir.training_parts.round is 'Set for all parts at once, when all wait: these train together.';
comment on column weir.training_parts.secret is 'What the parts of a round prove to each other with.';

create table weir.users (
  id bigint generated always as identity not null,
  name text not null,
  email text,
  role text not null,
  password_hash text,
  oidc_subject text,
  created_at timestamp with time zone default now() not null,
  disabled_at timestamp with time zone,
  oidc_issuer text,
  last_login_at timestamp with time zone,
  constraint users_check CHECK (((oidc_issuer IS NULL) = (oidc_subject IS NULL))),
  constraint users_role_check CHECK ((role = ANY (ARRAY['viewer'::text, 'operator'::text, 'admin'::text]))),
  constraint users_pkey PRIMARY KEY (id),
  constraint users_oidc_subject_key UNIQUE (oidc_issuer, oidc_subject)
);
CREATE UNIQUE INDEX users_by_name ON weir.users USING btree (lower(name));
CREATE INDEX users_in_order ON weir.users USING btree (created_at, id);
comment on table weir.users is 'People who log in, by a password or by an identity provider. A disabled one keeps its name, because records hold it.';
comment on column weir.users.password_hash is 'Of scrypt, with its cost. Null for a user who has not set a password yet, or who logs in at an identity provider.';
comment on column weir.users.oidc_subject is 'Which person it is at the identity provider oidc_issuer; names and mail addresses can pass to somebody else.';

create table weir.waits (
  waiter text not null,
  token bigint not null,
  needed text not null,
  label text not null,
  constraint waits_pkey PRIMARY KEY (waiter, token, needed)
);
comment on table weir.waits is 'The wait-for graph across runs: an attempt waits for a claim that another run or process holds. Within one run its engine knows. A row counts while the claim of the waiter stands, so those of dead attempts vanish with their claims.';
comment on column weir.waits.waiter is 'Key of the claim that the waiting attempt holds.';
comment on column weir.waits.token is 'Token of that claim.';
comment on column weir.waits.needed is 'Key of the claim it waits for.';
comment on column weir.waits.label is 'The waiting goal as people read it.';

create table weir.worker_mail (
  id bigint generated always as identity not null,
  receiver uuid not null,
  delivery uuid not null,
  message json not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint worker_mail_pkey PRIMARY KEY (receiver, id)
);
comment on table weir.worker_mail is 'Messages about deliveries: questions, answers, reports, outcomes. Its receiver deletes what it has read.';
comment on column weir.worker_mail.message is 'As text, because jsonb refuses characters that logs may have.';

create table weir.workers (
  id uuid not null,
  name text not null,
  version text not null,
  runtime text not null,
  labels text[] not null,
  slots integer not null,
  running jsonb default '[]'::jsonb not null,
  ended bigint default 0 not null,
  started_at timestamp with time zone default clock_timestamp() not null,
  seen_at timestamp with time zone default clock_timestamp() not null,
  draining_since timestamp with time zone,
  constraint workers_slots_check CHECK ((slots > 0)),
  constraint workers_pkey PRIMARY KEY (id)
);
comment on table weir.workers is 'Processes of weir worker. One that was killed stays until it has been silent for an hour.';
comment on column weir.workers.name is 'Host and process, as people find it.';
comment on column weir.workers.runtime is 'What a worker brings itself, Weir and packages: only goals of this runtime come to it.';
comment on column weir.workers.running is 'What it runs now: task, goal, run and since when.';
comment on column weir.workers.ended is 'How many attempts it has ended.';
comment on column weir.workers.draining_since is 'When it was asked to take nothing new and to end.';

create view weir.check_counts as
 SELECT check_counts_folded.width,
    check_counts_folded.at,
    check_counts_folded.source,
    check_counts_folded.verdict,
    check_counts_folded.criticality,
    check_counts_folded.files,
    check_counts_folded.size_bytes,
    check_counts_folded.rows_in,
    check_counts_folded.rows_valid,
    check_counts_folded.rows_invalid,
    check_counts_folded.files_again
   FROM check_counts_folded
UNION ALL
 SELECT widths.width,
    date_bin(widths.width, check_counts_arrived.minute, '1970-01-01 00:00:00+00'::timestamp with time zone) AS at,
    check_counts_arrived.source,
    check_counts_arrived.verdict,
    check_counts_arrived.criticality,
    check_counts_arrived.files,
    check_counts_arrived.size_bytes,
    check_counts_arrived.rows_in,
    check_counts_arrived.rows_valid,
    check_counts_arrived.rows_invalid,
    check_counts_arrived.files_again
   FROM check_counts_arrived,
    ( VALUES ('00:01:00'::interval), ('01:00:00'::interval)) widths(width);

create view weir.column_counts as
 SELECT column_counts_folded.width,
    column_counts_folded.at,
    column_counts_folded.source,
    column_counts_folded.column_name,
    column_counts_folded.files,
    column_counts_folded.rows_in,
    column_counts_folded.nulls,
    column_counts_folded.numbers,
    column_counts_folded.total
   FROM column_counts_folded
UNION ALL
 SELECT widths.width,
    date_bin(widths.width, column_counts_arrived.minute, '1970-01-01 00:00:00+00'::timestamp with time zone) AS at,
    column_counts_arrived.source,
    column_counts_arrived.column_name,
    column_counts_arrived.files,
    column_counts_arrived.rows_in,
    column_counts_arrived.nulls,
    column_counts_arrived.numbers,
    column_counts_arrived.total
   FROM column_counts_arrived,
    ( VALUES ('00:01:00'::interval), ('01:00:00'::interval)) widths(width);

create view weir.confidence_hours as
 SELECT confidence_hours_folded.hour,
    confidence_hours_folded.model,
    confidence_hours_folded.model_version,
    confidence_hours_folded.confidence,
    confidence_hours_folded.number
   FROM confidence_hours_folded
UNION ALL
 SELECT date_bin('01:00:00'::interval, prediction_counts_arrived.minute, '1970-01-01 00:00:00+00'::timestamp with time zone) AS hour,
    prediction_counts_arrived.model,
    prediction_counts_arrived.model_version,
    prediction_counts_arrived.confidence,
    prediction_counts_arrived.number
   FROM prediction_counts_arrived
  WHERE (prediction_counts_arrived.confidence IS NOT NULL);

create view weir.drift_now as
 SELECT DISTINCT ON (model, model_version, stream) id,
    model,
    model_version,
    stream,
    from_at,
    to_at,
    status,
    verdict,
    is_sustained,
    sustained_k,
    sustained_n,
    row_count,
    late_count,
    sentence,
    unjudged,
    files,
    run_id,
    judged_at
   FROM drift_windows w
  WHERE (status = 'judged'::text)
  ORDER BY model, model_version, stream, to_at DESC;

create view weir.prediction_confidences as
 SELECT prediction_confidences_folded.minute,
    prediction_confidences_folded.model,
    prediction_confidences_folded.model_version,
    prediction_confidences_folded.confidence,
    prediction_confidences_folded.number
   FROM prediction_confidences_folded
UNION ALL
 SELECT prediction_counts_arrived.minute,
    prediction_counts_arrived.model,
    prediction_counts_arrived.model_version,
    prediction_counts_arrived.confidence,
    prediction_counts_arrived.number
   FROM prediction_counts_arrived
  WHERE (prediction_counts_arrived.confidence IS NOT NULL);

create view weir.prediction_counts as
 SELECT prediction_counts_folded.minute,
    prediction_counts_folded.model,
    prediction_counts_folded.model_version,
    prediction_counts_folded.source,
    prediction_counts_folded.prediction,
    prediction_counts_folded.number
   FROM prediction_counts_folded
UNION ALL
 SELECT prediction_counts_arrived.minute,
    prediction_counts_arrived.model,
    prediction_counts_arrived.model_version,
    prediction_counts_arrived.source,
    prediction_counts_arrived.prediction,
    prediction_counts_arrived.number
   FROM prediction_counts_arrived;

create view weir.prediction_hours as
 SELECT prediction_hours_folded.hour,
    prediction_hours_folded.model,
    prediction_hours_folded.model_version,
    prediction_hours_folded.source,
    prediction_hours_folded.prediction,
    prediction_hours_folded.number,
    prediction_hours_folded.total
   FROM prediction_hours_folded
UNION ALL
 SELECT date_bin('01:00:00'::interval, prediction_counts_arrived.minute, '1970-01-01 00:00:00+00'::timestamp with time zone) AS hour,
    prediction_counts_arrived.model,
    prediction_counts_arrived.model_version,
    prediction_counts_arrived.source,
        CASE
            WHEN prediction_counts_arrived.is_number THEN (three_digits((prediction_counts_arrived.prediction)::double precision))::text
            ELSE prediction_counts_arrived.prediction
        END AS prediction,
    prediction_counts_arrived.number,
        CASE
            WHEN prediction_counts_arrived.is_number THEN ((prediction_counts_arrived.number)::double precision * (prediction_counts_arrived.prediction)::double precision)
            ELSE NULL::double precision
        END AS total
   FROM prediction_counts_arrived;

create view weir.problem_counts as
 SELECT problem_counts_folded.width,
    problem_counts_folded.at,
    problem_counts_folded.source,
    problem_counts_folded.category,
    problem_counts_folded.severity,
    problem_counts_folded.column_name,
    problem_counts_folded.expectation,
    problem_counts_folded.sentence,
    problem_counts_folded.problems,
    problem_counts_folded.files,
    problem_counts_folded.rows,
    problem_counts_folded.first_at,
    problem_counts_folded.last_at
   FROM problem_counts_folded
UNION ALL
 SELECT widths.width,
    date_bin(widths.width, problem_counts_arrived.minute, '1970-01-01 00:00:00+00'::timestamp with time zone) AS at,
    problem_counts_arrived.source,
    problem_counts_arrived.category,
    problem_counts_arrived.severity,
    problem_counts_arrived.column_name,
    problem_counts_arrived.expectation,
    problem_counts_arrived.sentence,
    problem_counts_arrived.problems,
    problem_counts_arrived.files,
    problem_counts_arrived.rows,
    problem_counts_arrived.first_at,
    problem_counts_arrived.last_at
   FROM problem_counts_arrived,
    ( VALUES ('00:01:00'::interval), ('01:00:00'::interval)) widths(width);

create view weir.run_counts as
 SELECT run_counts_folded.width,
    run_counts_folded.at,
    run_counts_folded.pipeline,
    run_counts_folded.state,
    run_counts_folded.duration_ms,
    run_counts_folded.runs
   FROM run_counts_folded
UNION ALL
 SELECT widths.width,
    date_bin(widths.width, run_counts_arrived.minute, '1970-01-01 00:00:00+00'::timestamp with time zone) AS at,
    run_counts_arrived.pipeline,
    run_counts_arrived.state,
    run_counts_arrived.duration_ms,
    run_counts_arrived.runs
   FROM run_counts_arrived,
    ( VALUES ('00:01:00'::interval), ('01:00:00'::interval)) widths(width);

CREATE OR REPLACE FUNCTION weir.check_counts_between(since timestamp with time zone, until timestamp with time zone, width interval)
 RETURNS SETOF check_counts
 LANGUAGE sql
 STABLE PARALLEL SAFE
BEGIN ATOMIC
 SELECT counts.width,
     counts.at,
     counts.source,
     counts.verdict,
     counts.criticality,
     counts.files,
     counts.size_bytes,
     counts.rows_in,
     counts.rows_valid,
     counts.rows_invalid,
     counts.files_again
    FROM check_counts counts
   WHERE ((counts.width = '00:01:00'::interval) AND (counts.at >= date_trunc('minute'::text, check_counts_between.since)) AND (counts.at <= check_counts_between.until) AND (counts.at < first_full_hour(check_counts_between.since, check_counts_between.width)))
 UNION ALL
  SELECT counts.width,
     counts.at,
     counts.source,
     counts.verdict,
     counts.criticality,
     counts.files,
     counts.size_bytes,
     counts.rows_in,
     counts.rows_valid,
     counts.rows_invalid,
     counts.files_again
    FROM check_counts counts
   WHERE ((counts.width = '01:00:00'::interval) AND (counts.at >= first_full_hour(check_counts_between.since, check_counts_between.width)) AND (counts.at < end_of_hours(check_counts_between.until, check_counts_between.width)))
 UNION ALL
  SELECT counts.width,
     counts.at,
     counts.source,
     counts.verdict,
     counts.criticality,
     counts.files,
     counts.size_bytes,
     counts.rows_in,
     counts.rows_valid,
     counts.rows_invalid,
     counts.files_again
    FROM check_counts counts
   WHERE ((counts.width = '00:01:00'::interval) AND (counts.at >= GREATEST(first_full_hour(check_counts_between.since, check_counts_between.width), end_of_hours(check_counts_between.until, check_counts_between.width))) AND (counts.at <= check_counts_between.until));
END;

CREATE OR REPLACE FUNCTION weir.column_counts_between(since timestamp with time zone, until timestamp with time zone, width interval)
 RETURNS SETOF column_counts
 LANGUAGE sql
 STABLE PARALLEL SAFE
BEGIN ATOMIC
 SELECT counts.width,
     counts.at,
     counts.source,
     counts.column_name,
     counts.files,
     counts.rows_in,
     counts.nulls,
     counts.numbers,
     counts.total
    FROM column_counts counts
   WHERE ((counts.width = '00:01:00'::interval) AND (counts.at >= date_trunc('minute'::text, column_counts_between.since)) AND (counts.at <= column_counts_between.until) AND (counts.at < first_full_hour(column_counts_between.since, column_counts_between.width)))
 UNION ALL
  SELECT counts.width,
     counts.at,
     counts.source,
     counts.column_name,
     counts.files,
     counts.rows_in,
     counts.nulls,
     counts.numbers,
     counts.total
    FROM column_counts counts
   WHERE ((counts.width = '01:00:00'::interval) AND (counts.at >= first_full_hour(column_counts_between.since, column_counts_between.width)) AND (counts.at < end_of_hours(column_counts_between.until, column_counts_between.width)))
 UNION ALL
  SELECT counts.width,
     counts.at,
     counts.source,
     counts.column_name,
     counts.files,
     counts.rows_in,
     counts.nulls,
     counts.numbers,
     counts.total
    FROM column_counts counts
   WHERE ((counts.width = '00:01:00'::interval) AND (counts.at >= GREATEST(first_full_hour(column_counts_between.since, column_counts_between.width), end_of_hours(column_counts_between.until, column_counts_between.width))) AND (counts.at <= column_counts_between.until));
END;

CREATE OR REPLACE FUNCTION weir.comes_after_quarantine(of_file text, of_time timestamp with time zone, of_id text)
 RETURNS boolean
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN COALESCE((SELECT (checks.verdict = 'quarantined'::text) FROM checks WHERE ((checks.file = comes_after_quarantine.of_file) AND (ROW(checks.checked_at, checks.id) < ROW(comes_after_quarantine.of_time, comes_after_quarantine.of_id))) ORDER BY checks.checked_at DESC, checks.id DESC LIMIT 1), false);

CREATE OR REPLACE FUNCTION weir.confidence_counts_between(since timestamp with time zone, until timestamp with time zone, width interval)
 RETURNS TABLE(at timestamp with time zone, model text, model_version integer, confidence smallint, number bigint)
 LANGUAGE sql
 STABLE PARALLEL SAFE
BEGIN ATOMIC
 SELECT prediction_confidences.minute,
     prediction_confidences.model,
     prediction_confidences.model_version,
     prediction_confidences.confidence,
     prediction_confidences.number
    FROM prediction_confidences
   WHERE ((prediction_confidences.minute >= date_trunc('minute'::text, confidence_counts_between.since)) AND (prediction_confidences.minute <= confidence_counts_between.until) AND (prediction_confidences.minute < first_full_hour(confidence_counts_between.since, confidence_counts_between.width)))
 UNION ALL
  SELECT confidence_hours.hour,
     confidence_hours.model,
     confidence_hours.model_version,
     confidence_hours.confidence,
     confidence_hours.number
    FROM confidence_hours
   WHERE ((confidence_hours.hour >= first_full_hour(confidence_counts_between.since, confidence_counts_between.width)) AND (confidence_hours.hour < end_of_hours(confidence_counts_between.until, confidence_counts_between.width)))
 UNION ALL
  SELECT prediction_confidences.minute,
     prediction_confidences.model,
     prediction_confidences.model_version,
     prediction_confidences.confidence,
     prediction_confidences.number
    FROM prediction_confidences
   WHERE ((prediction_confidences.minute >= GREATEST(first_full_hour(confidence_counts_between.since, confidence_counts_between.width), end_of_hours(confidence_counts_between.until, confidence_counts_between.width))) AND (prediction_confidences.minute <= confidence_counts_between.until));
END;

CREATE OR REPLACE FUNCTION weir.count_checks()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'weir', 'public'
AS $function$
begin
  insert into check_counts_arrived (minute, source, verdict, criticality, files, size_bytes, rows_in, rows_valid, rows_invalid, files_again)
  select date_trunc('minute', checked_at), file_source(file), verdict, coalesce(criticality, 'none'),
         tg_argv[0]::integer * count(*), tg_argv[0]::integer * sum(size_bytes), tg_argv[0]::integer * sum(rows_in),
         tg_argv[0]::integer * sum(case when verdict = 'quarantined' then 0 else rows_good end),
         tg_argv[0]::integer * sum(case when verdict = 'quarantined' then rows_in else rows_bad + rows_rejected end),
         tg_argv[0]::integer * count(*) filter (where comes_after_quarantine(file, checked_at, id))
    from changed
   group by 1, 2, 3, 4;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION weir.count_columns()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'weir', 'public'
AS $function$
begin
  insert into column_counts_arrived
  select date_trunc('minute', checked_at), file_source(file), column_name, tg_argv[0]::integer * count(*),
         tg_argv[0]::integer * sum(rows_in), tg_argv[0]::integer * sum(null_count),
         tg_argv[0]::integer * coalesce(sum(rows_in - null_count) filter (where mean is not null), 0),
         tg_argv[0]::integer * coalesce(sum(mean * (rows_in - null_count)), 0)
    from changed join checks on checks.id = changed.check_id
   where rows_in > 0
   group by 1, 2, 3;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION weir.count_predictions()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'weir', 'public'
AS $function$
begin
  if current_setting('weir.predictions_are_counted', true) = 'yes' then
    return null;
  end if;
  insert into prediction_counts_arrived (minute, model, model_version, source, prediction, confidence, number, is_number)
  select date_trunc('minute', at), model, model_version, source, left(prediction #>> '{}', 200), round(100 * probability), count(*),
         jsonb_typeof(prediction) = 'number'
    from stored
   group by 1, 2, 3, 4, 5, 6, 8;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION weir.count_problems()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'weir', 'public'
AS $function$
begin
  insert into problem_counts_arrived
  select date_trunc('minute', checked_at), source, category, severity, column_name, expectation, max(left(sentence, 300)),
         tg_argv[0]::integer * count(*), tg_argv[0]::integer * count(*) filter (where place = 1), tg_argv[0]::integer * sum(row_count),
         case when tg_argv[0] = '1' then min(checked_at) end, case when tg_argv[0] = '1' then max(checked_at) end
    from (
      select checked_at, file_source(file) as source, category, severity, coalesce(column_name, '') as column_name,
             left(expectation, 300) as expectation, sentence, row_count,
             row_number() over (partition by check_id, category order by expectation, column_name) as place
        from changed join checks on checks.id = changed.check_id
    ) as problems
   group by 1, 2, 3, 4, 5, 6;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION weir.count_run()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'weir', 'public'
AS $function$
begin
  if tg_op <> 'INSERT' and old.state not in ('queued', 'running') then
    insert into run_counts_arrived
    values (date_trunc('minute', old.created_at), old.pipeline, old.state, run_duration(old.state, old.started_at, old.ended_at), -1);
  end if;
  if tg_op <> 'DELETE' and new.state not in ('queued', 'running') then
    insert into run_counts_arrived
    values (date_trunc('minute', new.created_at), new.pipeline, new.state, run_duration(new.state, new.started_at, new.ended_at), 1);
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION weir.delete_details_of_check()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'weir', 'public'
AS $function$
begin
  delete from check_problems where check_id = old.id;
  delete from check_columns where check_id = old.id;
  return old;
end $function$;

CREATE OR REPLACE FUNCTION weir.delete_history_of_runs()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'weir', 'public'
AS $function$
begin
  delete from attempts a using deleted d where a.run_id = d.id;
  delete from task_runs t using deleted d where t.run_id = d.id;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION weir.duration_bound(ms double precision)
 RETURNS double precision
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN (ms <= (1)::double precision) THEN (1)::double precision ELSE duration_step(ms, power((10)::double precision, floor(log(ms)))) END;

CREATE OR REPLACE FUNCTION weir.duration_step(ms double precision, decade double precision)
 RETURNS double precision
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (decade * (CASE WHEN (ms <= decade) THEN (1)::numeric WHEN (ms <= ((1.5)::double precision * decade)) THEN 1.5 WHEN (ms <= ((2)::double precision * decade)) THEN (2)::numeric WHEN (ms <= ((3)::double precision * decade)) THEN (3)::numeric WHEN (ms <= ((4)::double precision * decade)) THEN (4)::numeric WHEN (ms <= ((5)::double precision * decade)) THEN (5)::numeric WHEN (ms <= ((6)::double precision * decade)) THEN (6)::numeric WHEN (ms <= ((8)::double precision * decade)) THEN (8)::numeric ELSE (10)::numeric END)::double precision);

CREATE OR REPLACE FUNCTION weir.end_of_hours(until timestamp with time zone, width interval)
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN CASE WHEN (width >= '01:00:00'::interval) THEN date_bin('01:00:00'::interval, until, '1970-01-01 00:00:00+00'::timestamp with time zone) ELSE 'infinity'::timestamp with time zone END;

CREATE OR REPLACE FUNCTION weir.file_source(file text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN "left"(COALESCE(NULLIF(regexp_replace(file, '[-_. ]*([0-9].*)?(\.[A-Za-z0-9]+)*$'::text, ''::text), ''::text), 'other'::text), 60);

CREATE OR REPLACE FUNCTION weir.first_full_hour(since timestamp with time zone, width interval)
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN CASE WHEN (width >= '01:00:00'::interval) THEN date_bin('01:00:00'::interval, (since + '00:59:59.999999'::interval), '1970-01-01 00:00:00+00'::timestamp with time zone) ELSE 'infinity'::timestamp with time zone END;

CREATE OR REPLACE FUNCTION weir.keep_audit_log()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'weir', 'public'
AS $function$
begin
  if tg_op = 'DELETE' and current_setting('weir.audit_retention', true) = 'on' then
    return null;
  end if;
  raise exception 'The audit log is append-only: % is refused.', lower(tg_op) using errcode = 'insufficient_privilege';
end
$function$;

CREATE OR REPLACE FUNCTION weir.note_arrived_labels()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'weir', 'public'
AS $function$
begin
  insert into labels_arrived select distinct model, row_id, prediction_id from stored;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION weir.prediction_counts_between(since timestamp with time zone, until timestamp with time zone, width interval)
 RETURNS TABLE(at timestamp with time zone, model text, model_version integer, source text, prediction text, number bigint, total double precision)
 LANGUAGE sql
 STABLE PARALLEL SAFE
BEGIN ATOMIC
 SELECT prediction_counts.minute,
     prediction_counts.model,
     prediction_counts.model_version,
     prediction_counts.source,
     prediction_counts.prediction,
     prediction_counts.number,
         CASE
             WHEN (prediction_counts.prediction ~ '^-?[0-9.]+(e[+-]?[0-9]+)?$'::text) THEN ((prediction_counts.number)::double precision * (prediction_counts.prediction)::double precision)
             ELSE NULL::double precision
         END AS "case"
    FROM prediction_counts
   WHERE ((prediction_counts.minute >= date_trunc('minute'::text, prediction_counts_between.since)) AND (prediction_counts.minute <= prediction_counts_between.until) AND (prediction_counts.minute < first_full_hour(prediction_counts_between.since, prediction_counts_between.width)))
 UNION ALL
  SELECT prediction_hours.hour,
     prediction_hours.model,
     prediction_hours.model_version,
     prediction_hours.source,
     prediction_hours.prediction,
     prediction_hours.number,
     prediction_hours.total
    FROM prediction_hours
   WHERE ((prediction_hours.hour >= first_full_hour(prediction_counts_between.since, prediction_counts_between.width)) AND (prediction_hours.hour < end_of_hours(prediction_counts_between.until, prediction_counts_between.width)))
 UNION ALL
  SELECT prediction_counts.minute,
     prediction_counts.model,
     prediction_counts.model_version,
     prediction_counts.source,
     prediction_counts.prediction,
     prediction_counts.number,
         CASE
             WHEN (prediction_counts.prediction ~ '^-?[0-9.]+(e[+-]?[0-9]+)?$'::text) THEN ((prediction_counts.number)::double precision * (prediction_counts.prediction)::double precision)
             ELSE NULL::double precision
         END AS "case"
    FROM prediction_counts
   WHERE ((prediction_counts.minute >= GREATEST(first_full_hour(prediction_counts_between.since, prediction_counts_between.width), end_of_hours(prediction_counts_between.until, prediction_counts_between.width))) AND (prediction_counts.minute <= prediction_counts_between.until));
END;

CREATE OR REPLACE FUNCTION weir.problem_counts_between(since timestamp with time zone, until timestamp with time zone, width interval)
 RETURNS SETOF problem_counts
 LANGUAGE sql
 STABLE PARALLEL SAFE
BEGIN ATOMIC
 SELECT counts.width,
     counts.at,
     counts.source,
     counts.category,
     counts.severity,
     counts.column_name,
     counts.expectation,
     counts.sentence,
     counts.problems,
     counts.files,
     counts.rows,
     counts.first_at,
     counts.last_at
    FROM problem_counts counts
   WHERE ((counts.width = '00:01:00'::interval) AND (counts.at >= date_trunc('minute'::text, problem_counts_between.since)) AND (counts.at <= problem_counts_between.until) AND (counts.at < first_full_hour(problem_counts_between.since, problem_counts_between.width)))
 UNION ALL
  SELECT counts.width,
     counts.at,
     counts.source,
     counts.category,
     counts.severity,
     counts.column_name,
     counts.expectation,
     counts.sentence,
     counts.problems,
     counts.files,
     counts.rows,
     counts.first_at,
     counts.last_at
    FROM problem_counts counts
   WHERE ((counts.width = '01:00:00'::interval) AND (counts.at >= first_full_hour(problem_counts_between.since, problem_counts_between.width)) AND (counts.at < end_of_hours(problem_counts_between.until, problem_counts_between.width)))
 UNION ALL
  SELECT counts.width,
     counts.at,
     counts.source,
     counts.category,
     counts.severity,
     counts.column_name,
     counts.expectation,
     counts.sentence,
     counts.problems,
     counts.files,
     counts.rows,
     counts.first_at,
     counts.last_at
    FROM problem_counts counts
   WHERE ((counts.width = '00:01:00'::interval) AND (counts.at >= GREATEST(first_full_hour(problem_counts_between.since, problem_counts_between.width), end_of_hours(problem_counts_between.until, problem_counts_between.width))) AND (counts.at <= problem_counts_between.until));
END;

CREATE OR REPLACE FUNCTION weir.refused_fields_between(since timestamp with time zone, until timestamp with time zone, width interval)
 RETURNS SETOF refused_fields
 LANGUAGE sql
 STABLE PARALLEL SAFE
BEGIN ATOMIC
 SELECT counts.width,
     counts.at,
     counts.route,
     counts.field,
     counts.requests
    FROM refused_fields counts
   WHERE ((counts.width = '00:01:00'::interval) AND (counts.at >= date_trunc('minute'::text, refused_fields_between.since)) AND (counts.at <= refused_fields_between.until) AND (counts.at < first_full_hour(refused_fields_between.since, refused_fields_between.width)))
 UNION ALL
  SELECT counts.width,
     counts.at,
     counts.route,
     counts.field,
     counts.requests
    FROM refused_fields counts
   WHERE ((counts.width = '01:00:00'::interval) AND (counts.at >= first_full_hour(refused_fields_between.since, refused_fields_between.width)) AND (counts.at < end_of_hours(refused_fields_between.until, refused_fields_between.width)))
 UNION ALL
  SELECT counts.width,
     counts.at,
     counts.route,
     counts.field,
     counts.requests
    FROM refused_fields counts
   WHERE ((counts.width = '00:01:00'::interval) AND (counts.at >= GREATEST(first_full_hour(refused_fields_between.since, refused_fields_between.width), end_of_hours(refused_fields_between.until, refused_fields_between.width))) AND (counts.at <= refused_fields_between.until));
END;

CREATE OR REPLACE FUNCTION weir.request_counts_between(since timestamp with time zone, until timestamp with time zone, width interval)
 RETURNS SETOF request_counts
 LANGUAGE sql
 STABLE PARALLEL SAFE
BEGIN ATOMIC
 SELECT counts.width,
     counts.at,
     counts.route,
     counts.status,
     counts.duration_ms,
     counts.requests
    FROM request_counts counts
   WHERE ((counts.width = '00:01:00'::interval) AND (counts.at >= date_trunc('minute'::text, request_counts_between.since)) AND (counts.at <= request_counts_between.until) AND (counts.at < first_full_hour(request_counts_between.since, request_counts_between.width)))
 UNION ALL
  SELECT counts.width,
     counts.at,
     counts.route,
     counts.status,
     counts.duration_ms,
     counts.requests
    FROM request_counts counts
   WHERE ((counts.width = '01:00:00'::interval) AND (counts.at >= first_full_hour(request_counts_between.since, request_counts_between.width)) AND (counts.at < end_of_hours(request_counts_between.until, request_counts_between.width)))
 UNION ALL
  SELECT counts.width,
     counts.at,
     counts.route,
     counts.status,
     counts.duration_ms,
     counts.requests
    FROM request_counts counts
   WHERE ((counts.width = '00:01:00'::interval) AND (counts.at >= GREATEST(first_full_hour(request_counts_between.since, request_counts_between.width), end_of_hours(request_counts_between.until, request_counts_between.width))) AND (counts.at <= request_counts_between.until));
END;

CREATE OR REPLACE FUNCTION weir.run_counts_between(since timestamp with time zone, until timestamp with time zone, width interval)
 RETURNS SETOF run_counts
 LANGUAGE sql
 STABLE PARALLEL SAFE
BEGIN ATOMIC
 SELECT counts.width,
     counts.at,
     counts.pipeline,
     counts.state,
     counts.duration_ms,
     counts.runs
    FROM run_counts counts
   WHERE ((counts.width = '00:01:00'::interval) AND (counts.at >= date_trunc('minute'::text, run_counts_between.since)) AND (counts.at <= run_counts_between.until) AND (counts.at < first_full_hour(run_counts_between.since, run_counts_between.width)))
 UNION ALL
  SELECT counts.width,
     counts.at,
     counts.pipeline,
     counts.state,
     counts.duration_ms,
     counts.runs
    FROM run_counts counts
   WHERE ((counts.width = '01:00:00'::interval) AND (counts.at >= first_full_hour(run_counts_between.since, run_counts_between.width)) AND (counts.at < end_of_hours(run_counts_between.until, run_counts_between.width)))
 UNION ALL
  SELECT counts.width,
     counts.at,
     counts.pipeline,
     counts.state,
     counts.duration_ms,
     counts.runs
    FROM run_counts counts
   WHERE ((counts.width = '00:01:00'::interval) AND (counts.at >= GREATEST(first_full_hour(run_counts_between.since, run_counts_between.width), end_of_hours(run_counts_between.until, run_counts_between.width))) AND (counts.at <= run_counts_between.until));
END;

CREATE OR REPLACE FUNCTION weir.run_duration(state text, started_at timestamp with time zone, ended_at timestamp with time zone)
 RETURNS double precision
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN CASE WHEN (state = ANY (ARRAY['succeeded'::text, 'failed'::text])) THEN COALESCE(duration_bound((((1000)::numeric * EXTRACT(epoch FROM (ended_at - started_at))))::double precision), ('-1'::integer)::double precision) ELSE ('-1'::integer)::double precision END;

CREATE OR REPLACE FUNCTION weir.three_digits(value double precision)
 RETURNS double precision
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN (value = (0)::double precision) THEN (0)::double precision ELSE (round((value)::numeric, (2 - (floor(log(abs(value))))::integer)))::double precision END;

CREATE TRIGGER audit_log_is_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON weir.audit_log FOR EACH STATEMENT EXECUTE FUNCTION keep_audit_log();

CREATE TRIGGER columns_are_counted AFTER INSERT ON weir.check_columns REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_columns('1');

CREATE TRIGGER columns_are_uncounted AFTER DELETE ON weir.check_columns REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_columns('-1');

CREATE TRIGGER problems_are_counted AFTER INSERT ON weir.check_problems REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_problems('1');

CREATE TRIGGER problems_are_uncounted AFTER DELETE ON weir.check_problems REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_problems('-1');

CREATE TRIGGER checks_are_counted AFTER INSERT ON weir.checks REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_checks('1');

CREATE TRIGGER checks_are_counted_again AFTER UPDATE ON weir.checks REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_checks('1');

CREATE TRIGGER checks_are_discounted AFTER UPDATE ON weir.checks REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_checks('-1');

CREATE TRIGGER checks_are_uncounted AFTER DELETE ON weir.checks REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_checks('-1');

CREATE TRIGGER checks_take_their_details BEFORE DELETE ON weir.checks FOR EACH ROW EXECUTE FUNCTION delete_details_of_check();

CREATE TRIGGER labels_are_noted AFTER INSERT ON weir.labels REFERENCING NEW TABLE AS stored FOR EACH STATEMENT EXECUTE FUNCTION note_arrived_labels();

CREATE TRIGGER predictions_are_counted AFTER INSERT ON weir.predictions REFERENCING NEW TABLE AS stored FOR EACH STATEMENT EXECUTE FUNCTION count_predictions();

CREATE TRIGGER runs_are_counted AFTER INSERT ON weir.runs FOR EACH ROW WHEN ((new.state <> ALL (ARRAY['queued'::text, 'running'::text]))) EXECUTE FUNCTION count_run();

CREATE TRIGGER runs_are_counted_again AFTER UPDATE ON weir.runs FOR EACH ROW WHEN (((((old.state IS DISTINCT FROM new.state) OR (old.created_at IS DISTINCT FROM new.created_at)) OR (old.started_at IS DISTINCT FROM new.started_at)) OR (old.ended_at IS DISTINCT FROM new.ended_at))) EXECUTE FUNCTION count_run();

CREATE TRIGGER runs_are_uncounted AFTER DELETE ON weir.runs FOR EACH ROW EXECUTE FUNCTION count_run();

CREATE TRIGGER runs_take_their_history AFTER DELETE ON weir.runs REFERENCING OLD TABLE AS deleted FOR EACH STATEMENT EXECUTE FUNCTION delete_history_of_runs();
