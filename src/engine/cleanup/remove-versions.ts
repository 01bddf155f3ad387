import { type Database, type Queryable, withArtifactsToMyself } from '#store';
import { BLOBS_OF_M } from './doomed-blobs.ts';
import { LIVE_GOALS, PINNED } from './doomed-versions.ts';

/** Small, so that commits wait milliseconds only. */
const BATCH = 500;

interface Item {
  readonly position: string;
  readonly version: string;
}

// The rules of the plan that may have stopped to hold, each asked again.
const SPARED = `
with recursive ${PINNED},
batch as (
  select i.position, i.version, i.detail ->> 'goal' as goal, i.detail ->> 'rule' as rule, c.planned_at
  from collection_items i join collections c on c.id = i.collection_id
  where i.collection_id = $1 and i.position = any($2::bigint[])),
used as (
  select distinct t.version from runs r join task_runs t on t.run_id = r.id
  where r.created_at >= (select min(planned_at) from batch) and t.version in (select version from batch))
select b.position::text, case
  when b.goal in (${LIVE_GOALS}) then 'a run needs its goal now'
  when exists (select 1 from pinned p where p.version = b.version) then 'it is pinned, or made something that is'
  when b.rule in ('superseded', 'unused') and b.version in (select version from used) then 'a run used it since the plan'
  when b.rule = 'superseded' and not exists (
    select 1 from manifests m where m.goal = b.goal and m.version > b.version) then 'it is the newest version now'
  when b.rule = 'stale' and not exists (select 1 from stale_goals s where s.goal = b.goal) then 'its goal is no longer stale'
end as because
from batch b`;

const SPARE_BLOBS = `
update collection_items i set state = 'kept', decided_at = clock_timestamp(), kept_because = 'a version that was spared names it'
where i.collection_id = $1 and i.kind = 'blob' and i.state = 'planned' and i.digest in (
  select o.value ->> 'digest' from manifests m ${BLOBS_OF_M} and m.version = any($2::bigint[]))`;

/**
 * Removes the planned versions, batch by batch: each batch is looked at again while nobody can begin to rely on it, and
 * goes in the same transaction that records it. Calls back with how many were decided.
 */
export async function removeVersions(
  database: Database,
  id: string,
  onDecided: (count: number) => void,
): Promise<void> {
  for (;;) {
    const count = await withArtifactsToMyself(database, (tx) => removeBatch(tx, id));
    if (count === 0) return;
    onDecided(count);
  }
}

async function removeBatch(tx: Queryable, id: string): Promise<number> {
  const items = await tx.query<Item>(
    `select position::text, version::text from collection_items
     where collection_id = $1 and kind = 'version' and state = 'planned' order by position limit $2 for update`,
    [id, BATCH],
  );
  if (items.length === 0) return 0;
  const judged = await tx.query<{ position: string; because: string | null }>(SPARED, [
    id,
    items.map(({ position }) => position),
  ]);
  const spared = new Map(judged.flatMap(({ position, because }) => (because === null ? [] : [[position, because]])));
  await spare(tx, {
    id,
    spared,
    versions: items.filter(({ position }) => spared.has(position)).map((item) => item.version),
  });
  const gone = items.filter(({ position }) => !spared.has(position));
  await tx.query('delete from manifests where version = any($1::bigint[])', [gone.map(({ version }) => version)]);
  await tx.query(
    `update collection_items set state = 'removed', decided_at = clock_timestamp()
     where collection_id = $1 and position = any($2::bigint[])`,
    [id, gone.map(({ position }) => position)],
  );
  return items.length;
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
