-- Checks counted by the minute and by the hour, and predictions by the hour, so that a dashboard over a quarter of a year
-- reads thousands of rows instead of millions. Owners: contracts, ml.

-- A statement that writes adds its counts to a table without an index, where no row is waited for; from there they are
-- folded. A replaced check is counted with a minus. Each view has what is folded and what is not yet.

create function file_source(file text) returns text language sql immutable parallel safe
return left(coalesce(nullif(regexp_replace(file, '[-_. ]*([0-9].*)?(\.[A-Za-z0-9]+)*$', ''), ''), 'other'), 60);
comment on function file_source is 'What a file is one of: its name up to the first digit, without its ending. orders-2026-03-01.csv is of orders.';

create function first_full_hour(since timestamptz, width interval) returns timestamptz language sql stable parallel safe
return case when width >= interval '1 hour'
  then date_bin('1 hour', since + interval '59 minutes 59.999999 seconds', 'epoch') else 'infinity' end;
comment on function first_full_hour is 'Where counts by the hour begin in a window: nowhere while its buckets are shorter.';

create function end_of_hours(until timestamptz, width interval) returns timestamptz language sql stable parallel safe
return case when width >= interval '1 hour' then date_bin('1 hour', until, 'epoch') else 'infinity' end;

-- Files.
create table check_counts_arrived (
  minute       timestamptz not null,
  source       text not null,
  verdict      text not null,
  criticality  text not null,
  files        bigint not null,
  size_bytes   numeric not null,
  rows_in      numeric not null,
  rows_valid   numeric not null,
  rows_invalid numeric not null
);

create table check_counts_folded (
  width        interval not null,
  at           timestamptz not null,
  source       text not null,
  verdict      text not null,
  criticality  text not null,
  files        bigint not null,
  size_bytes   numeric not null,
  rows_in      numeric not null,
  rows_valid   numeric not null,
  rows_invalid numeric not null,
  primary key (width, at, source, verdict, criticality)
);

create view check_counts as
  select * from check_counts_folded
  union all
  select width, date_bin(width, minute, 'epoch'), source, verdict, criticality, files, size_bytes, rows_in, rows_valid, rows_invalid
    from check_counts_arrived, (values (interval '1 minute'), (interval '1 hour')) as widths (width);
comment on view check_counts is 'Checked files by the minute and by the hour: choose a width, and sum. A replaced check has a row with minus signs.';
comment on column check_counts.rows_invalid is 'Bad and unreadable rows; all rows of a quarantined file.';

create function count_checks() returns trigger language plpgsql set search_path from current as $$
begin
  insert into check_counts_arrived
  select date_trunc('minute', checked_at), file_source(file), verdict, coalesce(criticality, 'none'),
         tg_argv[0]::integer * count(*), tg_argv[0]::integer * sum(size_bytes), tg_argv[0]::integer * sum(rows_in),
         tg_argv[0]::integer * sum(case when verdict = 'quarantined' then 0 else rows_good end),
         tg_argv[0]::integer * sum(case when verdict = 'quarantined' then rows_in else rows_bad + rows_rejected end)
    from changed
   group by 1, 2, 3, 4;
  return null;
end $$;

-- Unmet expectations.
create table problem_counts_arrived (
  minute      timestamptz not null,
  source      text not null,
  category    text not null,
  severity    text not null,
  column_name text not null,
  expectation text not null,
  sentence    text not null,
  problems    bigint not null,
  files       bigint not null,
  rows        numeric not null,
  first_at    timestamptz,
  last_at     timestamptz
);

create table problem_counts_folded (
  width       interval not null,
  at          timestamptz not null,
  source      text not null,
  category    text not null,
  severity    text not null,
  column_name text not null,
  expectation text not null,
  sentence    text not null,
  problems    bigint not null,
  files       bigint not null,
  rows        numeric not null,
  first_at    timestamptz,
  last_at     timestamptz,
  primary key (width, at, source, category, severity, column_name, expectation)
);

create view problem_counts as
  select * from problem_counts_folded
  union all
  select width, date_bin(width, minute, 'epoch'), source, category, severity, column_name, expectation, sentence,
         problems, files, rows, first_at, last_at
    from problem_counts_arrived, (values (interval '1 minute'), (interval '1 hour')) as widths (width);
comment on view problem_counts is 'Unmet expectations of checked files by the minute and by the hour: choose a width, and sum.';
comment on column problem_counts.files is 'Counts a file once for each category that it has problems of, whatever their number.';
comment on column problem_counts.sentence is 'The expectation in words, as one of its files had it.';

create function count_problems() returns trigger language plpgsql set search_path from current as $$
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
end $$;

-- Columns.
create table column_counts_arrived (
  minute      timestamptz not null,
  source      text not null,
  column_name text not null,
  files       bigint not null,
  rows_in     numeric not null,
  nulls       numeric not null,
  numbers     numeric not null,
  total       double precision not null
);

