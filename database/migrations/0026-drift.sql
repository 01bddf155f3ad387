-- Drift of arriving rows and of predictions, judged by windows of event time. Owner: monitor.

create table drift_windows (
  id             bigint generated always as identity primary key,
  model          text not null,
  model_version  integer not null,
  stream         text not null check (stream in ('data', 'predictions')),
  from_at        timestamptz not null,
  to_at          timestamptz not null,
  status         text not null check (status in ('judged', 'too-few-rows', 'no-reference')),
  verdict        text check (verdict in ('stable', 'drifted')),
  is_sustained   boolean not null default false,
  sustained_k    integer not null,
  sustained_n    integer not null,
  row_count      bigint not null,
  late_count     bigint not null default 0,
  sentence       text not null,
  unjudged       jsonb not null default '[]',
  files          jsonb not null default '[]',
  run_id         bigint not null,
  judged_at      timestamptz not null default clock_timestamp(),
  unique (model, model_version, stream, from_at),
  check (from_at < to_at),
  check ((status = 'judged') = (verdict is not null))
);
create index drift_windows_by_time on drift_windows (model, stream, to_at desc, id desc);
comment on table drift_windows is 'One row for each window that was judged against the training rows of a model version. A window has from_at and not to_at; it never changes, but for late_count.';
comment on column drift_windows.stream is 'data: good rows of files, by their time or else the arrival of the file. predictions: features as they were served and what was predicted, by the time of the prediction.';
comment on column drift_windows.model_version is 'The champion when the rows arrived, or the version that predicted.';
comment on column drift_windows.status is 'too-few-rows: fewer than a verdict needs, even after merging with the windows that followed. no-reference: the version was registered without a reference.';
comment on column drift_windows.is_sustained is 'Whether some comparison drifted in sustained_k of the last sustained_n judged windows of its version and stream, this one included: what alerts are about.';
comment on column drift_windows.late_count is 'Rows that arrived after the window was judged; they are in no verdict.';
comment on column drift_windows.unjudged is 'Columns without a verdict, and why: [{"column", "reason"}].';
comment on column drift_windows.files is 'Files whose rows are in the window: [{"check", "rows"}].';

create table drift_scores (
  window_id        bigint not null references drift_windows on delete cascade,
  subject          text not null check (subject in ('feature', 'prediction', 'confidence')),
  column_name      text not null,
  kind             text not null check (kind in ('distribution', 'missing', 'new-category', 'skew')),
  test             text not null,
  reference_rows   bigint not null,
  current_rows     bigint not null,
  effect           double precision not null,
  effect_min       double precision not null,
  p_value          double precision,
  p_value_max      double precision,
  threshold        double precision,
  stability_index  double precision,
  stability_threshold double precision,
  importance       double precision,
  verdict          text not null check (verdict in ('stable', 'drifted')),
  drifted_windows  integer not null,
  is_sustained     boolean not null,
  bins             jsonb not null default '[]',
  examples         jsonb not null default '[]',
  primary key (window_id, subject, column_name, kind)
);
comment on table drift_scores is 'One row for each comparison of a judged window with the reference.';
comment on column drift_scores.subject is 'A feature by its name, what was predicted, or the probability of the predicted class.';
comment on column drift_scores.kind is 'distribution: of the values. missing: share of empty cells. new-category: categories that training did not have. skew: a stored prediction that its model version does not repeat.';
comment on column drift_scores.effect is 'From 0, equal, to 1. Independent of the number of rows.';
comment on column drift_scores.p_value_max is 'Up to this probability a difference is significant, after correction for all comparisons of the window.';
comment on column drift_scores.threshold is 'From this effect on it is drift: the smallest that is significant for these numbers of rows, and at least effect_min.';
comment on column drift_scores.stability_threshold is 'The stability index that chance alone exceeds in the stated share of windows of this size.';
comment on column drift_scores.importance is 'Share of the model''s error that is due to the column, by permutation on the test rows; null for what is no feature.';
comment on column drift_scores.drifted_windows is 'In how many of the last n windows this comparison drifted, this one included.';
comment on column drift_scores.bins is 'Rows by bin: [{"kind": "range", "from", "to"} or {"kind": "category", "name", "isNew"} or {"kind": "others", "categories"}, each with "reference", "current", "stability"]. Empty for a sensitive column.';
comment on column drift_scores.examples is 'Of skew: predictions that differ, with the stored value and what the version predicts now.';

create table drift_files (
  check_id       text not null,
  model          text not null,
  model_version  integer,
  at             timestamptz not null,
  newest_at      timestamptz not null,
  arrived_at     timestamptz not null,
  row_count      bigint not null,
  window_id      bigint references drift_windows on delete cascade,
  problem        text,
  primary key (check_id, model, at)
);
create index drift_files_unjudged on drift_files (model, model_version, at) where window_id is null;
create index drift_files_newest on drift_files (model, newest_at desc);
create index drift_files_arrived on drift_files (model, arrived_at desc);
create index drift_files_by_window on drift_files (window_id) where window_id is not null;
comment on table drift_files is 'Rows of each arrived file by the step of event time that they belong to, and the window they were judged in.';
comment on column drift_files.newest_at is 'The newest time among these rows.';
comment on column drift_files.model_version is 'The champion when the file arrived; null when there was none, and then nothing is judged.';
comment on column drift_files.window_id is 'Null until the window is judged; of late rows the window that was judged without them.';
comment on column drift_files.problem is 'Why the rows could not be read; null when they were.';

create view drift_now as
  select distinct on (w.model, w.model_version, w.stream) w.*
    from drift_windows w where w.status = 'judged'
   order by w.model, w.model_version, w.stream, w.to_at desc;
comment on view drift_now is 'The newest judged window of each model version and stream. Drift over time is what has is_sustained there, and in its drift_scores.';
