import type { Queryable } from '#store';

/** The digests that are files of a registered model version, which a garbage collection must keep. */
export async function modelDigests(database: Queryable, digests: readonly string[]): Promise<readonly string[]> {
  const rows = await database.query<{ digest: string }>(
    `select distinct f.digest from model_versions v cross join lateral jsonb_each_text(v.files) as f (name, digest)
     where f.digest = any($1::text[])`,
    [digests],
  );
  return rows.map(({ digest }) => digest);
}
