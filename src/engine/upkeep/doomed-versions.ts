import type { Queryable } from '#store';
import type { CollectOptions } from './collection.ts';

/** Goals of runs that are under way: whatever version of them a run has found or may find stays. */
export const LIVE_GOALS = `
select distinct t.goal from runs r join task_runs t on t.run_id = r.id where r.state in ('queued', 'running')`;

/** Pinned versions, those that a pinned run made or found, and all that these were made from. */
export const PINNED = `
pinned (version) as (
  select coalesce(p.version, t.version) from pins p left join task_runs t on t.run_id = p.run_id
  where p.unpinned_at is null and coalesce(p.version, t.version) is not null
  union
  select m.version from pinned p
    join manifests made on made.version = p.version
    cross join lateral (
      select i.value ->> 'key' as key from jsonb_each(made.inputs) i
      union all select e.value ->> 'key' from jsonb_array_elements(made.trace) e) as origin
    join manifests m on m.key = origin.key)`;

// `place` counts the versions of a goal from the newest. Each rule says its reason; the first that fits is kept. Who uses
// files and rows outside cannot be seen here, so these are never unused.
const DOOM = `
with recursive ${PINNED},
used as (
  select t.version, max(coalesce(r.ended_at, r.created_at)) as at from task_runs t join runs r on r.id = t.run_id
  where t.version is not null group by t.version),
kept_by_task as (select * from jsonb_to_recordset($2::jsonb) as k (task text, age_days double precision, versions integer)),
candidates as (
  select m.version, m.goal, m.key, m.task, m.params, m.code, m.run_id, m.created_at, m.outputs,
    pg_column_size(m.*) as size_bytes,
    row_number() over (partition by m.goal order by m.version desc) as place,
    greatest(m.created_at, u.at) as used_at,
    k.age_days, k.versions, s.reason as stale_reason, s.since as stale_since
  from manifests m left join used u using (version) left join kept_by_task k using (task) left join stale_goals s using (goal)),
judged as (
  select *, case
    when stale_since < clock_timestamp() - $3 * interval '1 ms' then 'stale'
    when age_days is not null and created_at < clock_timestamp() - age_days * interval '1 day' then 'age'
    when versions is not null and place > versions then 'versions'
    when place > 1 and used_at < clock_timestamp() - $4 * interval '1 day' then 'superseded'
    when used_at < clock_timestamp() - $5 * interval '1 day' then 'unused'
  end as rule
  from candidates where created_at < clock_timestamp() - $3 * interval '1 ms')
insert into collection_items (collection_id, kind, name, version, size_bytes, detail, reason)
select $1, 'version', task || left(params::text, 200), version, size_bytes,
  jsonb_build_object('rule', rule, 'goal', goal, 'key', key, 'task', task, 'params', params, 'code', code, 'runId', run_id,
    'committedAt', created_at, 'outputs', (select jsonb_object_agg(o.key, o.value - 'value') from jsonb_each(outputs) o)),
  case rule
    when 'stale' then 'its goal is stale: ' || stale_reason
    when 'age' then format('its task keeps results for %s days', age_days)
    when 'versions' then format('its task keeps %s version(s) of a goal, and there are newer ones', versions)
    when 'superseded' then format('a newer version replaced it, and no run used it for %s days', $4::double precision)
    else format('no run used it for %s days', $5::double precision)
  end
from judged j
where rule is not null
  and not (rule = 'unused' and exists (
    select 1 from jsonb_each(j.outputs) o where o.value ->> 'kind' = 'file' or (o.value ->> 'kind' = 'rows' and not exists (
      select 1 from jsonb_to_recordset($6::jsonb) as r (task text, output text) where r.task = j.task and r.output = o.key))))
  and j.goal not in (${LIVE_GOALS})
  and not exists (select 1 from pinned p where p.version = j.version)
order by version`;

/** Plans the versions to remove, in one statement, so that memory here does not grow with their number. */
export async function planVersions(
  tx: Queryable,
  plan: { readonly id: string; readonly options: CollectOptions } & Limits,
): Promise<void> {
  const { id, options, graceMs, supersededDaysMax, unusedDaysMax } = plan;
  const kept = options.tasks.flatMap(({ name, formerNames, retention }) =>
    retention === undefined
      ? []
      : [name, ...formerNames].map((task) => ({
          task,
          age_days: retention.ageDaysMax ?? null,
          versions: retention.versionsMax ?? null,
        })),
  );
  const rowsOfOthers = options.tasks.flatMap(({ name, formerNames, outputs }) =>
    Object.entries(outputs)
      .filter(([, { remove }]) => remove === 'keep')
      .flatMap(([output]) => [name, ...formerNames].map((task) => ({ task, output }))),
  );
  await tx.query(DOOM, [
    ...[id, JSON.stringify(kept), graceMs, supersededDaysMax, unusedDaysMax ?? null],
    JSON.stringify(rowsOfOthers),
  ]);
}

export interface Limits {
  readonly graceMs: number;
  readonly supersededDaysMax: number;
  readonly unusedDaysMax: number | undefined;
}
