-- Generated from the dashboard definitions: change those, then run "npm run generate".
-- The role Grafana reads with. Run it as the owner of the schema, then: alter role weir_reader login password '...';
do $$ begin
  create role weir_reader nologin;
exception when duplicate_object then null;
end $$;
grant usage on schema weir to weir_reader;
grant select on all tables in schema weir to weir_reader;
alter default privileges in schema weir grant select on tables to weir_reader;
alter role weir_reader set default_transaction_read_only = on;
alter role weir_reader set statement_timeout = '10s';
