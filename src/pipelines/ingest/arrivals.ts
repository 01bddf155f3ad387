import { createHash } from 'node:crypto';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Database, hasErrorCode, type Queryable } from '#store';
import { PipelineError } from '../errors.ts';
import type { Inbox } from '../folders.ts';
import { placeIn } from '../places/data-places.ts';
import { localPlaces } from '../places/local-places.ts';

/** After this many failures with the same bytes a file waits before it is selected again, each time twice as long. */
export const FAILURES_MAX = 3;
/** So many failures that no file has them: PostgreSQL's integer ends here. */
const NEVER = 2_147_483_647;
const PAUSE_MINUTES = 10;
const PAUSE_MINUTES_MAX = 24 * 60;
/** A file that changed more recently than this may still be written to. */
const QUIET_MS = 1_000;

/** One file selected from an inbox: its identity, not its content. */
export interface Arrival {
  readonly id: string;
  readonly file: string;
  readonly digest: string;
  readonly sizeBytes: number;
}

export type Selection =
  | { readonly kind: 'selected'; readonly arrival: Arrival }
  | {
      readonly kind: 'nothing';
      readonly reason: string;
      /** The run that has selected the file. */
      readonly run?: string;
    };

export interface SelectEffects {
  now(): number;
  sleep(ms: number): Promise<unknown>;
}

const REAL_EFFECTS: SelectEffects = { now: Date.now, sleep: delay };

/**
 * Selects one file at random and claims it by a row that only one live arrival can have. The selection is seeded with
 * the run id, so it is reproducible. A file whose earlier run failed or was cancelled keeps its arrival: what that run
 * placed is found complete and not placed again.
 */
export async function selectArrival(
  database: Database,
  { inbox, runId }: { readonly inbox: Inbox; readonly runId: string },
  effects: SelectEffects = REAL_EFFECTS,
): Promise<Selection> {
  const known = await arrivalOfRun(database, runId);
  if (known !== undefined) return { kind: 'selected', arrival: known };
  const files = await candidates(database, inbox);
  if (files.length === 0) return { kind: 'nothing', reason: `${inbox.name} holds no new file` };
  const passed: Record<string, number> = {};
  for (const file of shuffled(files, `draw ${runId}`)) {
    const taken = await take({ database, inbox, file, runId }, effects);
    if (typeof taken === 'object') return { kind: 'selected', arrival: taken };
    passed[taken] = (passed[taken] ?? 0) + 1;
  }
  const why = Object.entries(passed).map(([reason, count]) => `${count} ${reason}`);
  return { kind: 'nothing', reason: `${inbox.name} holds no file that can be taken: ${why.join(', ')}` };
}

/** Claims the given file, also when it would wait because it failed before. A file that cannot be claimed is an error. */
export async function selectFile(
  database: Database,
  { inbox, runId, file }: Omit<Candidate, 'database' | 'isWaiting'>,
  effects: SelectEffects = REAL_EFFECTS,
): Promise<Selection> {
  const known = await arrivalOfRun(database, runId);
  if (known !== undefined) return { kind: 'selected', arrival: known };
  const { folder, places = localPlaces } = inbox;
  // Among the names, so that none leads out of the folder.
  const isThere = (await places.names(folder)).includes(file);
  const taken = isThere ? await take({ database, inbox, file, runId, isWaiting: false }, effects) : 'missing';
  if (typeof taken === 'object') return { kind: 'selected', arrival: taken };
  const [claim] = await database.query<{ run: string }>(
    'select run_id::text as run from arrivals where path = $1 and ended_at is null',
    [recordedName(inbox, file)],
  );
  if (claim !== undefined)
    return { kind: 'nothing', reason: `run ${claim.run} ingests ${file} already`, run: claim.run };
  throw new PipelineError(
    'file_unselectable',
    `Expected ${JSON.stringify(file)} in ${inbox.name}, and it is ${taken}. Put it there, whole and readable, and start the run again.`,
  );
}

interface Candidate {
  readonly database: Database;
  readonly inbox: Inbox;
  readonly file: string;
  readonly runId: string;
  /** Whether a file that failed before waits before it is selected again; true unless set. */
  readonly isWaiting?: boolean | undefined;
}

/** The arrival, or why the file cannot be taken now. */
async function take(
  { database, inbox, file, runId, isWaiting }: Candidate,
  effects: SelectEffects,
): Promise<Arrival | string> {
  const { folder, places = localPlaces } = inbox;
  const place = placeIn(folder, file);
  const seen = await places.lookAt(place);
  const ageMs = effects.now() - (seen?.changedAtMs ?? 0);
  // A negative age means that the clock was set back.
  if (Math.abs(ageMs) < QUIET_MS) await effects.sleep(QUIET_MS - Math.abs(ageMs));
  const content = await places.read(place);
  if (typeof content === 'string') return content;
  if (content.identity !== seen?.identity) return 'changing';
  const { digest, sizeBytes } = content;
  return claim(database, { inbox, file, runId, digest, sizeBytes, isWaiting });
}

interface ArrivalRow {
  readonly id: string;
  readonly path: string;
  readonly digest: string;
  readonly size_bytes: string;
}

/** The name under which the database knows a file; that of raw-data has no folder before it. */
const recordedName = ({ name }: Inbox, file: string): string => (name === 'raw-data' ? file : `${name}/${file}`);

const COLUMNS = 'id, path, digest, size_bytes';
const toArrival = (row: ArrivalRow): Arrival => ({
  id: row.id,
  file: path.posix.basename(row.path),
  digest: row.digest,
  sizeBytes: Number(row.size_bytes),
});

