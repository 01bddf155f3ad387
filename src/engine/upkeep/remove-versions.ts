import { type Database, type Queryable, withArtifactsToMyself } from '#store';
import type { FileDigests } from '../define/file-digests.ts';
import { BLOBS_OF_M } from './doomed-blobs.ts';
import { LIVE_GOALS, PINNED } from './doomed-versions.ts';
import { barredBy, type FileToRemove, findFilesOf, releaseRows, removeFiles } from './remove-outside.ts';

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

export interface VersionRemoval {
  readonly database: Database;
  readonly id: string;
  readonly digestFile: FileDigests;
  readonly onDecided: (count: number) => void;
}

/**
 * Removes the planned versions and the files they placed, batch by batch: each batch is looked at again while nobody can
 * begin to rely on it, and goes in the same transaction that records it. Calls back with how many were decided.
 */
export async function removeVersions({ database, id, digestFile, onDecided }: VersionRemoval): Promise<void> {
  for (;;) {
    const items = await database.query<Item>(
      `select position::text, version::text from collection_items
       where collection_id = $1 and kind = 'version' and state = 'planned' order by position limit $2`,
      [id, BATCH],
    );
    if (items.length === 0) return;
    const files = await findFilesOf(database, { id, digestFile, versions: items.map(({ version }) => version) });
    await withArtifactsToMyself(database, (tx) => removeBatch(tx, { id, items, files }));
    onDecided(items.length);
  }
}

async function removeBatch(
  tx: Queryable,
  batch: { readonly id: string; readonly items: readonly Item[]; readonly files: readonly FileToRemove[] },
): Promise<void> {
  const { id, files } = batch;
  const positions = batch.items.map(({ position }) => position);
  // Another collection may have decided on some of them meanwhile.
  const items = await tx.query<Item>(
    `select position::text, version::text from collection_items
     where collection_id = $1 and position = any($2::bigint[]) and state = 'planned' for update`,
    [id, positions],
  );
  const judged = await tx.query<{ position: string; because: string | null }>(SPARED, [id, positions]);
  const spared = new Map(judged.flatMap(({ position, because }) => (because === null ? [] : [[position, because]])));
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
