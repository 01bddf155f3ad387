import type { Queryable } from '#store';
import type { Manifest } from '../define/artifact.ts';
import { flattenInputs } from '../define/inputs.ts';
import type { Registry } from '../define/registry.ts';
import type { AttemptEnd } from './commit-attempts.ts';
import { judgeGoals, lockStaleness } from './staleness.ts';

// Only what comes from a source is kept: a source's own goals, and what used one that is kept already.
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

/** What a group of commits does where tasks read sources; undefined where none does. */
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
  await judgeGoals(
    tx,
    concerned.map(({ goal }) => goal),
  );
}

const keysOf = ({ inputs, trace }: Manifest): readonly string[] => [
  ...new Set([...Object.values(inputs), ...trace].map(({ key }) => key)),
];

/** What the params alone say that the goal needs: inputs, not those found while reading. */
function staticUses({ goal }: Manifest, registry: Registry): readonly string[] {
  const { goals } = flattenInputs(goal.task, registry.task(goal.task).inputs(goal.params));
  return goals.map(([, input]) => registry.goalId(registry.validGoal(input)));
}
