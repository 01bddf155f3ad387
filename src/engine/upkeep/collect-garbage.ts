import { type Database, type Queryable, withArtifactsToMyself } from '#store';
import { realEffects } from '../define/effects.ts';
import { EngineError } from '../define/errors.ts';
import { createFileDigests, type FileDigests } from '../define/file-digests.ts';
import { createSinks, type Sinks } from '../execute/sinks.ts';
import type {
  CollectionCounts,
  CollectionItem,
  CollectionReport,
  CollectOptions,
  CollectProgress,
  ItemKind,
} from './collection.ts';
import { forgetMarkers } from './forget-markers.ts';
import { planFiles, removeLeftovers } from './leftover-files.ts';
import { planBlobs, removeBlobs } from './remove-blobs.ts';
import { planOutside, removeRows } from './remove-outside.ts';
import { type Limits, planVersions, removeVersions } from './remove-versions.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const SUPERSEDED_DAYS_MAX_DEFAULT = 30;
/** Plans of dry runs, and records of what collections spared, are deleted after this long. */
const PLANS_DAYS_MAX = 30;
/** Records of what collections removed, which say why a version is gone. A run each minute makes ten thousand of them a day. */
const REMOVED_DAYS_MAX = 90;
/** How much the clock of the artifact store may differ from that of the database. */
const CLOCK_SKEW_MS_MAX = 5 * 60_000;
/** One plan at a time. */
const PLANNING_LOCK = 4_201_117_002;

/**
 * Computes what to remove and records it; the only function that does, for dry runs and for real ones. One transaction:
 * an interrupted plan leaves nothing.
 */
export async function planCollection(
  options: CollectOptions,
  { now, sinks, digestFile }: { readonly now: () => Date; readonly sinks: Sinks; readonly digestFile: FileDigests },
): Promise<string> {
  const { database, artifacts, roots } = options;
  const limits = limitsOf(options);
  const { graceMs, supersededDaysMax, unusedDaysMax } = limits;
  const report = reporterOf(options);
  // Every commit that is not visible now gets a greater version, because commits take their number while they hold the
  // lock on artifacts.
  const seenVersion = await withArtifactsToMyself(database, newestVersion);
  return database.transaction(async (tx) => {
    await lockPlanning(tx);
    await forgetPlans(tx);
    const storedBefore = new Date(now().getTime() - Math.max(graceMs, await oldestAttemptMs(tx)));
    const recorded = { graceMs, supersededDaysMax, unusedDaysMax: unusedDaysMax ?? null, storedBefore };
    const [created] = await tx.query<{ id: string }>(
      'insert into collections (actor, options, seen_version, is_dry_run) values ($1, $2, $3, $4) returning id::text',
      [options.actor, JSON.stringify(recorded), seenVersion, options.isDryRun === true],
    );
    const id = created?.id ?? '';
    report({ phase: 'planning', count: 0, sizeBytes: 0 });
    await planVersions(tx, { id, options, ...limits });
    await planOutside(tx, { id, tasks: options.tasks, sinks, digestFile });
    await planBlobs(tx, {
      ...{ id, artifacts, roots, storedBefore },
      onListed: (count, sizeBytes) => report({ phase: 'listing', count, sizeBytes }),
    });
    await planFiles(tx, { id, folders: options.folders ?? {}, now: now(), graceMs });
    if (options.isDryRun === true)
      await tx.query('update collections set finished_at = clock_timestamp() where id = $1', [id]);
    return id;
  });
}

function limitsOf({ graceMs, supersededDaysMax, unusedDaysMax }: CollectOptions): Limits {
  return {
    graceMs: graceMs ?? DAY_MS,
    supersededDaysMax: supersededDaysMax ?? SUPERSEDED_DAYS_MAX_DEFAULT,
    unusedDaysMax,
  };
}

