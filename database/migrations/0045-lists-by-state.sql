-- Lists with a filter that matches few rows or none, and lists in an order that no index had, read all runs or all checks: 89 ms of 363,000
-- runs. One index gives the filter and the order. Owner: engine and contracts.

create index runs_by_state on runs (state, id);
create index runs_by_trigger on runs (trigger, id);

-- Read backwards it is what the index by pipeline was, and it gives the list by pipeline, too.
drop index runs_by_pipeline;
create index runs_by_pipeline on runs (pipeline, id);

create index checks_by_verdict on checks (verdict, checked_at);
create index checks_by_contract on checks (contract, checked_at);
