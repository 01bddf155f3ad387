import { type ArtifactDriver, type Database, type Queryable, withArtifactsToMyself } from '#store';
import type { RootProvider } from './collection.ts';

/** Digests of outputs whose bytes lie in the artifact store, of a manifest `m`. */
export const BLOBS_OF_M = `
cross join lateral jsonb_each(m.outputs) o
where (o.value ->> 'kind' = 'blob' or (o.value ->> 'kind' = 'value' and not o.value ? 'value'))`;

const LISTED_MAX = 5_000;
const ASKED_MAX = 1_000;

const DOOM = `
insert into collection_items (collection_id, kind, name, digest, size_bytes, reason)
select $1, 'blob', c.digest, c.digest, c.size_bytes, 'no result names it'
from listed_blobs c
where not exists (
  select 1 from (
    select distinct o.value ->> 'digest' as digest from manifests m ${BLOBS_OF_M}
      and not exists (
        select 1 from collection_items i where i.collection_id = $1 and i.kind = 'version' and i.state = 'planned' and i.version = m.version)
  ) named where named.digest = c.digest)
order by c.digest`;

export interface BlobPlan {
  readonly id: string;
  readonly artifacts: ArtifactDriver;
  readonly roots: readonly RootProvider[];
  /** What was stored later stays. */
  readonly storedBefore: Date;
  readonly onListed: (count: number, sizeBytes: number) => void;
}

/**
 * Plans the blobs that nothing references once the planned versions are removed. The list is stored in the database,
 * page by page, so that memory here does not grow with it.
 */
export async function planBlobs(tx: Queryable, plan: BlobPlan): Promise<void> {
  const { id, artifacts, roots, storedBefore, onListed } = plan;
  await tx.query(
    'create temporary table listed_blobs (digest text not null, size_bytes bigint not null) on commit drop',
  );
  let page: { readonly digest: string; readonly sizeBytes: number }[] = [];
  let count = 0;
  let sizeBytes = 0;
  const flush = async (): Promise<void> => {
    await tx.query('insert into listed_blobs select * from unnest($1::text[], $2::bigint[])', [
      page.map((blob) => blob.digest),
      page.map((blob) => blob.sizeBytes),
    ]);
    page = [];
    onListed(count, sizeBytes);
  };
  for await (const blob of artifacts.list()) {
    count++;
    sizeBytes += blob.sizeBytes;
    if (blob.storedAt < storedBefore) page.push(blob);
    if (page.length === LISTED_MAX) await flush();
  }
  await flush();
  await tx.query('analyze listed_blobs');
  await tx.query(DOOM, [id]);
  await spareRoots(tx, { id, roots });
}

async function spareRoots(
  tx: Queryable,
  plan: { readonly id: string; readonly roots: readonly RootProvider[] },
): Promise<void> {
  for (let after = '0'; ; ) {
    const items = await tx.query<{ position: string; digest: string }>(
      `select position::text, digest from collection_items
       where collection_id = $1 and kind = 'blob' and position > $2 order by position limit $3`,
      [plan.id, after, ASKED_MAX],
    );
    const last = items.at(-1);
    if (last === undefined) return;
    after = last.position;
    const kept = await keptByRoots(tx, { roots: plan.roots, digests: items.map(({ digest }) => digest) });
    await tx.query(
      `delete from collection_items where collection_id = $1 and kind = 'blob' and digest = any($2::text[])`,
      [plan.id, [...kept.keys()]],
    );
  }
}

/** Digest to the name of the provider that keeps it. */
export async function keptByRoots(
  tx: Queryable,
  question: { readonly roots: readonly RootProvider[]; readonly digests: readonly string[] },
): Promise<ReadonlyMap<string, string>> {
  const kept = new Map<string, string>();
  if (question.digests.length === 0) return kept;
  for (const { name, keeps } of question.roots)
    for (const digest of await keeps(tx, question.digests)) kept.set(digest, name);
  return kept;
}

/** Small, because commits wait while the bytes of a group are removed. */
const GROUP_SIZE = 100;