const reporterOf =
  ({ onProgress }: CollectOptions) =>
  (progress: Pick<CollectProgress, 'phase' | 'count' | 'sizeBytes'>): void =>
    onProgress?.({ kind: progress.phase === 'listing' ? 'blob' : undefined, countMax: undefined, ...progress });

async function newestVersion(tx: Queryable): Promise<string> {
  const [row] = await tx.query<{ version: string }>('select coalesce(max(version), 0)::text as version from manifests');
  return row?.version ?? '0';
}

async function lockPlanning(tx: Queryable): Promise<void> {
  const [row] = await tx.query<{ locked: boolean }>(`select pg_try_advisory_xact_lock(${PLANNING_LOCK}) as locked`);
  if (row?.locked === true) return;
  throw new EngineError(
    'collection_busy',
    'Another collection is being planned on this database right now. Wait until it is, or stop it.',
  );
}

/** Age of the oldest running attempt: what it stored may be that old and not referenced yet. */
async function oldestAttemptMs(tx: Queryable): Promise<number> {
  const [row] = await tx.query<{ ms: number | null }>(
    `select extract(epoch from clock_timestamp() - min(claimed_at))::float8 * 1000 as ms from claims
     where expires_at > clock_timestamp() - interval '1 hour'`,
  );
  return row?.ms == null ? 0 : row.ms + CLOCK_SKEW_MS_MAX;
}

async function forgetPlans(tx: Queryable): Promise<void> {
  await tx.query(
    `delete from collections where is_dry_run and planned_at < clock_timestamp() - $1 * interval '1 day'
       and not exists (select 1 from collection_items i where i.collection_id = id and i.state = 'removed')`,
    [PLANS_DAYS_MAX],
  );
  await tx.query(
    `delete from collection_items i using collections c where c.id = i.collection_id and i.state = 'kept'
       and c.finished_at < clock_timestamp() - $1 * interval '1 day'`,
    [PLANS_DAYS_MAX],
  );
  await tx.query(`delete from collections where finished_at < clock_timestamp() - $1 * interval '1 day'`, [
    REMOVED_DAYS_MAX,
  ]);
}

/**
 * Removes what is no longer needed: finishes an interrupted collection, makes a plan, executes it. A dry run
 * ends with the plan. What a live run, an attempt in flight, a pin or a root can reach is never removed.
 */
export async function collectGarbage(options: CollectOptions): Promise<CollectionReport> {
  const { database, plan, isDryRun = false } = options;
  const now = options.effects?.now ?? realEffects.now;
  const world = { now, sinks: createSinks(database, options.sinks), digestFile: createFileDigests() };
  const left = isDryRun ? [] : await unfinished(database);
  for (const id of left) await execute(id, { ...options, ...world });
  if (plan !== undefined) await adopt(database, plan);
  const id = plan ?? (await planCollection(options, world));
  if (!isDryRun) await execute(id, { ...options, ...world });
  return { id, isDryRun, hasResumed: left.length > 0, ...(await countItems(database, id)) };
}

async function unfinished(database: Database): Promise<readonly string[]> {
  const rows = await database.query<{ id: string }>(
    'select id::text from collections where finished_at is null and not is_dry_run order by collections.id',
  );
  return rows.map(({ id }) => id);
}

/** Turns the plan of a dry run into one to execute. */
async function adopt(database: Database, id: string): Promise<void> {
  const found = /^[0-9]{1,18}$/.test(id)
    ? await database.query(
        'update collections set is_dry_run = false, finished_at = null where id = $1 and is_dry_run returning 1',
        [id],
      )
    : [];
  if (found.length === 1) return;
  throw new EngineError(
    'plan_unknown',
    `There is no plan ${id} of a dry run to execute. Make one with a dry run; it is kept for 30 days.`,
  );
}

interface Execution extends Omit<CollectOptions, 'sinks'> {
  readonly sinks: Sinks;
  readonly digestFile: FileDigests;
}

