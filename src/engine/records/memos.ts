import type { Database, Queryable } from '#store';
import type { Memo, Partition } from '../define/partitions.ts';

/** All that a source remembers. */
export async function readMemos(database: Queryable, source: string): Promise<Map<string, Memo>> {
  const rows = await database.query<Memo & { readonly name: string }>(
    'select name, digest, memo from source_memos where source = $1',
    [source],
  );
  return new Map(rows.map(({ name, digest, memo }) => [name, { digest, memo }]));
}

/** Remembers what a listing said, and forgets what it no longer named. `known` is what was remembered before, and follows. */
export async function writeMemos(
  database: Database,
  listed: { readonly source: string; readonly partitions: readonly Partition[]; readonly known: Map<string, Memo> },
): Promise<void> {
  const { source, partitions, known } = listed;
  const fresh = partitions.flatMap(({ name, digest, memo }) =>
    memo === undefined || known.get(name)?.memo === memo ? [] : [{ name, digest, memo }],
  );
  const named = new Set(partitions.map(({ name }) => name));
  const gone = [...known.keys()].filter((name) => !named.has(name));
  if (fresh.length > 0)
    await database.query(
      `insert into source_memos (source, name, digest, memo)
       select $1, name, digest, memo from unnest($2::text[], $3::text[], $4::text[]) as m (name, digest, memo) order by name
       on conflict (source, name) do update set digest = excluded.digest, memo = excluded.memo`,
      [source, fresh.map(({ name }) => name), fresh.map(({ digest }) => digest), fresh.map(({ memo }) => memo)],
    );
  if (gone.length > 0)
    await database.query('delete from source_memos where source = $1 and name = any($2::text[])', [source, gone]);
  for (const { name, digest, memo } of fresh) known.set(name, { digest, memo });
  for (const name of gone) known.delete(name);
}
