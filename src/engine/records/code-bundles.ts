import type { Queryable } from '#store';

/** Longer than a process that drives runs goes without saying that it uses one. */
const KEPT_DAYS = 7;

/** Keeps an artifact with the code of a project, which workers fetch. */
export async function noteCodeBundle(database: Queryable, digest: string): Promise<void> {
  await database.query(
    `insert into code_bundles (digest) values ($1)
     on conflict (digest) do update set used_at = clock_timestamp()`,
    [digest],
  );
}

/** The code that a server said last that it uses; undefined when none has. */
export async function newestCodeBundle(database: Queryable): Promise<string | undefined> {
  const [newest] = await database.query<{ digest: string }>(
    `select digest from code_bundles
     where used_at > clock_timestamp() - interval '${KEPT_DAYS} days' order by used_at desc limit 1`,
  );
  return newest?.digest;
}

/** Those of the given artifacts that are code in use. */
export async function codeBundleDigests(database: Queryable, digests: readonly string[]): Promise<readonly string[]> {
  const found = await database.query<{ digest: string }>(
    `select digest from code_bundles
     where digest = any($1) and used_at > clock_timestamp() - interval '${KEPT_DAYS} days'`,
    [digests],
  );
  return found.map(({ digest }) => digest);
}