/** The arrival a run works on. A run that is planned again after a crash finds its own selection here. */
export async function arrivalOfRun(database: Queryable, runId: string): Promise<Arrival | undefined> {
  const [row] = await database.query<ArrivalRow>(
    `select ${COLUMNS} from arrivals where run_id = $1 and ended_at is null`,
    [runId],
  );
  return row && toArrival(row);
}

// The newest arrival of these bytes under this name decides whether they are new, still to be ingested, or have to
// wait.
const CLAIM = `
  with known as (
    select id, outcome, failures, ended_at from arrivals where path = $2 and digest = $3 order by drawn_at desc, id limit 1),
  owed as (
    select id, failures >= $6 and ended_at + least($7 * 2 ^ least(failures - $6, 20), $8) * interval '1 minute'
        > clock_timestamp() as is_waiting
      from known where outcome in ('failed', 'cancelled')),
  reopened as (
    update arrivals set run_id = $5, drawn_at = clock_timestamp(), ended_at = null, outcome = null
     where id = (select id from owed where not is_waiting) and ended_at is not null
    returning id),
  inserted as (
    insert into arrivals (id, path, digest, size_bytes, run_id)
    select $1, $2, $3, $4, $5 where not exists (select from owed) on conflict do nothing
    returning id)
  select coalesce((select id from reopened), (select id from inserted)) as id,
    coalesce((select is_waiting from owed), false) as is_waiting`;

async function claim(
  database: Database,
  options: Omit<Arrival, 'id'> & Pick<Candidate, 'inbox' | 'runId' | 'isWaiting'>,
): Promise<Arrival | string> {
  const { inbox, file, digest, sizeBytes, runId, isWaiting = true } = options;
  const limits = [isWaiting ? FAILURES_MAX : NEVER, PAUSE_MINUTES, PAUSE_MINUTES_MAX];
  try {
    const [claimed] = await database.query<{ id: string | null; is_waiting: boolean }>(CLAIM, [
      ...[`arrival-${runId}`, recordedName(inbox, file), digest, sizeBytes, runId],
      ...limits,
    ]);
    if (claimed?.is_waiting === true) return 'waiting because it failed before';
    if (claimed === undefined || claimed.id === null) return 'claimed';
    return { id: claimed.id, file, digest, sizeBytes };
  } catch (error) {
    // Another run holds the name: it was reopened at the same moment.
    if (hasErrorCode(error, UNIQUE_VIOLATION)) return 'claimed';
    throw error;
  }
}

const UNIQUE_VIOLATION = '23505';

/**
 * Claims for a retry the arrival of an ended run that failed or was cancelled. Returns why it cannot, if it cannot: the
 * file is ingested, or another run has selected it again.
 */
export async function retakeArrival(
  database: Queryable,
  { runId, arrival }: { readonly runId: string; readonly arrival: string },
): Promise<string | undefined> {
  const [taken] = await database.query(
    `update arrivals set run_id = $2, drawn_at = clock_timestamp(), ended_at = null, outcome = null
      where id = $1 and ended_at is not null and outcome in ('failed', 'cancelled')
        and not exists (select from arrivals live where live.path = arrivals.path and live.ended_at is null)
    returning id`,
    [arrival, runId],
  );
  if (taken !== undefined) return undefined;
  const [known] = await database.query<{ path: string; outcome: string | null; runId: string | null }>(
    'select path, outcome, run_id::text as "runId" from arrivals where id = $1',
    [arrival],
  );
  if (known === undefined) return `nothing is known of its arrival ${arrival}. Start a new run of ingest.`;
  if (known.outcome === 'ingested') return `its file ${known.path} was ingested.`;
  if (known.outcome === null) return `run ${known.runId} works on its file ${known.path}.`;
  return `another file named ${known.path} is being ingested. Wait for that run to end.`;
}

/** Ends the arrival that a run works on, if it has not ended; a failure is counted. */
export async function endArrival(
  database: Queryable,
  options: { readonly runId: string; readonly outcome: 'ingested' | 'failed' | 'cancelled' },
): Promise<void> {
  await database.query(
    `update arrivals set ended_at = clock_timestamp(), outcome = $2, failures = failures + ($2 = 'failed')::int
      where run_id = $1 and ended_at is null`,
    [options.runId, options.outcome],
  );
}

async function candidates(database: Queryable, inbox: Inbox): Promise<readonly string[]> {
  const claimed = await database.query<{ path: string }>('select path from arrivals where ended_at is null');
  const taken = new Set(claimed.map((row) => row.path));
  const { folder, places = localPlaces } = inbox;
  return (await places.names(folder)).filter((file) => !taken.has(recordedName(inbox, file)));
}

/** A random order by digest of seed and item: the same seed gives the same order on every machine. */
function shuffled(items: readonly string[], seed: string): readonly string[] {
  return items
    .map((item) => ({ item, rank: createHash('sha256').update(`${seed}\n${item}`).digest('hex') }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .map(({ item }) => item);
}

/**
 * Releases the claims of a process that died before its run was recorded. Call it once at start, before any selection.
 */
export async function releaseOrphanedArrivals(database: Queryable): Promise<void> {
  await database.query(
    `update arrivals set ended_at = clock_timestamp(), outcome = 'cancelled'
      where ended_at is null
        and not exists (select from runs where runs.id = arrivals.run_id and runs.settled_at is null)`,
  );
}
