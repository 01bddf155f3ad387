import { createHash } from 'node:crypto';
import { type Queryable, toStorableText } from '#store';

/** One file of good-data by name and content. */
export interface GoodFile {
  readonly path: string;
  readonly digest: string;
}

/** A name in good-data and its identity, which shows a change without reading it. */
export interface SeenFile {
  readonly path: string;
  readonly identity: string;
}

/** The files whose content must be read to know whether they are new: all except those known by their identity. */
export async function unrecognised(database: Queryable, files: readonly SeenFile[]): Promise<readonly string[]> {
  const rows = await database.query<{ path: string }>(
    `select path from unnest($1::text[], $2::text[]) as candidate (path, identity)
      where not exists (select from consumed_files consumed
                         where consumed.path = candidate.path and consumed.identity = candidate.identity
                           and consumed.consumed_at is not null)`,
    [files.map((file) => file.path), files.map((file) => file.identity)],
  );
  return rows.map((row) => row.path);
}

/**
 * Returns whether the content, under that name, has been predicted; if so its identity is recorded, so that it need not
 * be read again.
 */
export async function isConsumed(
  database: Queryable,
  { path, digest, identity }: GoodFile & { readonly identity: string | undefined },
): Promise<boolean> {
  const found = await database.query(
    `update consumed_files set identity = coalesce($3, identity)
      where path = $1 and digest = $2 and consumed_at is not null returning path`,
    [path, digest, identity ?? null],
  );
  return found.length === 1;
}

/** How all rows of a file are predicted. */
export interface Begun {
  readonly version: number;
  readonly contract: string;
}

/**
 * Records that a file is being predicted, and returns what was recorded first: after a crash, a file is finished by the
 * model version that started it.
 */
export async function beginFile(
  database: Queryable,
  options: GoodFile & Begun & { readonly runId: string },
): Promise<Begun> {
  const { path, digest, version, contract, runId } = options;
  await database.query(
    `insert into consumed_files (path, digest, run_id, model_version, contract) values ($1, $2, $3, $4, $5)
     on conflict (path, digest) do nothing`,
    [path, digest, runId, version, contract],
  );
  const [row] = await database.query<{ version: number | null; contract: string | null }>(
    'select model_version as version, contract from consumed_files where path = $1 and digest = $2',
    [path, digest],
  );
  return { version: row?.version ?? version, contract: row?.contract ?? contract };
}

/** Records that a file is finished, and removes its check receipts; repeatable. */
export async function endFile(
  database: Queryable,
  options: GoodFile & { readonly rowCount: number; readonly unfitCount: number; readonly problem?: string | undefined },
): Promise<void> {
  const { path, digest, rowCount, unfitCount, problem } = options;
  await database.query(
    `with forgotten as (delete from check_receipts where path = $1 and digest = $2)
     update consumed_files set consumed_at = clock_timestamp(), row_count = $3, unfit_count = $4, problem = $5
      where path = $1 and digest = $2 and consumed_at is null`,
    [path, digest, rowCount, unfitCount, problem === undefined ? null : toStorableText(problem)],
  );
}

/** What the idempotency keys of a file's requests start with; the rows of the request follow. */
export function requestKeyOf({ path, digest }: GoodFile): string {
  return `scheduled ${createHash('sha256')
    .update(JSON.stringify([path, digest]))
    .digest('hex')}`;
}

/** Files that may be predicted at one moment. */
const AT_ONCE_MAX = 1000;

/** The file that a request of the scheduled predictions was made for: one of those that were being predicted at its time. */
export async function fileOfRequest(
  database: Queryable,
  { request, at }: { readonly request: string; readonly at: Date },
): Promise<{ readonly file: string; readonly runId: string } | undefined> {
  const files = await database.query<{ path: string; digest: string; run: string }>(
    `select path, digest, run_id::text as run from consumed_files
      where begun_at <= $1 and (consumed_at is null or consumed_at >= $1) order by begun_at desc limit ${AT_ONCE_MAX}`,
    [at],
  );
  const found = files.find((file) => request.startsWith(`${requestKeyOf(file)} `));
  return found && { file: found.path, runId: found.run };
}
