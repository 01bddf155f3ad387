import type { Queryable } from '#store';
import { makeGoalId } from '../define/key.ts';
import { sourceTaskNames } from '../define/partitions.ts';
import { lockStaleness, propagateStaleness } from './staleness.ts';

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

/** Takes the marks away from partitions that are back, and from what is made from them. */
export async function clearTombstones(tx: Queryable, { source, names }: Named): Promise<void> {
  const task = sourceTaskNames(source).partition;
  const goals = names.map((name) => makeGoalId(task, { name }));
  const [known] = await tx.query('select 1 from stale_goals where goal = any($1::text[]) limit 1', [goals]);
  // Partitions that come for the first time, as most do, have none.
  if (known === undefined) return;
  await lockStaleness(tx);
  await tx.query('delete from stale_goals where goal = any($1::text[])', [goals]);
  await propagateStaleness(tx, goals);
}
