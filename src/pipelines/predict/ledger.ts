import type { Queryable } from '#store';

/** One file of good-data by name and content. */
export interface GoodFile {
  readonly path: string;
  readonly digest: string;
}

/** Those of `files` whose content, under that name, has not been predicted yet. */
export async function unconsumed(database: Queryable, files: readonly GoodFile[]): Promise<readonly GoodFile[]> {
  if (files.length === 0) return [];
  return database.query<GoodFile>(
    `select path, digest from unnest($1::text[], $2::text[]) as candidate (path, digest)
      where not exists (select from consumed_files consumed
                         where consumed.path = candidate.path and consumed.digest = candidate.digest)
      order by path`,
    [files.map((file) => file.path), files.map((file) => file.digest)],
  );
}

/** Writes the files into the ledger; what is there already stays. */
export async function recordConsumed(
  tx: Queryable,
  options: { readonly files: readonly (GoodFile & { readonly rowCount: number })[]; readonly runId: string },
): Promise<number> {
  const { files, runId } = options;
  await tx.query(
    `insert into consumed_files (path, digest, run_id, row_count)
     select path, digest, $4, row_count from unnest($1::text[], $2::text[], $3::bigint[]) as consumed (path, digest, row_count)
     on conflict do nothing`,
    [files.map((file) => file.path), files.map((file) => file.digest), files.map((file) => file.rowCount), runId],
  );
  return files.length;
}
