-- Runs and HTTP requests counted by the minute and by the hour, files that come again after a quarantine, and numbers of a
-- judged window beside those of training. Owner: monitor; contracts for files.

create function duration_step(ms double precision, decade double precision) returns double precision language sql immutable parallel safe
return decade * case when ms <= decade then 1 when ms <= 1.5 * decade then 1.5 when ms <= 2 * decade then 2 when ms <= 3 * decade then 3
  when ms <= 4 * decade then 4 when ms <= 5 * decade then 5 when ms <= 6 * decade then 6 when ms <= 8 * decade then 8 else 10 end;

create function duration_bound(ms double precision) returns double precision language sql immutable parallel safe
return case when ms <= 1 then 1 else duration_step(ms, power(10, floor(log(ms)))) end;
comment on function duration_bound is 'A bound that a duration keeps to, eight in a decade, so that many durations are few rows.';

-- Runs. As for checks: what arrives waits to be folded, and what changes is counted with a minus and again.
create table run_counts_arrived (
  minute      timestamptz not null,
  pipeline    text not null,
  state       text not null,
  duration_ms double precision not null,
  runs        bigint not null
);

create table run_counts_folded (
  width       interval not null,
  at          timestamptz not null,
  pipeline    text not null,
  state       text not null,
  duration_ms double precision not null,
  runs        bigint not null,
  primary key (width, at, pipeline, state, duration_ms)
);

create view run_counts as
  select * from run_counts_folded
  union all
  select width, date_bin(width, minute, 'epoch'), pipeline, state, duration_ms, runs
    from run_counts_arrived, (values (interval '1 minute'), (interval '1 hour')) as widths (width);
comment on view run_counts is 'Ended runs by the minute and by the hour in which they were created: choose a width, and sum.';
comment on column run_counts.duration_ms is 'The bound that the time from start to end kept to, see duration_bound; -1 for a run that did no work.';

create function run_duration(state text, started_at timestamptz, ended_at timestamptz) returns double precision language sql stable parallel safe
return case when state in ('succeeded', 'failed') then coalesce(duration_bound((1000 * extract(epoch from ended_at - started_at))::double precision), -1) else -1 end;

create function count_run() returns trigger language plpgsql set search_path from current as $$
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
end $$;

insert into run_counts_arrived
select date_trunc('minute', created_at), pipeline, state, run_duration(state, started_at, ended_at), count(*)
  from runs where state not in ('queued', 'running')
 group by 1, 2, 3, 4;

create trigger runs_are_counted after insert on runs for each row
  when (new.state not in ('queued', 'running')) execute function count_run();
-- Not for a heartbeat, which changes nothing that is counted.
create trigger runs_are_counted_again after update on runs for each row
  when ((old.state, old.created_at, old.started_at, old.ended_at) is distinct from (new.state, new.created_at, new.started_at, new.ended_at))
  execute function count_run();
create trigger runs_are_uncounted after delete on runs for each row execute function count_run();

create function run_counts_between(since timestamptz, until timestamptz, width interval) returns setof run_counts
language sql stable parallel safe begin atomic
  select counts.* from run_counts as counts
   where counts.width = interval '1 minute' and at >= date_trunc('minute', since) and at <= until and at < first_full_hour(since, run_counts_between.width)
  union all
  select counts.* from run_counts as counts
   where counts.width = interval '1 hour' and at >= first_full_hour(since, run_counts_between.width) and at < end_of_hours(until, run_counts_between.width)
  union all
  select counts.* from run_counts as counts
   where counts.width = interval '1 minute' and at >= greatest(first_full_hour(since, run_counts_between.width), end_of_hours(until, run_counts_between.width)) and at <= until;
end;

-- Requests. A server adds what it has counted every few seconds, to the minute and to the hour at once.
create table request_counts (
  width       interval not null,
  at          timestamptz not null,
  route       text not null,
  status      text not null,
  duration_ms double precision not null,
  requests    bigint not null,
  primary key (width, at, route, status, duration_ms)
);
comment on table request_counts is 'Answered requests of the API by the minute and by the hour: choose a width, and sum.';
comment on column request_counts.route is 'Method and pattern of the route, so that their number is bounded.';
comment on column request_counts.status is 'Class of the status: 2xx, 3xx, 4xx or 5xx.';
comment on column request_counts.duration_ms is 'The bound that the time to answer kept to, see duration_bound; at most 100000.';

create table refused_fields (
  width    interval not null,
  at       timestamptz not null,
  route    text not null,
  field    text not null,
  requests bigint not null,
  primary key (width, at, route, field)
);
comment on table refused_fields is 'Requests refused for a field of their rows, by the minute and by the hour: choose a width, and sum. A request counts once for each field.';
comment on column refused_fields.field is 'A column of the contract, or "other" for what the contract does not know.';

