-- Predictions, and their counts by the minute, in partitions by time: what is too old is dropped a partition at a time,
-- instead of deleted row by row and vacuumed. Owner: ml.

-- The process makes partitions ahead of time. The default partition takes rows of any other time, so that no insert fails.

-- Identity columns of partitioned tables need PostgreSQL 17; a sequence does the same in all versions.
create sequence prediction_ids;
select setval('prediction_ids', last_value, is_called) from predictions_id_seq;
alter table predictions alter id drop identity, alter id set default nextval('prediction_ids');

drop trigger predictions_are_counted on predictions;
alter table predictions rename to predictions_before;
alter index predictions_pkey rename to predictions_before_pkey;
alter index predictions_by_time rename to predictions_before_by_time;
alter index predictions_by_source rename to predictions_before_by_source;
alter index predictions_by_model rename to predictions_before_by_model;
alter index predictions_by_row rename to predictions_before_by_row;
alter index predictions_once rename to predictions_before_once;

create table predictions (like predictions_before including defaults including constraints including comments) partition by range (at);
alter sequence prediction_ids owned by predictions.id;
create index predictions_by_time on predictions (at desc, id desc);
create index predictions_by_source on predictions (source, at desc, id desc);
create index predictions_by_model on predictions (model, model_version, at desc, id desc);
create index predictions_by_row on predictions (model, row_id, at desc) where row_id is not null;
comment on table predictions is 'One row for each prediction, in partitions by time. An id comes from one sequence; each partition has it only once, and a row of a request too.';

-- A unique index of the whole table would need the time. So each partition has its own by id and by request, as the default has;
-- prediction_requests holds each idempotency key once for all of them.
create table predictions_default (like predictions_before including defaults including constraints including indexes);
alter table predictions attach partition predictions_default default;

alter table prediction_counts_folded rename to prediction_counts_folded_before;
alter index prediction_counts_folded_pkey rename to prediction_counts_folded_before_pkey;
create table prediction_counts_folded (like prediction_counts_folded_before including all) partition by range (minute);
comment on table prediction_counts_folded is 'Read the view prediction_counts instead, which has what is not folded yet too.';
create table prediction_counts_folded_default partition of prediction_counts_folded default;

alter table prediction_confidences_folded rename to prediction_confidences_folded_before;
alter index prediction_confidences_folded_pkey rename to prediction_confidences_folded_before_pkey;
create table prediction_confidences_folded (like prediction_confidences_folded_before including all) partition by range (minute);
comment on table prediction_confidences_folded is 'Read the view prediction_confidences instead, which has what is not folded yet too.';
create table prediction_confidences_folded_default partition of prediction_confidences_folded default;

-- Views keep the table that they were made over, not its name.
create or replace view prediction_counts as
  select * from prediction_counts_folded
  union all
  select minute, model, model_version, source, prediction, number from prediction_counts_arrived;
create or replace view prediction_confidences as
  select * from prediction_confidences_folded
  union all
  select minute, model, model_version, confidence, number from prediction_counts_arrived where confidence is not null;

-- Existing rows become one partition, as they are: all indexes match, so PostgreSQL only reads the rows once, to see that they
-- belong there. Who could read the table still can, and only through it.
create function attach_former_table(whole text, time_column text) returns void language plpgsql as $$
declare
  former constant text := whole || '_before';
  newest timestamptz;
  granted record;
begin
  for granted in
    select coalesce(nullif(grantee, 0)::regrole::text, 'public') as role, privilege_type as privilege, '' as part
      from pg_class, aclexplode(relacl)
     where oid = former::regclass and grantee <> relowner
    union all
    select coalesce(nullif(grantee, 0)::regrole::text, 'public'), privilege_type, format('(%I)', attname)
      from pg_attribute, aclexplode(attacl)
     where attrelid = former::regclass
  loop
    execute format('grant %s %s on %I to %s', granted.privilege, granted.part, whole, granted.role);
    execute format('revoke all on %I from %s', former, granted.role);
  end loop;
  execute format('select max(%I) from %I', time_column, former) into newest;
  if newest is null then
    execute format('drop table %I', former);
  else
    execute format('alter table %I attach partition %I for values from (minvalue) to (%L)', whole, former,
                   date_trunc('day', greatest(newest, clock_timestamp()), 'UTC') + interval '24 hours');
  end if;
end $$;
select attach_former_table('predictions', 'at');
select attach_former_table('prediction_counts_folded', 'minute');
select attach_former_table('prediction_confidences_folded', 'minute');
drop function attach_former_table;

create trigger predictions_are_counted after insert on predictions
  referencing new table as stored for each statement execute function count_predictions();
