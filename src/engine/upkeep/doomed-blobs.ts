import type { ArtifactDriver, Queryable } from '#store';
import type { RootProvider } from './root-provider.ts';

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
  /** What was put later stays. */
  readonly storedBefore: Date;
  readonly onListed: (count: number, sizeBytes: number) => void;
}

/**
 * Plans the blobs that nothing names once the planned versions are gone. The list is kept by the database, page by page,
 * so that memory here does not grow with it.
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