create table column_counts_folded (
  width       interval not null,
  at          timestamptz not null,
  source      text not null,
  column_name text not null,
  files       bigint not null,
  rows_in     numeric not null,
  nulls       numeric not null,
  numbers     numeric not null,
  total       double precision not null,
  primary key (width, at, source, column_name)
);

create view column_counts as
  select * from column_counts_folded
  union all
  select width, date_bin(width, minute, 'epoch'), source, column_name, files, rows_in, nulls, numbers, total
    from column_counts_arrived, (values (interval '1 minute'), (interval '1 hour')) as widths (width);
comment on view column_counts is 'Columns of checked files by the minute and by the hour: choose a width, and sum. A mean is the sum of total by that of numbers.';
comment on column column_counts.numbers is 'Cells that have a value, of files whose column has a mean.';

create function count_columns() returns trigger language plpgsql set search_path from current as $$
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
end $$;

-- What is there already waits to be folded like what comes.
insert into check_counts_arrived
select date_trunc('minute', checked_at), file_source(file), verdict, coalesce(criticality, 'none'), count(*), sum(size_bytes), sum(rows_in),
       sum(case when verdict = 'quarantined' then 0 else rows_good end),
       sum(case when verdict = 'quarantined' then rows_in else rows_bad + rows_rejected end)
  from checks
 group by 1, 2, 3, 4;
insert into problem_counts_arrived
select date_trunc('minute', checked_at), source, category, severity, column_name, expectation, max(left(sentence, 300)),
       count(*), count(*) filter (where place = 1), sum(row_count), min(checked_at), max(checked_at)
  from (
    select checked_at, file_source(file) as source, category, severity, coalesce(column_name, '') as column_name,
           left(expectation, 300) as expectation, sentence, row_count,
           row_number() over (partition by check_id, category order by expectation, column_name) as place
      from check_problems join checks on checks.id = check_problems.check_id
  ) as problems
 group by 1, 2, 3, 4, 5, 6;
insert into column_counts_arrived
select date_trunc('minute', checked_at), file_source(file), column_name, count(*), sum(rows_in), sum(null_count),
       coalesce(sum(rows_in - null_count) filter (where mean is not null), 0), coalesce(sum(mean * (rows_in - null_count)), 0)
  from check_columns join checks on checks.id = check_columns.check_id
 where rows_in > 0
 group by 1, 2, 3;

create trigger checks_are_counted after insert on checks
  referencing new table as changed for each statement execute function count_checks('1');
create trigger checks_are_counted_again after update on checks
  referencing new table as changed for each statement execute function count_checks('1');
create trigger checks_are_discounted after update on checks
  referencing old table as changed for each statement execute function count_checks('-1');
create trigger checks_are_uncounted after delete on checks
  referencing old table as changed for each statement execute function count_checks('-1');
create trigger problems_are_counted after insert on check_problems
  referencing new table as changed for each statement execute function count_problems('1');
create trigger problems_are_uncounted after delete on check_problems
  referencing old table as changed for each statement execute function count_problems('-1');
create trigger columns_are_counted after insert on check_columns
  referencing new table as changed for each statement execute function count_columns('1');
create trigger columns_are_uncounted after delete on check_columns
  referencing old table as changed for each statement execute function count_columns('-1');

-- Counting them needs their check, so they go before it and not after it by their foreign key.
create function delete_details_of_check() returns trigger language plpgsql set search_path from current as $$
begin
  delete from check_problems where check_id = old.id;
  delete from check_columns where check_id = old.id;
  return old;
end $$;
create trigger checks_take_their_details before delete on checks for each row execute function delete_details_of_check();

-- Predictions by the hour. Numbers are counted to three significant digits: as they are, nearly each is a number of its own.
create function three_digits(value double precision) returns double precision language sql immutable parallel safe
return case when value = 0 then 0 else round(value::numeric, 2 - floor(log(abs(value)))::integer)::double precision end;

alter table prediction_counts_arrived add column is_number boolean not null default false;

