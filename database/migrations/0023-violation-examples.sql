-- The first rows that violate each expectation, with their values. Owner: contracts.

alter table check_problems add column examples jsonb not null default '[]';
comment on column check_problems.examples is 'A few rows at most: line, and the values as they stand in the file; null for a value of a sensitive column.';