// References of commits since the plan, each checked once: planned blobs that they reference are spared.
const SPARE_NAMED = `
with named as (
  select distinct o.value ->> 'digest' as digest from manifests m ${BLOBS_OF_M}
    and m.version > (select seen_version from collections where id = $1)),
spared as (
  update collection_items i set state = 'kept', decided_at = clock_timestamp(), kept_because = 'a result names it since the plan'
  from named n where i.collection_id = $1 and i.kind = 'blob' and i.state in ('planned', 'removing') and i.digest = n.digest)
update collections set seen_version = greatest(seen_version, (select max(version) from manifests)) where id = $1`;

const MARK = `
with group_items as (
  select position from collection_items where collection_id = $1 and kind = 'blob' and state in ('planned', 'removing')
  order by position limit $2 for update skip locked)
update collection_items i set state = 'removing' from group_items b
where i.collection_id = $1 and i.position = b.position returning i.position::text`;

export interface BlobRemoval {
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  readonly roots: readonly RootProvider[];
  readonly id: string;
  /** What was stored later stays: the bound of the plan. */
  readonly storedBefore: Date;
  readonly onDecided: (count: number, sizeBytes: number) => void;
}

/**
 * Removes the planned blobs, group by group: first a group is marked, and that is committed; then, while no commit is
 * possible, it is checked again, its bytes are removed, and that is recorded. After a kill between the two, a group
 * stays marked and is handled again. Why no commit can rely on removed bytes is in
 * docs/decisions/0006-removing-artifacts.md.
 */
export async function removeBlobs(removal: BlobRemoval): Promise<void> {
  const { database, id } = removal;
  for (;;) {
    const marked = await database.query<{ position: string }>(MARK, [id, GROUP_SIZE]);
    if (marked.length === 0) return;
    const positions = marked.map(({ position }) => position);
    const { count, sizeBytes } = await withArtifactsToMyself(database, (tx) =>
      removeMarked(tx, { removal, positions }),
    );
    removal.onDecided(count, sizeBytes);
  }
}

interface MarkedBlob {
  readonly position: string;
  readonly digest: string;
  readonly size: number;
}

async function removeMarked(
  tx: Queryable,
  { removal, positions }: { readonly removal: BlobRemoval; readonly positions: readonly string[] },
): Promise<{ readonly count: number; readonly sizeBytes: number }> {
  const { id, artifacts } = removal;
  await tx.query(SPARE_NAMED, [id]);
  const items = await tx.query<MarkedBlob>(
    `select position::text, digest, size_bytes::float8 as size from collection_items
     where collection_id = $1 and position = any($2::bigint[]) and state = 'removing' order by position for update`,
    [id, positions],
  );
  const spared = await sparedOf(tx, { removal, items });
  const gone = items.filter(({ position }) => !spared.has(position));
  await Promise.all(gone.map(({ digest }) => artifacts.delete(digest)));
  // The number is taken when the bytes are removed: an attempt with a greater one started, and stored, after that.
  await tx.query(
    `update collection_items set state = 'removed', decided_at = clock_timestamp(), token = nextval('claim_tokens')
     where collection_id = $1 and position = any($2::bigint[])`,
    [id, gone.map(({ position }) => position)],
  );
  await tx.query(
    `update collection_items i set state = 'kept', decided_at = clock_timestamp(), kept_because = k.because
     from unnest($2::bigint[], $3::text[]) as k (position, because)
     where i.collection_id = $1 and i.position = k.position`,
    [id, [...spared.keys()], [...spared.values()]],
  );
  return { count: positions.length, sizeBytes: gone.reduce((sum, { size }) => sum + size, 0) };
}

/** Position to the reason why it stays. */
async function sparedOf(
  tx: Queryable,
  { removal, items }: { readonly removal: BlobRemoval; readonly items: readonly MarkedBlob[] },
): Promise<ReadonlyMap<string, string>> {
  const { roots, artifacts, storedBefore } = removal;
  const kept = await keptByRoots(tx, { roots, digests: items.map(({ digest }) => digest) });
  const spared = new Map<string, string>();
  const look = async ({ position, digest }: MarkedBlob): Promise<void> => {
    const root = kept.get(digest);
    const stored = root === undefined ? await artifacts.stat(digest) : undefined;
    if (root !== undefined) spared.set(position, `${root} needs it`);
    else if (stored !== undefined && stored.storedAt >= storedBefore) spared.set(position, 'it was stored again');
  };
  await Promise.all(items.map(look));
  return spared;
}