create or replace function count_predictions() returns trigger language plpgsql set search_path from current as $$
begin
  insert into prediction_counts_arrived (minute, model, model_version, source, prediction, confidence, number, is_number)
  select date_trunc('minute', at), model, model_version, source, left(prediction #>> '{}', 200), round(100 * probability), count(*),
         jsonb_typeof(prediction) = 'number'
    from stored
   group by 1, 2, 3, 4, 5, 6, 8;
  return null;
end $$;

create table prediction_hours_folded (
  hour          timestamptz not null,
  model         text not null,
  model_version integer not null,
  source        text not null,
  prediction    text not null,
  number        bigint not null,
  total         double precision,
  primary key (hour, model, model_version, source, prediction)
);

create table confidence_hours_folded (
  hour          timestamptz not null,
  model         text not null,
  model_version integer not null,
  confidence    smallint not null,
  number        bigint not null,
  primary key (hour, model, model_version, confidence)
);

create view prediction_hours as
  select * from prediction_hours_folded
  union all
  select date_bin('1 hour', minute, 'epoch'), model, model_version, source,
         case when is_number then three_digits(prediction::double precision)::text else prediction end, number,
         case when is_number then number * prediction::double precision end
    from prediction_counts_arrived;
comment on view prediction_hours is 'Predictions by the hour that they were stored in. A combination can have several rows: sum their numbers.';
comment on column prediction_hours.prediction is 'What was predicted, as text; numbers to three significant digits.';
comment on column prediction_hours.total is 'Sum of the predicted numbers, with all their digits; null for classes.';

create view confidence_hours as
  select * from confidence_hours_folded
  union all
  select date_bin('1 hour', minute, 'epoch'), model, model_version, confidence, number
    from prediction_counts_arrived where confidence is not null;

insert into prediction_hours_folded
select date_bin('1 hour', minute, 'epoch'), model, model_version, source,
       case when is_number then three_digits(prediction::double precision)::text else prediction end, sum(number),
       sum(number * prediction::double precision) filter (where is_number)
  from (
    select counts.*, prediction ~ '^-?[0-9.]+(e[+-]?[0-9]+)?$' and exists (
             select from model_versions versions
              where versions.model = counts.model and version = model_version and manifest #>> '{evaluation,kind}' = 'regression') as is_number
      from prediction_counts_folded as counts
  ) as counted
 group by 1, 2, 3, 4, 5;
insert into confidence_hours_folded
select date_bin('1 hour', minute, 'epoch'), model, model_version, confidence, sum(number)
  from prediction_confidences_folded
 group by 1, 2, 3, 4;

-- The counts of a window: by the hour where its buckets have whole hours, by the minute at its ends and elsewhere.
-- The first minute is counted whole.
create function check_counts_between(since timestamptz, until timestamptz, width interval) returns setof check_counts
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

create function problem_counts_between(since timestamptz, until timestamptz, width interval) returns setof problem_counts
language sql stable parallel safe begin atomic
  select counts.* from problem_counts as counts
   where counts.width = interval '1 minute' and at >= date_trunc('minute', since) and at <= until and at < first_full_hour(since, problem_counts_between.width)
  union all
  select counts.* from problem_counts as counts
   where counts.width = interval '1 hour' and at >= first_full_hour(since, problem_counts_between.width) and at < end_of_hours(until, problem_counts_between.width)
  union all
  select counts.* from problem_counts as counts
   where counts.width = interval '1 minute' and at >= greatest(first_full_hour(since, problem_counts_between.width), end_of_hours(until, problem_counts_between.width)) and at <= until;
end;

create function column_counts_between(since timestamptz, until timestamptz, width interval) returns setof column_counts
language sql stable parallel safe begin atomic
  select counts.* from column_counts as counts
   where counts.width = interval '1 minute' and at >= date_trunc('minute', since) and at <= until and at < first_full_hour(since, column_counts_between.width)
  union all
  select counts.* from column_counts as counts
   where counts.width = interval '1 hour' and at >= first_full_hour(since, column_counts_between.width) and at < end_of_hours(until, column_counts_between.width)
  union all
  select counts.* from column_counts as counts
   where counts.width = interval '1 minute' and at >= greatest(first_full_hour(since, column_counts_between.width), end_of_hours(until, column_counts_between.width)) and at <= until;
end;

create function prediction_counts_between(since timestamptz, until timestamptz, width interval)
returns table (at timestamptz, model text, model_version integer, source text, prediction text, number bigint, total double precision)
language sql stable parallel safe begin atomic
  select minute, model, model_version, source, prediction, number,
         case when prediction ~ '^-?[0-9.]+(e[+-]?[0-9]+)?$' then number * prediction::double precision end
    from prediction_counts
   where minute >= date_trunc('minute', since) and minute <= until and minute < first_full_hour(since, width)
  union all
  select hour, model, model_version, source, prediction, number, total
    from prediction_hours
   where hour >= first_full_hour(since, width) and hour < end_of_hours(until, width)
  union all
  select minute, model, model_version, source, prediction, number,
         case when prediction ~ '^-?[0-9.]+(e[+-]?[0-9]+)?$' then number * prediction::double precision end
    from prediction_counts
   where minute >= greatest(first_full_hour(since, width), end_of_hours(until, width)) and minute <= until;
end;

create function confidence_counts_between(since timestamptz, until timestamptz, width interval)
returns table (at timestamptz, model text, model_version integer, confidence smallint, number bigint)
language sql stable parallel safe begin atomic
  select minute, model, model_version, confidence, number from prediction_confidences
   where minute >= date_trunc('minute', since) and minute <= until and minute < first_full_hour(since, width)
  union all
  select hour, model, model_version, confidence, number from confidence_hours
   where hour >= first_full_hour(since, width) and hour < end_of_hours(until, width)
  union all
  select minute, model, model_version, confidence, number from prediction_confidences
   where minute >= greatest(first_full_hour(since, width), end_of_hours(until, width)) and minute <= until;
end;