create function request_counts_between(since timestamptz, until timestamptz, width interval) returns setof request_counts
language sql stable parallel safe begin atomic
  select counts.* from request_counts as counts
   where counts.width = interval '1 minute' and at >= date_trunc('minute', since) and at <= until and at < first_full_hour(since, request_counts_between.width)
  union all
  select counts.* from request_counts as counts
   where counts.width = interval '1 hour' and at >= first_full_hour(since, request_counts_between.width) and at < end_of_hours(until, request_counts_between.width)
  union all
  select counts.* from request_counts as counts
   where counts.width = interval '1 minute' and at >= greatest(first_full_hour(since, request_counts_between.width), end_of_hours(until, request_counts_between.width)) and at <= until;
end;

create function refused_fields_between(since timestamptz, until timestamptz, width interval) returns setof refused_fields
language sql stable parallel safe begin atomic
  select counts.* from refused_fields as counts
   where counts.width = interval '1 minute' and at >= date_trunc('minute', since) and at <= until and at < first_full_hour(since, refused_fields_between.width)
  union all
  select counts.* from refused_fields as counts
   where counts.width = interval '1 hour' and at >= first_full_hour(since, refused_fields_between.width) and at < end_of_hours(until, refused_fields_between.width)
  union all
  select counts.* from refused_fields as counts
   where counts.width = interval '1 minute' and at >= greatest(first_full_hour(since, refused_fields_between.width), end_of_hours(until, refused_fields_between.width)) and at <= until;
end;

-- Files that come again after a quarantine.
create index checks_by_file_and_time on checks (file, checked_at, id);
create index checks_quarantined on checks (checked_at) include (file) where verdict = 'quarantined';
alter table check_counts_arrived add column files_again bigint not null default 0;
alter table check_counts_folded add column files_again bigint not null default 0;

create or replace view check_counts as
  select * from check_counts_folded
  union all
  select width, date_bin(width, minute, 'epoch'), source, verdict, criticality, files, size_bytes, rows_in, rows_valid, rows_invalid, files_again
    from check_counts_arrived, (values (interval '1 minute'), (interval '1 hour')) as widths (width);
comment on column check_counts.files_again is 'Files whose check before, under the same name, ended in quarantine.';

create or replace function check_counts_between(since timestamptz, until timestamptz, width interval) returns setof check_counts
language sql stable parallel safe begin atomic
  select counts.* from check_counts as counts
   where counts.width = interval '1 minute' and at >= date_trunc('minute', since) and at <= until and at < first_full_hour(since, check_counts_between.width)
  union all
  select counts.* from check_counts as counts
   where counts.width = interval '1 hour' and at >= first_full_hour(since, check_counts_between.width) and at < end_of_hours(until, check_counts_between.width)
  union all
  select counts.* from check_counts as counts
   where counts.width = interval '1 minute' and at >= greatest(first_full_hour(since, check_counts_between.width), end_of_hours(until, check_counts_between.width)) and at <= until;
end;

create function comes_after_quarantine(of_file text, of_time timestamptz, of_id text) returns boolean language sql stable parallel safe
return coalesce((select verdict = 'quarantined' from checks
                  where file = of_file and (checked_at, id) < (of_time, of_id) order by checked_at desc, id desc limit 1), false);

create or replace function count_checks() returns trigger language plpgsql set search_path from current as $$
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
end $$;

-- What is there already.
insert into check_counts_arrived (minute, source, verdict, criticality, files, size_bytes, rows_in, rows_valid, rows_invalid, files_again)
select date_trunc('minute', checked_at), file_source(file), verdict, coalesce(criticality, 'none'), 0, 0, 0, 0, 0, count(*)
  from (
    select checks.*, lag(verdict) over (partition by file order by checked_at, id) = 'quarantined' as is_again from checks
  ) as placed
 where is_again
 group by 1, 2, 3, 4;

-- Attempts to send alerts, by time.
create index alert_attempts_by_time on alert_attempts (started_at);

-- Numbers of a judged window beside those of training.
alter table drift_scores
  add column reference_mean double precision,
  add column current_mean double precision,
  add column reference_quantiles double precision[],
  add column current_quantiles double precision[],
  add column outside_share double precision;
-- Lines over time are read from it alone: a row with its bins is some kilobytes.
create index drift_scores_over_time on drift_scores (window_id, kind) include (subject, column_name, effect, threshold, outside_share);
comment on column drift_scores.reference_mean is 'Of the distribution of numbers; means and quantiles are null for what is no number and for a sensitive column.';
comment on column drift_scores.reference_quantiles is 'Up to which value a tenth, a half and nine tenths lie; current_quantiles are those of the window.';
comment on column drift_scores.outside_share is 'Share of the values of the window that are out of the range of the reference, or of a category that it does not have.';
