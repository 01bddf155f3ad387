import type { Queryable } from '#store';
import type { Manifest } from '../define/artifact.ts';
import type { Params } from '../define/goal.ts';
import { flattenInputs } from '../define/inputs.ts';
import { makeGoalId } from '../define/key.ts';
import { sourceTaskNames } from '../define/partitions.ts';
import type { Registry } from '../define/registry.ts';
import type { AttemptEnd } from './commit-attempts.ts';

/** A goal that cannot be computed again with the present sources. Its results are kept and stay complete. */
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

/** Taken to change what is known of a source, and held until the transaction ends. */
export async function lockSource(tx: Queryable, source: string): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('weir source ' || $1, 0))`, [source]);
}

/**
 * Taken to change marks and to add results, and held until the transaction ends, so that a result that is made while
 * its partition is removed is seen by one of the two.
 */
export async function lockStaleness(tx: Queryable): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('weir staleness', 0))`);
}

/*
 * A goal is stale when something it needs by its params alone is stale, or when everything that its newest result was
 * made from is stale. A goal that enumerated the partitions is not stale: it read the list of names, which never is.
 */
const JUDGED = `
evaluated as (
  select u.goal, bool_or(u.is_static and s.goal is not null) or bool_and(s.goal is not null) as is_stale,
    (array_agg(s.goal order by s.since, s.goal) filter (where s.goal is not null))[1] as cause
  from goal_uses u left join stale_goals s on s.goal = u.used where u.goal in (select goal from asked) group by u.goal)`;

const MARK = `
marked as (
  insert into stale_goals (goal, task, params, reason, source, partition)
  select j.goal, m.task, m.params,
    format('It is made from partition %s of source %s, which was removed.', to_json(c.partition), c.source), c.source, c.partition
  from evaluated j join stale_goals c on c.goal = j.cause
    cross join lateral (select task, params from manifests where goal = j.goal order by created_at desc limit 1) m
  where j.is_stale
  on conflict (goal) do update set reason = excluded.reason, source = excluded.source, partition = excluded.partition
  where (stale_goals.source, stale_goals.partition) is distinct from (excluded.source, excluded.partition)
  returning goal),
cleared as (
  delete from stale_goals s using evaluated j where s.goal = j.goal and not j.is_stale returning s.goal)
select goal from marked union all select goal from cleared`;

const JUDGE_USERS = `with asked as (select distinct goal from goal_uses where used = any($1::text[])), ${JUDGED}, ${MARK}`;
const EVALUATE = `with asked as (select unnest($1::text[]) as goal), ${JUDGED}, ${MARK}`;

/** Goals that no longer depend on a source. */
const FREE = `delete from stale_goals s where s.goal = any($1::text[])
  and not exists (select 1 from goal_uses u where u.goal = s.goal) returning goal`;

/** Longer chains than this count as a cycle. */
const LEVELS_MAX = 100_000;

/** Evaluates again all goals made from those whose marks changed, level by level, until nothing changes. */
export async function propagateStaleness(tx: Queryable, changed: readonly string[]): Promise<void> {
  let level = changed;
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === LEVELS_MAX)
      throw new Error('The uses of goals form a cycle; marks of staleness cannot be carried on.');
    const rows = await tx.query<{ goal: string }>(JUDGE_USERS, [level]);
    level = rows.map((row) => row.goal);
  }
}

/** Evaluates goals that have a new result, and what is made from those whose marks changed. */
export async function evaluateGoals(tx: Queryable, goals: readonly string[]): Promise<void> {
  const evaluated = await tx.query<{ goal: string }>(EVALUATE, [goals]);
  const freed = await tx.query<{ goal: string }>(FREE, [goals]);
  await propagateStaleness(
    tx,
    [...evaluated, ...freed].map(({ goal }) => goal),
  );
}

export interface Named {
  readonly source: string;
  readonly names: readonly string[];
}

/** Marks the goals of removed partitions, and what is made from them alone. */
export async function setTombstones(tx: Queryable, { source, names }: Named): Promise<void> {
  await lockStaleness(tx);
  const task = sourceTaskNames(source).partition;
  const goals = names.map((name) => makeGoalId(task, { name }));
  await tx.query(
    `insert into stale_goals (goal, task, params, reason, source, partition)
     select goal, $3, jsonb_build_object('name', name),
       format('Partition %s of source %s was removed.', to_json(name), $4::text), $4, name
     from unnest($1::text[], $2::text[]) as g (goal, name)
     on conflict (goal) do nothing`,
    [goals, names, task, source],
  );
  await propagateStaleness(tx, goals);
}

