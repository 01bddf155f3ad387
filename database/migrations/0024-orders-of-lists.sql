-- Lists are sorted by more than time. Rows of both tables are few, one for each run and each file. Owners: engine, contracts.

create index runs_by_duration on runs (coalesce(extract(epoch from ended_at - started_at), -1), id);

create index checks_by_file on checks (file, id);
create index checks_by_rows on checks (rows_in, id);
create index checks_by_unusable on checks (
  (case when verdict = 'quarantined' then 1 when rows_in = 0 then 0
    else (rows_bad + rows_rejected)::float8 / rows_in end), id);
