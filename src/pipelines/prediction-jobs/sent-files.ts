import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { hasErrorCode, type Queryable } from '#store';
import { JOB_PIPELINE } from './pipeline.ts';

const DAY_MS = 86_400_000;
/** For how long a failed job can be retried, and a file that no run took is kept. */
const KEPT_DAYS = 7;

/** Removes files that were sent to be predicted days ago and that no run in progress reads; gives their number. */
export async function forgetSentFiles(database: Queryable, folder: string): Promise<number> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (hasErrorCode(error, 'ENOENT')) return [];
    throw error;
  });
  if (names.length === 0) return 0;
  const read = await filesInUse(database);
  let forgotten = 0;
  for (const name of names) {
    const file = path.join(folder, name);
    const found = await stat(file).catch(() => undefined);
    if (found === undefined || read.has(name) || found.mtimeMs > Date.now() - KEPT_DAYS * DAY_MS) continue;
    await rm(file, { force: true });
    forgotten += 1;
  }
  return forgotten;
}

/** Removes a file whose run could not be created, unless a run in progress reads it: an answer may be lost on its way. */
export async function removeUnread(
  database: Queryable,
  { folder, file }: { readonly folder: string; readonly file: string },
): Promise<void> {
  if ((await filesInUse(database)).has(file)) return;
  await rm(path.join(folder, file), { force: true });
}

/** Files that runs in progress read. */
async function filesInUse(database: Queryable): Promise<ReadonlySet<string | null>> {
  const runs = await database.query<{ file: string | null }>(
    `select coalesce(params ->> 'file', request -> 'params' ->> 'file') as file from runs
     where pipeline = $1 and settled_at is null`,
    [JOB_PIPELINE],
  );
  return new Set(runs.map(({ file }) => file));
}
