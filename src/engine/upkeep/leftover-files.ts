import { access, constants, lstat, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { type Database, fileIdentity, maybeLstat, type Queryable, syncFolder } from '#store';
import type { FileDigests } from '../define/file-digests.ts';
import { readStagedList, removeAttemptFolder, STAGED_SUFFIX, stateOfFolder } from '../execute/attempt-folder.ts';
import type { CollectFolders, ItemKind } from './collection.ts';

/** How much the clock of a file system may differ from that of the database. */
const CLOCK_SKEW_MS_MAX = 5 * 60_000;

/** A file as results recorded that they placed it. */
export interface PlacedFile {
  readonly path: string;
  readonly digests: readonly string[];
  /** When the last of those results was committed. */
  readonly placedBefore: string;
}

/** What is at the path of a file now. */
export type FoundFile =
  | { readonly kind: 'placed'; readonly identity: string }
  | { readonly kind: 'gone' }
  /** Not the placed file: it belongs to others. */
  | { readonly kind: 'other'; readonly because: string }
  /** It cannot be looked at, or not be removed. */
  | { readonly kind: 'barred'; readonly because: string };

/** Checks whether a file is still the one that was placed, and can be removed. */
export async function findPlaced(file: PlacedFile, digestFile: FileDigests): Promise<FoundFile> {
  try {
    const stats = await maybeLstat(file.path);
    if (stats === undefined) return { kind: 'gone' };
    if (!stats.isFile()) return { kind: 'other', because: 'something that is no plain file is at its path' };
    if (Number(stats.mtimeMs) > new Date(file.placedBefore).getTime() + CLOCK_SKEW_MS_MAX)
      return { kind: 'other', because: 'it was written again after it was placed' };
    const digest = await digestFile(file.path);
    if (digest === undefined) return { kind: 'gone' };
    if (!file.digests.includes(digest)) return { kind: 'other', because: 'its content is not what was placed' };
    await access(path.dirname(file.path), constants.W_OK);
    return { kind: 'placed', identity: fileIdentity(stats) };
  } catch (error) {
    return barredBy(file.path, error);
  }
}

/** Removes a file that was found before, if it is unchanged. The removal survives a loss of power. */
export async function removePlaced(at: string, identity: string): Promise<FoundFile> {
  try {
    const stats = await maybeLstat(at);
    if (stats === undefined) return { kind: 'gone' };
    if (fileIdentity(stats) !== identity) return { kind: 'other', because: 'it was written to a moment ago' };
    await rm(at);
    await syncFolder(path.dirname(at));
    return { kind: 'gone' };
  } catch (error) {
    return barredBy(at, error);
  }
}

function barredBy(at: string, error: unknown): FoundFile {
  const said = codeOf(error) ?? (error instanceof Error ? error.message : String(error));
  return {
    kind: 'barred',
    because: `its file ${at} cannot be removed (${said}). Give this user the right to, or remove it by hand`,
  };
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** A folder of another container is kept this long after its last change, because its process is not visible here. */
const UNSEEN_AGE_MS_MAX = 7 * 24 * 60 * 60 * 1000;
const BUNDLE = /^([0-9a-f]{64})\.mjs$/;
const GROUP_SIZE = 1_000;

export interface FilePlan {
  readonly id: string;
  readonly folders: CollectFolders;
  readonly now: Date;
  readonly graceMs: number;
}

interface FileItem {
  readonly kind: ItemKind;
  readonly path: string;
  readonly sizeBytes: number;
  readonly reason: string;
}

/**
 * Plans the removal of what dead attempts left on disk, and of bundles of code that made no stored result. Those of
 * live attempts are never included.
 */
export async function planFiles(tx: Queryable, plan: FilePlan): Promise<void> {
  const attempts = await attemptFolders(plan);
  const items: FileItem[] = [
    ...attempts.flatMap(({ isDead, at, sizeBytes }): FileItem[] =>
      isDead ? [{ kind: 'attempt-folder', path: at, sizeBytes, reason: 'its process has ended' }] : [],
    ),
    ...(await stagedFiles(tx, { plan, attempts })),
    ...(await unusedBundles(tx, plan)),
  ];
  for (let from = 0; from < items.length; from += GROUP_SIZE) {
    const part = items.slice(from, from + GROUP_SIZE);
    await tx.query(
      `insert into collection_items (collection_id, kind, name, size_bytes, reason)
       select $1, * from unnest($2::text[], $3::text[], $4::bigint[], $5::text[])`,
      [
        plan.id,
        part.map((item) => item.kind),
        part.map((item) => item.path),
        part.map((item) => item.sizeBytes),
        part.map((item) => item.reason),
      ],
    );
  }
}

interface FoundFolder {
  readonly at: string;
  readonly isDead: boolean;
  readonly sizeBytes: number;
  /** Files that its attempt staged. */
  readonly staged: readonly string[];
}

async function attemptFolders({ folders, now }: FilePlan): Promise<readonly FoundFolder[]> {
  const root = folders.attempts;
  if (root === undefined) return [];
  const found: FoundFolder[] = [];
  for (const name of await readdir(root).catch(() => [])) {
    const owner = await stateOfFolder(name);
    const at = path.join(root, name);
    const stats = await lstat(at).catch(() => undefined);
    if (owner === undefined || stats?.isDirectory() !== true) continue;
    const isForgotten = owner === 'elsewhere' && now.getTime() - stats.mtimeMs > UNSEEN_AGE_MS_MAX;
    const isDead = owner === 'ended' || isForgotten;
    found.push({ at, isDead, sizeBytes: isDead ? await sizeOf(at) : 0, staged: await readStagedList(at) });
  }
  return found;
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(names.map((name) => lstat(path.join(folder, name)).catch(() => undefined)));
  return sizes.reduce((sum, stats) => sum + (stats?.isFile() === true ? stats.size : 0), 0);
}

/** Staged files of dead attempts, and old ones that no attempt folder names. */
async function stagedFiles(
  tx: Queryable,
  { plan, attempts }: { readonly plan: FilePlan; readonly attempts: readonly FoundFolder[] },
): Promise<readonly FileItem[]> {
  const dead = new Set(attempts.flatMap(({ isDead, staged }) => (isDead ? staged : [])));
  const live = new Set(attempts.flatMap(({ isDead, staged }) => (isDead ? [] : staged)));
  const named = await tx.query<{ folder: string }>(
    `select distinct regexp_replace(o.value ->> 'path', '[/\\\\][^/\\\\]*$', '') as folder
     from manifests m cross join lateral jsonb_each(m.outputs) o where o.value ->> 'kind' = 'file'`,
  );
  const folders = new Set([
    ...named.map(({ folder }) => folder),
    ...(plan.folders.placed ?? []).map((folder) => path.resolve(folder)),
    ...[...dead].map((file) => path.dirname(file)),
  ]);
  const items: FileItem[] = [];
  for (const folder of folders) {
    for (const name of await readdir(folder).catch(() => [])) {
      if (!name.startsWith('.') || !name.endsWith(STAGED_SUFFIX)) continue;
      const at = path.join(folder, name);
      const stats = await lstat(at).catch(() => undefined);
      if (stats?.isFile() !== true || live.has(at)) continue;
      const isOld = plan.now.getTime() - stats.mtimeMs > plan.graceMs;
      if (!dead.has(at) && !isOld) continue;
      const reason = dead.has(at) ? 'the process that staged it has ended' : 'no attempt that is known staged it';
      items.push({ kind: 'staged-file', path: at, sizeBytes: stats.size, reason });
    }
  }
  return items;
}

async function unusedBundles(tx: Queryable, { folders, now, graceMs }: FilePlan): Promise<readonly FileItem[]> {
  if (folders.bundles === undefined) return [];
  const { folder, fingerprints } = folders.bundles;
  const current = new Set(fingerprints);
  const items: FileItem[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    const fingerprint = BUNDLE.exec(name)?.[1];
    if (fingerprint === undefined || current.has(fingerprint)) continue;
    const at = path.join(folder, name);
    const stats = await lstat(at).catch(() => undefined);
    if (stats?.isFile() !== true || now.getTime() - stats.mtimeMs <= graceMs) continue;
    if (await hasMade(tx, fingerprint)) continue;
    items.push({
      kind: 'bundle',
      path: at,
      sizeBytes: stats.size,
      reason: 'no task has this code, and no result was made by it',
    });
  }
  return items;
}

// Another process may still run that code; while it does, results of it exist.
async function hasMade(tx: Queryable, fingerprint: string): Promise<boolean> {
  const found = await tx.query('select 1 from manifests where code = $1 limit 1', [`code:${fingerprint}`]);
  return found.length === 1;
}

/** Removes the planned files, each after another check. */
export async function removeLeftovers(
  database: Database,
  removal: { readonly id: string; readonly folders: CollectFolders; readonly onDecided: (sizeBytes: number) => void },
): Promise<void> {
  const { id, folders } = removal;
  const current = new Set(folders.bundles?.fingerprints);
  const items = database.query<{ position: string; kind: ItemKind; name: string; size: number }>(
    `select position::text, kind, name, size_bytes::float8 as size from collection_items
     where collection_id = $1 and kind in ('staged-file', 'attempt-folder', 'bundle') and state = 'planned' order by position`,
    [id],
  );
  for (const { position, kind, name, size } of await items) {
    const because = await sparedBecause({ kind, name, current }, database);
    if (because === undefined)
      await (kind === 'attempt-folder' ? removeAttemptFolder(name) : rm(name, { force: true }));
    await database.query(
      `update collection_items set state = $3, decided_at = clock_timestamp(), kept_because = $4
       where collection_id = $1 and position = $2`,
      [id, position, because === undefined ? 'removed' : 'kept', because ?? null],
    );
    removal.onDecided(size);
  }
}

async function sparedBecause(
  item: { readonly kind: ItemKind; readonly name: string; readonly current: ReadonlySet<string> },
  database: Queryable,
): Promise<string | undefined> {
  const { kind, name, current } = item;
  const base = path.basename(name);
  if (kind === 'attempt-folder' && (await stateOfFolder(base)) === 'running') return 'its process runs';
  const fingerprint = kind === 'bundle' ? BUNDLE.exec(base)?.[1] : undefined;
  if (fingerprint === undefined) return undefined;
  if (current.has(fingerprint)) return 'a task has this code';
  return (await hasMade(database, fingerprint)) ? 'a result was made by it' : undefined;
}
