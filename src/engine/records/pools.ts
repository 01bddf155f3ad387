import type { Database, Queryable } from '#store';

/** Units of a pool that one execution holds, or wants. */
export interface PoolLease {
  readonly id: string;
  readonly pool: string;
  readonly units: number;
  /** Of the whole pool, in units. */
  readonly size: number;
}

export interface LeaseOptions {
  readonly owner: string;
  readonly leaseMs: number;
}

// The conflict locks the row even when its size is unchanged, in the order of names: the next transaction that counts
// waits for this commit.
const LOCK = `
insert into pools (name, size) select name, size from unnest($1::text[], $2::integer[]) as p (name, size) order by name
on conflict (name) do update set size = excluded.size where pools.size <> excluded.size`;

const FREE_EXPIRED = 'delete from pool_leases where pool = any($1::text[]) and expires_at < clock_timestamp()';

const HELD = 'select id::text, pool, units from pool_leases where pool = any($1::text[])';

const TAKE = `
insert into pool_leases (id, pool, units, owner, expires_at)
select id, pool, units, $4, clock_timestamp() + $5 * interval '1 ms'
from unnest($1::uuid[], $2::text[], $3::integer[]) as l (id, pool, units) on conflict (id) do nothing`;

/**
 * Returns which of the wanted leases fit, in their order, and keeps the pools locked until the transaction ends. In
 * each pool nothing overtakes the first that does not fit, so that small leases do not starve large ones.
 */
export async function findRoom(tx: Queryable, wanted: readonly PoolLease[]): Promise<ReadonlySet<string>> {
  const leases = [...new Map(wanted.map((lease) => [lease.id, lease])).values()];
  if (leases.length === 0) return new Set();
  const sizes = new Map(leases.map(({ pool, size }) => [pool, size]));
  const names = [...sizes.keys()];
  await tx.query(LOCK, [names, [...sizes.values()]]);
  // Separate statements: each sees what was committed while the one before waited.
  await tx.query(FREE_EXPIRED, [names]);
  const held = await tx.query<{ id: string; pool: string; units: number }>(HELD, [names]);
  const room = new Map(sizes);
  for (const { pool, units } of held) room.set(pool, (room.get(pool) ?? 0) - units);
  // The attempts of one batch may come in several transactions: the first takes its lease for all.
  const heldIds = new Set(held.map(({ id }) => id));
  const fitting = new Set(leases.flatMap(({ id }) => (heldIds.has(id) ? [id] : [])));
  for (const { id, pool, units } of leases) {
    if (fitting.has(id)) continue;
    const left = (room.get(pool) ?? 0) - units;
    if (left >= 0) fitting.add(id);
    room.set(pool, left >= 0 ? left : Number.NEGATIVE_INFINITY);
  }
  return fitting;
}

/** Records leases that fit, in the transaction that locked the pools. */
export async function insertLeases(tx: Queryable, wanted: readonly PoolLease[], options: LeaseOptions): Promise<void> {
  const leases = [...new Map(wanted.map((lease) => [lease.id, lease])).values()];
  if (leases.length === 0) return;
  await tx.query(TAKE, [
    leases.map((lease) => lease.id),
    leases.map((lease) => lease.pool),
    leases.map((lease) => lease.units),
    options.owner,
    options.leaseMs,
  ]);
}

/** Takes units again for executions that released them; returns for each whether it fitted. */
export function takeLeases(
  database: Database,
  leases: readonly PoolLease[],
  options: LeaseOptions,
): Promise<readonly boolean[]> {
  return database.transaction(async (tx) => {
    const fitting = await findRoom(tx, leases);
    const taken = leases.filter((lease) => fitting.has(lease.id));
    await insertLeases(tx, taken, options);
    return leases.map((lease) => fitting.has(lease.id));
  });
}

/**
 * Releases units. In a transaction that also locks claims this comes first, in the same order as where both are taken.
 */
export async function giveBackLeases(database: Queryable, ids: readonly string[]): Promise<readonly undefined[]> {
  if (ids.length > 0) await database.query('delete from pool_leases where id = any($1::uuid[])', [ids]);
  return ids.map(() => undefined);
}

/** Extends leases that still exist. */
export async function renewLeases(database: Queryable, ids: readonly string[], leaseMs: number): Promise<void> {
  await database.query(
    `update pool_leases set expires_at = clock_timestamp() + $2 * interval '1 ms'
     where id in (select id from pool_leases where id = any($1::uuid[]) for update skip locked)`,
    [ids, leaseMs],
  );
}

/** Frees what other owners left. */
export async function removeLeasesOfOthers(database: Queryable, owner: string): Promise<void> {
  await database.query('delete from pool_leases where owner <> $1', [owner]);
}
