import type { Queryable } from '#store';

/** The digests that are reports of recorded checks, which a garbage collection must keep. */
export async function reportDigests(database: Queryable, digests: readonly string[]): Promise<readonly string[]> {
  const rows = await database.query<{ digest: string }>(
    'select distinct report_digest as digest from checks where report_digest = any($1::text[])',
    [digests],
  );
  return rows.map(({ digest }) => digest);
}
