import { type Database, type Queryable, withArtifactsToMyself } from '#store';
import type { FileDigests } from '../define/file-digests.ts';
import type { CollectOptions } from './collection.ts';
import { BLOBS_OF_M } from './remove-blobs.ts';
import { barredBy, type FileToRemove, findFilesOf, releaseRows, removeFiles } from './remove-outside.ts';

/** Goals of runs in progress: every version that such a run has found or may find stays. */
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

// `place` counts the versions of a goal from the newest. Each rule has its reason; the first that applies is recorded.
// Users of files and rows outside are not visible here, so these are never unused.
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
evaluated as (
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
    when 'versions' then format('its task keeps %s of a goal, and there are newer ones', case versions when 1 then '1 version' else versions || ' versions' end)
    when 'superseded' then format('a newer version replaced it, and no run used it for %s days', $4::double precision)
    else format('no run used it for %s days', $5::double precision)
  end
from evaluated j
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

/** Small, so that commits wait milliseconds only. */
const GROUP_SIZE = 500;

interface Item {
  readonly position: string;
  readonly version: string;
}

// The rules of the plan that may no longer apply, each evaluated again.
const SPARED = `
with recursive ${PINNED},
group_items as (
  select i.position, i.version, i.detail ->> 'goal' as goal, i.detail ->> 'rule' as rule, c.planned_at
  from collection_items i join collections c on c.id = i.collection_id
  where i.collection_id = $1 and i.position = any($2::bigint[])),
used as (
  select distinct t.version from runs r join task_runs t on t.run_id = r.id
  where r.created_at >= (select min(planned_at) from group_items) and t.version in (select version from group_items))
select b.position::text, case
  when b.goal in (${LIVE_GOALS}) then 'a run needs its goal now'
  when exists (select 1 from pinned p where p.version = b.version) then 'it is pinned, or made something that is'
  when b.rule in ('superseded', 'unused') and b.version in (select version from used) then 'a run used it since the plan'
  when b.rule = 'superseded' and not exists (
    select 1 from manifests m where m.goal = b.goal and m.version > b.version) then 'it is the newest version now'
  when b.rule = 'stale' and not exists (select 1 from stale_goals s where s.goal = b.goal) then 'its goal is no longer stale'
end as because
from group_items b`;

const SPARE_BLOBS = `
update collection_items i set state = 'kept', decided_at = clock_timestamp(), kept_because = 'a version that was spared names it'
where i.collection_id = $1 and i.kind = 'blob' and i.state = 'planned' and i.digest in (
  select o.value ->> 'digest' from manifests m ${BLOBS_OF_M} and m.version = any($2::bigint[]))`;

export interface VersionRemoval {
  readonly database: Database;
  readonly id: string;
  readonly digestFile: FileDigests;
  readonly onDecided: (count: number) => void;
}

/**
 * Removes the planned versions and the files they placed, group by group: each group is checked again while nothing can
 * start to rely on it, and is removed in the transaction that records the removal. Calls back with how many were
 * decided.
 */
export async function removeVersions({ database, id, digestFile, onDecided }: VersionRemoval): Promise<void> {
  for (;;) {
    const items = await database.query<Item>(
      `select position::text, version::text from collection_items
       where collection_id = $1 and kind = 'version' and state = 'planned' order by position limit $2`,
      [id, GROUP_SIZE],
    );
    if (items.length === 0) return;
    const files = await findFilesOf(database, { id, digestFile, versions: items.map(({ version }) => version) });
    await withArtifactsToMyself(database, (tx) => removeGroup(tx, { id, items, files }));
    onDecided(items.length);
  }
}

async function removeGroup(
  tx: Queryable,
  group: { readonly id: string; readonly items: readonly Item[]; readonly files: readonly FileToRemove[] },
): Promise<void> {
  const { id, files } = group;
  const positions = group.items.map(({ position }) => position);
  // Another collection may have decided about some of them in the meantime.
  const items = await tx.query<Item>(
    `select position::text, version::text from collection_items
     where collection_id = $1 and position = any($2::bigint[]) and state = 'planned' for update`,
    [id, positions],
  );
  const evaluated = await tx.query<{ position: string; because: string | null }>(SPARED, [id, positions]);
  const spared = new Map(evaluated.flatMap(({ position, because }) => (because === null ? [] : [[position, because]])));
  const spareBarred = (barred: ReadonlyMap<string, string>): void => {
    for (const { position, version } of items) {
      const because = barred.get(version);
      if (because !== undefined && !spared.has(position)) spared.set(position, because);
    }
  };
  const going = (): readonly Item[] => items.filter(({ position }) => !spared.has(position));
  spareBarred(barredBy(files));
  spareBarred(barredBy(await removeFiles(tx, { id, files, going: new Set(going().map(({ version }) => version)) })));
  const versions = going().map(({ version }) => version);
  const kept = items.filter(({ position }) => spared.has(position)).map(({ version }) => version);
  await spare(tx, { id, spared, versions: kept });
  await tx.query('delete from manifests where version = any($1::bigint[])', [versions]);
  await tx.query(
    `update collection_items set state = 'removed', decided_at = clock_timestamp()
     where collection_id = $1 and position = any($2::bigint[])`,
    [id, going().map(({ position }) => position)],
  );
  await releaseRows(tx, { id, going: versions, spared: kept });
}

async function spare(
  tx: Queryable,
  items: { readonly id: string; readonly spared: ReadonlyMap<string, string>; readonly versions: readonly string[] },
): Promise<void> {
  if (items.spared.size === 0) return;
  await tx.query(
    `update collection_items i set state = 'kept', decided_at = clock_timestamp(), kept_because = k.because
     from unnest($2::bigint[], $3::text[]) as k (position, because)
     where i.collection_id = $1 and i.position = k.position`,
    [items.id, [...items.spared.keys()], [...items.spared.values()]],
  );
  await tx.query(SPARE_BLOBS, [items.id, items.versions]);
}