/** Removes the marks of partitions that are back, and of what is made from them. */
export async function clearTombstones(tx: Queryable, { source, names }: Named): Promise<void> {
  const task = sourceTaskNames(source).partition;
  const goals = names.map((name) => makeGoalId(task, { name }));
  const [known] = await tx.query('select 1 from stale_goals where goal = any($1::text[]) limit 1', [goals]);
  // New partitions, as most are, have none.
  if (known === undefined) return;
  await lockStaleness(tx);
  await tx.query('delete from stale_goals where goal = any($1::text[])', [goals]);
  await propagateStaleness(tx, goals);
}

// Only goals that depend on a source are kept: a source's own goals, and goals that use a kept one.
const USES = `
with made as (
  select * from unnest($1::text[], $2::text[]) as m (goal, key)),
used as (
  select distinct made.goal, u.goal as used, u.task from made join manifests u on u.key = made.key),
kept as (
  select goal from used where task = any($3::text[]) or exists (select 1 from goal_uses g where g.goal = used.used)),
fresh as (
  select used.goal, used.used, (used.goal, used.used) in (select * from unnest($4::text[], $5::text[])) as is_static
  from used where goal in (select goal from kept)),
gone as (
  delete from goal_uses g where g.goal = any($6::text[])
    and not exists (select 1 from fresh f where f.goal = g.goal and f.used = g.used))
insert into goal_uses (used, goal, is_static) select used, goal, is_static from fresh
on conflict (used, goal) do update set is_static = excluded.is_static where goal_uses.is_static <> excluded.is_static`;

const CONCERNED = `
select goal from unnest($1::text[]) as g (goal)
where exists (select 1 from stale_goals s where s.goal = g.goal)
  or exists (select 1 from goal_uses u join stale_goals s on s.goal = u.used where u.goal = g.goal)`;

/** Additional work of a group of commits when tasks read sources; undefined when none does. */
export function createUses(
  registry: Registry,
): ((tx: Queryable, items: readonly AttemptEnd[]) => Promise<void>) | undefined {
  const sourceTasks = registry.tasks.flatMap((task) => (task.source === undefined ? [] : [task.name]));
  if (sourceTasks.length === 0) return undefined;
  return async (tx, items) => {
    const results = items.flatMap(({ goal, manifest }) =>
      manifest === undefined || sourceTasks.includes(manifest.goal.task) ? [] : [{ goal, manifest }],
    );
    if (results.length > 0) await recordUses(tx, results, { registry, sourceTasks });
  };
}

interface Result {
  /** Identity of the goal. */
  readonly goal: string;
  readonly manifest: Manifest;
}

/** Records what new results were made from, and marks those whose partitions were removed while they were made. */
async function recordUses(
  tx: Queryable,
  results: readonly Result[],
  options: { readonly registry: Registry; readonly sourceTasks: readonly string[] },
): Promise<void> {
  const goals = results.map(({ goal }) => goal);
  const read = results.flatMap(({ goal, manifest }) => keysOf(manifest).map((key) => ({ goal, key })));
  const named = results.flatMap(({ goal, manifest }) =>
    staticUses(manifest, options.registry).map((used) => ({ goal, used })),
  );
  await lockStaleness(tx);
  await tx.query(USES, [
    read.map(({ goal }) => goal),
    read.map(({ key }) => key),
    options.sourceTasks,
    named.map(({ goal }) => goal),
    named.map(({ used }) => used),
    goals,
  ]);
  const concerned = await tx.query<{ goal: string }>(CONCERNED, [goals]);
  if (concerned.length === 0) return;
  await evaluateGoals(
    tx,
    concerned.map(({ goal }) => goal),
  );
}

const keysOf = ({ inputs, trace }: Manifest): readonly string[] => [
  ...new Set([...Object.values(inputs), ...trace].map(({ key }) => key)),
];

/** What the goal needs by its params alone: declared inputs, not those found while reading. */
function staticUses({ goal }: Manifest, registry: Registry): readonly string[] {
  const { goals } = flattenInputs(goal.task, registry.task(goal.task).inputs(goal.params));
  return goals.map(([, input]) => registry.goalId(registry.validGoal(input)));
}
