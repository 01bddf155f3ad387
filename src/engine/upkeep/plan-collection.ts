import { type Queryable, withArtifactsToMyself } from '#store';
import { EngineError } from '../define/errors.ts';
import type { FileDigests } from '../define/file-digests.ts';
import type { Sinks } from '../execute/sinks.ts';
import type { CollectOptions, CollectProgress } from './collection.ts';
import { planBlobs } from './doomed-blobs.ts';
import { type Limits, planVersions } from './doomed-versions.ts';
import { planFiles } from './leftover-files.ts';
import { planOutside } from './plan-outside.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const SUPERSEDED_DAYS_MAX_DEFAULT = 30;
/** Plans of dry runs, and what collections spared, are forgotten after this long. What they removed is not. */
const PLANS_DAYS_MAX = 30;
/** How far the clock of the artifact store may be from that of the database. */
const CLOCK_SKEW_MS_MAX = 5 * 60_000;
/** One plan at a time. */
const PLANNING_LOCK = 4_201_117_002;

/**
 * Computes what to remove and records it; the only function that does, for dry runs and for real ones. One transaction:
 * a plan that was interrupted was never there.
 */
export async function planCollection(
  options: CollectOptions,
  { now, sinks, digestFile }: { readonly now: () => Date; readonly sinks: Sinks; readonly digestFile: FileDigests },
): Promise<string> {
  const { database, artifacts, roots } = options;
  const limits = limitsOf(options);
  const { graceMs, supersededDaysMax, unusedDaysMax } = limits;
  const report = reporterOf(options);
  // Every commit that this moment does not see has a greater version, because commits draw it while they hold artifacts.
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
    'Another collection is being planned on this database right now. Wait until it is, or stop it.',
  );
}

/** How long ago the oldest attempt in flight began: what it stored may be that old and named by nothing yet. */
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
}