async function execute(id: string, options: Execution): Promise<void> {
  const { database, artifacts, tasks, roots, sinks, digestFile, folders = {} } = options;
  const [plan] = await database.query<{ storedBefore: string }>(
    `select options ->> 'storedBefore' as "storedBefore" from collections where id = $1`,
    [id],
  );
  const progress = await progressOf(id, options);
  await removeVersions({
    ...{ database, id, digestFile },
    onDecided: (count) => progress('version', { count, sizeBytes: 0 }),
  });
  await removeRows({ database, id, tasks, sinks, onDecided: () => progress('rows', { count: 1, sizeBytes: 0 }) });
  const storedBefore = new Date(plan?.storedBefore ?? 0);
  await forgetMarkers(database, storedBefore);
  await removeBlobs({
    ...{ database, artifacts, roots, id, storedBefore },
    onDecided: (count, sizeBytes) => progress('blob', { count, sizeBytes }),
  });
  await removeLeftovers(database, {
    ...{ id, folders },
    onDecided: (sizeBytes) => progress('staged-file', { count: 1, sizeBytes }),
  });
  await database.query(
    `update collections set finished_at = clock_timestamp() where id = $1 and not exists (
       select 1 from collection_items where collection_id = $1 and state in ('planned', 'removing'))`,
    [id],
  );
}

async function progressOf(id: string, { database, onProgress }: Pick<CollectOptions, 'database' | 'onProgress'>) {
  const [open] = await database.query<{ count: number }>(
    `select count(*)::float8 as count from collection_items where collection_id = $1 and state in ('planned', 'removing')`,
    [id],
  );
  const countMax = open?.count ?? 0;
  let count = 0;
  let sizeBytes = 0;
  return (kind: ItemKind, step: { readonly count: number; readonly sizeBytes: number }): void => {
    count += step.count;
    sizeBytes += step.sizeBytes;
    onProgress?.({ phase: 'removing', kind, count, countMax, sizeBytes });
  };
}

const NOTHING = { count: 0, sizeBytes: 0 };

async function countItems(
  database: Database,
  id: string,
): Promise<Pick<CollectionReport, 'planned' | 'removed' | 'kept' | 'left'>> {
  const rows = await database.query<{ kind: ItemKind; state: string; count: number; size: number }>(
    `select kind, case when state = 'kept' and decided_at is null then 'kept by the plan' else state end as state,
       count(*)::float8 as count, sum(size_bytes)::float8 as size
     from collection_items where collection_id = $1 group by 1, 2`,
    [id],
  );
  const of = (states: readonly string[]): CollectionCounts => {
    const counts: Record<ItemKind, { count: number; sizeBytes: number }> = {
      ...{ version: NOTHING, 'placed-file': NOTHING, rows: NOTHING, blob: NOTHING },
      ...{ 'staged-file': NOTHING, 'attempt-folder': NOTHING, bundle: NOTHING },
    };
    for (const { kind, state, count, size } of rows) {
      if (!states.includes(state)) continue;
      const so = counts[kind];
      counts[kind] = { count: so.count + count, sizeBytes: so.sizeBytes + size };
    }
    return counts;
  };
  return {
    planned: of(['planned', 'removing', 'removed', 'kept']),
    removed: of(['removed']),
    kept: of(['kept', 'kept by the plan']),
    left: of(['removing']),
  };
}

const PAGE = 1_000;

/** The items of a collection in planned order, page by page. */
export async function* listCollectionItems(database: Database, id: string): AsyncGenerator<CollectionItem> {
  for (let after = '0'; ; ) {
    const items = await database.query<CollectionItem & { readonly position: string }>(
      `select position::text, kind, name, version::text, size_bytes::float8 as "sizeBytes", reason, state,
         kept_because as "keptBecause" from collection_items
       where collection_id = $1 and position > $2 order by collection_items.position limit $3`,
      [id, after, PAGE],
    );
    for (const { position, ...item } of items) {
      after = position;
      yield item;
    }
    if (items.length < PAGE) return;
  }
}
