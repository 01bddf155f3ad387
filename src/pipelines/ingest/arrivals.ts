import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, lstat, readdir, rename, unlink } from 'node:fs/promises';
import path from 'node:path';
import type { Database, Queryable } from '#store';

/** A file that failed this often, with the same bytes, is no longer drawn; it stays where it is. */
export const FAILURES_MAX = 3;

/** One file drawn from raw-data: its identity, not its content. */
export interface Arrival {
  readonly id: string;
  readonly file: string;
  readonly digest: string;
  readonly sizeBytes: number;
}

export type Draw =
  | { readonly kind: 'drawn'; readonly arrival: Arrival }
  | { readonly kind: 'nothing'; readonly reason: string };

/**
 * Draws one file at random and claims it by a row that only one live arrival can have.
 * The draw is seeded with the run id, so it can be told afterwards why this file came first.
 */
export async function drawArrival(
  database: Database,
  options: { readonly folder: string; readonly runId: string },
): Promise<Draw> {
  const { folder, runId } = options;
  const drawn = await liveArrival(database, arrivalId(runId));
  if (drawn !== undefined) return { kind: 'drawn', arrival: drawn };
  const files = await candidates(database, folder);
  if (files.length === 0) return { kind: 'nothing', reason: 'raw-data holds no new file' };
  for (const file of shuffled(files, `draw ${runId}`)) {
    const content = await stableDigest(path.join(folder, file));
    if (content === 'missing' || content === 'changing') continue;
    if (await failedTooOften(database, { file, digest: content.digest })) continue;
    const arrival = { id: arrivalId(runId), file, ...content };
    if (await claim(database, { arrival, runId })) return { kind: 'drawn', arrival };
  }
  return {
    kind: 'nothing',
    reason: `raw-data holds ${files.length} file(s), all still being written, claimed or failed ${FAILURES_MAX} times`,
  };
}

const arrivalId = (runId: string): string => `arrival-${runId}`;

/** The arrival as it was drawn, unless it has ended. A run that is planned again after a crash finds its own draw here. */
export async function liveArrival(database: Queryable, id: unknown): Promise<Arrival | undefined> {
  const [row] = await database.query<{ id: string; path: string; digest: string; size_bytes: string }>(
    'select id, path, digest, size_bytes from arrivals where id = $1 and ended_at is null',
    [id],
  );
  return row && { id: row.id, file: row.path, digest: row.digest, sizeBytes: Number(row.size_bytes) };
}

/**
 * Removes the raw file of an ingested arrival, unless somebody has put other bytes under its name since.
 * Repeatable: the file is first renamed to a hidden name, and a crash at any point is finished by the next call.
 */
export async function removeRawFile(folder: string, arrival: Arrival): Promise<void> {
  const original = path.join(folder, arrival.file);
  const aside = path.join(folder, `.${arrival.id}.removing`);
  await removeOrPutBack({ aside, original, arrival });
  await rename(original, aside).catch(unless('ENOENT'));
  await removeOrPutBack({ aside, original, arrival });
}

async function removeOrPutBack(options: {
  readonly aside: string;
  readonly original: string;
  readonly arrival: Arrival;
}): Promise<void> {
  const { aside, original, arrival } = options;
  const content = await stableDigest(aside);
  if (content === 'missing') return;
  const isIngested = content !== 'changing' && content.digest === arrival.digest;
  if (!isIngested) {
    // `link` never overwrites: when the name is taken again, the bytes come back under one that is free.
    const spare = path.join(path.dirname(original), `${arrival.id}-${arrival.file}`);
    await link(aside, original).catch((error: unknown) =>
      isCode(error, 'EEXIST') ? link(aside, spare) : Promise.reject(error),
    );
  }
  await unlink(aside);
}

export async function endArrival(
  database: Queryable,
  options: { readonly id: string; readonly outcome: 'ingested' | 'failed' | 'cancelled' },
): Promise<void> {
  await database.query(
    'update arrivals set ended_at = clock_timestamp(), outcome = $2 where id = $1 and ended_at is null',
    [options.id, options.outcome],
  );
}

/** Plain, visible files by name; folders, links, sockets and names that begin with a dot are not data. */
export async function dataFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort();
}

/** Digest and size of a regular file that did not change while it was read. */
export async function stableDigest(
  file: string,
): Promise<{ readonly digest: string; readonly sizeBytes: number } | 'missing' | 'changing'> {
  try {
    const before = await lstat(file, { bigint: true });
    if (!before.isFile()) return 'missing';
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(file)) hash.update(chunk);
    const after = await lstat(file, { bigint: true });
    const changed = before.size !== after.size || before.mtimeNs !== after.mtimeNs || before.ino !== after.ino;
    return changed ? 'changing' : { digest: hash.digest('hex'), sizeBytes: Number(after.size) };
  } catch (error) {
    if (isCode(error, 'ENOENT')) return 'missing';
    throw error;
  }
}

async function candidates(database: Queryable, folder: string): Promise<readonly string[]> {
  const claimed = await database.query<{ path: string }>('select path from arrivals where ended_at is null');
  const taken = new Set(claimed.map((row) => row.path));
  return (await dataFiles(folder)).filter((file) => !taken.has(file));
}

async function failedTooOften(
  database: Queryable,
  content: { readonly file: string; readonly digest: string },
): Promise<boolean> {
  const [row] = await database.query<{ failures: number }>(
    `select count(*)::int as failures from arrivals where path = $1 and digest = $2 and outcome = 'failed'`,
    [content.file, content.digest],
  );
  return (row?.failures ?? 0) >= FAILURES_MAX;
}

async function claim(
  database: Queryable,
  options: { readonly arrival: Arrival; readonly runId: string },
): Promise<boolean> {
  const { arrival, runId } = options;
  const inserted = await database.query(
    `insert into arrivals (id, path, digest, size_bytes, run_id) values ($1, $2, $3, $4, $5)
     on conflict do nothing returning id`,
    [arrival.id, arrival.file, arrival.digest, arrival.sizeBytes, runId],
  );
  return inserted.length === 1;
}

/** A random order by digest of seed and item: the same seed gives the same order on every machine. */
function shuffled(items: readonly string[], seed: string): readonly string[] {
  return items
    .map((item) => ({ item, rank: createHash('sha256').update(`${seed}\n${item}`).digest('hex') }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .map(({ item }) => item);
}

function unless(code: string): (error: unknown) => void {
  return (error) => {
    if (!isCode(error, code)) throw error;
  };
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** Releases what a process claimed and then died before its run was recorded. Call it once at start, before any draw. */
export async function releaseOrphanedArrivals(database: Queryable): Promise<void> {
  await database.query(
    `update arrivals set ended_at = clock_timestamp(), outcome = 'cancelled'
      where ended_at is null
        and not exists (select from runs where runs.id = arrivals.run_id and runs.settled_at is null)`,
  );
}
