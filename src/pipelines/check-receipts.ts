import type { Queryable } from '#store';

/** A file of good-data: its name there, its content, and the identity of the contract that it keeps. */
export interface CheckedFile {
  readonly path: string;
  readonly digest: string;
  readonly contract: string;
}

/** What a check found of a file whose every row is good. */
export interface CheckReceipt {
  /** Digest of the rows as the check wrote them: that of the file, or of an artifact. */
  readonly rowsDigest: string;
  readonly rowCount: number;
}

/** Records that every row of a file keeps the contract. It is about bytes, so it may be recorded before they are placed. */
export async function saveReceipt(
  database: Queryable,
  { path, digest, contract, rowsDigest, rowCount }: CheckedFile & CheckReceipt,
): Promise<void> {
  await database.query(
    `insert into check_receipts (path, digest, contract, rows_digest, row_count) values ($1, $2, $3, $4, $5)
     on conflict (path, digest, contract) do update set rows_digest = excluded.rows_digest, row_count = excluded.row_count`,
    [path, digest, contract, rowsDigest, rowCount],
  );
}

/** What is known of a file; undefined when Weir did not place it, or its bytes or the contract are others now. */
export async function maybeReceipt(
  database: Queryable,
  { path, digest, contract }: CheckedFile,
): Promise<CheckReceipt | undefined> {
  const [receipt] = await database.query<CheckReceipt>(
    `select rows_digest as "rowsDigest", row_count::float8 as "rowCount" from check_receipts
      where path = $1 and digest = $2 and contract = $3`,
    [path, digest, contract],
  );
  return receipt;
}
