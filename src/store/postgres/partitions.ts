/*
 * Tables that are partitioned by time, so that old rows are dropped a partition at a time. Each has a default partition,
 * named like it with `_default`: it takes rows of times without a partition, and new partitions are made like it.
 */
import { hasErrorCode } from '../error-code.ts';
import type { Database, Queryable } from './database.ts';

export interface PartitionedTable {
  readonly name: string;
  /** The column that it is partitioned by. */
  readonly time: string;
}

/** The times of a partition: `from` is included, `to` is not. The default one has neither; one of all times before has no `from`. */
export interface Partition {
  readonly name: string;
  readonly from: Date | null;
  readonly to: Date | null;
}

export interface TimeRange {
  readonly from: Date;
  readonly to: Date;
}

const DAY_MS = 86_400_000;
/** A process that does not look for this long still finds a partition to write to. */
const AHEAD_MS = 7 * DAY_MS;
/** What waits for a lock makes others wait behind it. */
const LOCK_TIMEOUT = '2s';
const DELETED_AT_ONCE = 5_000;
const LOCK_NOT_AVAILABLE = '55P03';

// The server writes a bound as it reads a time, whatever its settings.
const PARTITIONS = `
  select part.oid::regclass::text as name,
         substring(bound from $$FROM \\('([^']+)'\\)$$)::timestamptz as "from",
         substring(bound from $$TO \\('([^']+)'\\)$$)::timestamptz as "to"
    from pg_inherits join pg_class part on part.oid = inhrelid, pg_get_expr(part.relpartbound, part.oid) as bound
   where inhparent = $1::regclass order by "from", "to"`;

/** The partitions of a table, the default one included. */
export function listPartitions(queryable: Queryable, { name }: PartitionedTable): Promise<readonly Partition[]> {
  return queryable.query<Partition & Record<string, unknown>>(PARTITIONS, [name]);
}

/**
 * Ranges of the present and of the days ahead that no partition has, of so many days each; fewer where one follows that
 * exists, such as by a clock that was wrong.
 */
export function missingRanges(
  partitions: readonly Partition[],
  { now, days }: { readonly now: Date; readonly days: number },
): readonly TimeRange[] {
  const spans = partitions.flatMap(({ from, to }) =>
    to === null ? [] : [{ start: from?.getTime() ?? Number.NEGATIVE_INFINITY, end: to.getTime() }],
  );
  const ranges: TimeRange[] = [];
  let at = Math.floor(now.getTime() / DAY_MS) * DAY_MS;
  while (at <= now.getTime() + AHEAD_MS) {
    const from = at;
    const covering = spans.find(({ start, end }) => start <= from && from < end);
    const following = spans.map(({ start }) => start).filter((start) => start > from);
    at = covering?.end ?? Math.min(from + days * DAY_MS, ...following);
    if (covering === undefined) ranges.push({ from: new Date(from), to: new Date(at) });
  }
  return ranges;
}

export interface PrepareOptions {
  /** Width of a new partition. */
  readonly days: number;
  /** The present; by the clock of the server unless given. */
  readonly now?: Date;
}

/**
 * Makes the partitions of the present and of the days ahead, where they are missing. Any number of processes may do it at
 * once. While somebody else holds the table nothing is made: the default partition takes the rows, and a later call moves them.
 */
export async function preparePartitions(
  database: Database,
  table: PartitionedTable,
  { days, now }: PrepareOptions,
): Promise<void> {
  const missing = async (queryable: Queryable) =>
    missingRanges(await listPartitions(queryable, table), { now: now ?? (await timeOf(queryable)), days });
  if ((await missing(database)).length === 0) return;
  try {
    await database.transaction(async (tx) => {
      await tx.query("select pg_advisory_xact_lock(hashtextextended('weir partitions', 0))");
      await tx.query(`set local lock_timeout = '${LOCK_TIMEOUT}'`);
      for (const range of await missing(tx)) await createPartition(tx, table, range);
    });
  } catch (error) {
    if (!hasErrorCode(error, LOCK_NOT_AVAILABLE)) throw error;
  }
}

async function timeOf(queryable: Queryable): Promise<Date> {
  const [row] = await queryable.query<{ now: Date }>('select clock_timestamp() as now');
  if (row === undefined) throw new Error('Expected the time of the database.');
  return row.now;
}

async function createPartition(tx: Queryable, { name, time }: PartitionedTable, range: TimeRange): Promise<void> {
  const from = range.from.toISOString();
  const to = range.to.toISOString();
  const partition = `${name}_${from.slice(0, 10).replaceAll('-', '')}`;
  // An insert that already waits for the default partition would fail there once the new one has its times.
  await tx.query(`lock table ${name} in share row exclusive mode`);
  await tx.query(`create table ${partition} (like ${name}_default including all)`);
  await tx.query(
    `with moved as (delete from ${name}_default where ${time} >= $1 and ${time} < $2 returning *)
     insert into ${partition} select * from moved`,
    [from, to],
  );
  await tx.query(`alter table ${name} attach partition ${partition} for values from ('${from}') to ('${to}')`);
}

export interface Removed {
  readonly rows: number;
  /** Since when all rows are kept: up to the width of a partition before the moment. */
  readonly keptFrom: Date;
  /** Partitions that somebody held, and that a later call drops. */
  readonly inUse: number;
}

/**
 * Drops the partitions whose times are all before the moment, and deletes such rows from those that hold any time: the
 * default one, and one of all times before.
 */
export async function removeRowsBefore(database: Database, table: PartitionedTable, before: Date): Promise<Removed> {
  let rows = 0;
  let inUse = 0;
  let keptFrom = before;
  const keep = (from: Date): void => {
    if (from < keptFrom) keptFrom = from;
  };
  for (const partition of await listPartitions(database, table)) {
    const { name, from, to } = partition;
    if (to !== null && to <= before) {
      const dropped = await maybeDropped(database, partition);
      rows += dropped ?? 0;
      if (dropped !== undefined) continue;
      inUse += 1;
      keep(from ?? new Date(0));
    } else if (from !== null) keep(from);
    else rows += await deleteBefore(database, { ...table, name, before });
  }
  return { rows, keptFrom, inUse };
}

/** How many rows went with the partition; undefined when somebody holds it, such as a backup. */
async function maybeDropped(database: Database, { name }: Partition): Promise<number | undefined> {
  const [counted] = await database.query<{ rows: string }>(`select count(*) as rows from ${name}`);
  try {
    await database.transaction(async (tx) => {
      await tx.query(`set local lock_timeout = '${LOCK_TIMEOUT}'`);
      await tx.query(`drop table ${name}`);
    });
    return Number(counted?.rows ?? 0);
  } catch (error) {
    if (hasErrorCode(error, LOCK_NOT_AVAILABLE)) return undefined;
    throw error;
  }
}

interface Deletion extends PartitionedTable {
  readonly before: Date;
}

async function deleteBefore(database: Database, { name, time, before }: Deletion): Promise<number> {
  let rows = 0;
  for (;;) {
    const gone = await database.query(
      `delete from ${name} where ctid = any(array(select ctid from ${name} where ${time} < $1 limit ${DELETED_AT_ONCE})) returning 1`,
      [before],
    );
    rows += gone.length;
    if (gone.length < DELETED_AT_ONCE) return rows;
  }
}
