import type { Queryable } from '#store';
import type { Params } from '../define/goal.ts';

/** A goal that cannot be computed again as the sources stand. Its results are kept and stay complete. */
export interface StaleGoal {
  /** Identity of the goal: `goal` of its task runs and manifests. */
  readonly goal: string;
  readonly task: string;
  readonly params: Params;
  readonly reason: string;
  readonly source: string;
  readonly partition: string;
  readonly since: Date;
}

export interface ListStaleOptions {
  readonly source?: string | undefined;
  /** Only these goals. */
  readonly goals?: readonly string[] | undefined;
  /** Identity of the last goal of the page before. */
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

const LIMIT_DEFAULT = 1_000;

/** Stale goals in the order of their identities, the removed partitions' own among them. */
export function listStale(database: Queryable, options: ListStaleOptions = {}): Promise<readonly StaleGoal[]> {
  const { source, goals, after, limit = LIMIT_DEFAULT } = options;
  return database.query<StaleGoal>(
    `select goal, task, params, reason, source, partition, since from stale_goals
     where ($1::text is null or source = $1) and ($2::text[] is null or goal = any($2)) and ($3::text is null or goal > $3)
     order by goal limit $4`,
    [source ?? null, goals ?? null, after ?? null, limit],
  );
}

/** Held by who changes what is known of a source, until the transaction ends. */
export async function lockSource(tx: Queryable, source: string): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('weir source ' || $1, 0))`, [source]);
}

/**
 * Held until the transaction ends by who changes marks, and by who adds results: a result that is made while its
 * partition is removed is seen by the one or by the other.
 */
export async function lockStaleness(tx: Queryable): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('weir staleness', 0))`);
}

/*
 * A goal is stale when something it needs by its params alone is stale, or when all its newest result was made from is.
 * So a goal that enumerated the partitions is not: it read the list of names, which is never stale.
 */
const JUDGED = `
judged as (
  select u.goal, bool_or(u.is_static and s.goal is not null) or bool_and(s.goal is not null) as is_stale,
    (array_agg(s.goal order by s.since, s.goal) filter (where s.goal is not null))[1] as cause
  from goal_uses u left join stale_goals s on s.goal = u.used where u.goal in (select goal from asked) group by u.goal)`;

const MARK = `
marked as (
  insert into stale_goals (goal, task, params, reason, source, partition)
  select j.goal, m.task, m.params,
    format('It is made from partition %s of source %s, which was removed.', to_json(c.partition), c.source), c.source, c.partition
  from judged j join stale_goals c on c.goal = j.cause
    cross join lateral (select task, params from manifests where goal = j.goal order by created_at desc limit 1) m
  where j.is_stale
  on conflict (goal) do update set reason = excluded.reason, source = excluded.source, partition = excluded.partition
  where (stale_goals.source, stale_goals.partition) is distinct from (excluded.source, excluded.partition)
  returning goal),
cleared as (
  delete from stale_goals s using judged j where s.goal = j.goal and not j.is_stale returning s.goal)
select goal from marked union all select goal from cleared`;

const JUDGE_USERS = `with asked as (select distinct goal from goal_uses where used = any($1::text[])), ${JUDGED}, ${MARK}`;
const JUDGE = `with asked as (select unnest($1::text[]) as goal), ${JUDGED}, ${MARK}`;

/** What comes from no source any more. */
const FREE = `delete from stale_goals s where s.goal = any($1::text[])
  and not exists (select 1 from goal_uses u where u.goal = s.goal) returning goal`;

/** Longer chains than this are taken for a circle. */
const LEVELS_MAX = 100_000;

/** Judges again whatever was made from goals whose marks changed, level by level, until nothing changes. */
export async function propagateStaleness(tx: Queryable, changed: readonly string[]): Promise<void> {
  let level = changed;
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === LEVELS_MAX)
      throw new Error('The uses of goals form a circle; marks of staleness cannot be carried on.');
    const rows = await tx.query<{ goal: string }>(JUDGE_USERS, [level]);
    level = rows.map((row) => row.goal);
  }
}

/** Judges goals that have a new result, and what is made from those whose marks changed. */
export async function judgeGoals(tx: Queryable, goals: readonly string[]): Promise<void> {
  const judged = await tx.query<{ goal: string }>(JUDGE, [goals]);
  const freed = await tx.query<{ goal: string }>(FREE, [goals]);
  await propagateStaleness(
    tx,
    [...judged, ...freed].map(({ goal }) => goal),
  );
}
