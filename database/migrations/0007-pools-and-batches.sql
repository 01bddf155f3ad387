-- Pools, whose units are leases, and the batches that attempts are made in. Owner: engine.

create table pools (
  name text primary key,
  size integer not null check (size > 0)
);
comment on table pools is 'One row for each pool that was ever used; whoever takes units locks it first, so that two engines cannot take the last one.';
comment on column pools.size is 'In units, as the engine that took some last was told. Each engine compares with its own setting.';

create table pool_leases (
  id         uuid primary key,
  pool       text not null references pools,
  units      integer not null check (units > 0),
  owner      text not null,
  expires_at timestamptz not null
);
create index pool_leases_by_pool on pool_leases (pool);
comment on table pool_leases is 'Units held now. Taken with the claim of the attempt, given back with its commit or while it waits for a need, renewed with its claim; one that expired is removed by whoever wants units next.';
comment on column pool_leases.owner is 'The engine process that holds them.';

alter table attempts add column batch uuid;
comment on column attempts.batch is 'The execution it shared with other goals; null when its task is not batched. Those lost together are tried again in halves, also by another process.';
