import { type ArtifactDriver, type Database, type Queryable, withArtifactsToMyself } from '#store';
import { BLOBS_OF_M, keptByRoots } from './doomed-blobs.ts';
import type { RootProvider } from './root-provider.ts';

/** Small, because commits wait while the bytes of a batch are removed. */
const BATCH = 100;

// References of commits since the plan, each looked at once: everything planned that they name is spared.
const SPARE_NAMED = `
with named as (
  select distinct o.value ->> 'digest' as digest from manifests m ${BLOBS_OF_M}
    and m.version > (select seen_version from collections where id = $1)),
spared as (
  update collection_items i set state = 'kept', decided_at = clock_timestamp(), kept_because = 'a result names it since the plan'
  from named n where i.collection_id = $1 and i.kind = 'blob' and i.state in ('planned', 'removing') and i.digest = n.digest)
update collections set seen_version = greatest(seen_version, (select max(version) from manifests)) where id = $1`;

const MARK = `
with batch as (
  select position from collection_items where collection_id = $1 and kind = 'blob' and state in ('planned', 'removing')
  order by position limit $2 for update skip locked)
update collection_items i set state = 'removing' from batch b
where i.collection_id = $1 and i.position = b.position returning i.position::text`;

export interface BlobRemoval {
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  readonly roots: readonly RootProvider[];
  readonly id: string;
  /** What was put later stays: the plan's own bound. */
  readonly storedBefore: Date;
  readonly onDecided: (count: number, sizeBytes: number) => void;
}

/**
 * Removes the planned blobs, batch by batch: first a batch is marked, and that is committed; then, while nobody can commit,
 * it is looked at again, its bytes go, and it is recorded. Killed between the two, a batch stays marked and is taken up
 * again; why no commit can rely on bytes that went is in docs/decisions/0006-removing-artifacts.md.
 */
export async function removeBlobs(removal: BlobRemoval): Promise<void> {
  const { database, id } = removal;
  for (;;) {
    const marked = await database.query<{ position: string }>(MARK, [id, BATCH]);
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
  // The number is drawn when the bytes are gone: an attempt with a greater one began, and stored, after that.
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

/** Position to why it stays. */
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
