import { type Database, type Queryable, toStorableText } from '#store';
import type { Goal, Params } from '../define/goal.ts';
import type { Interval } from '../define/pipeline.ts';
import type { RunRequest } from '../define/start-request.ts';
import type { RunState, Trigger } from '../define/states.ts';
import { INTERVAL_COLUMNS, type IntervalColumns, RUNS_CHANNEL, withInterval } from './read-runs.ts';

/** A run that a dead process left: not ended, or ended and not settled. */
export interface LeftRun {
  readonly id: string;
  readonly pipeline: string;
  readonly state: RunState;
  readonly trigger: Trigger;
  readonly params: Params;
  readonly goals: readonly Goal[] | null;
  readonly request: RunRequest;
  readonly createdAt: Date;
  /** Why it is to be cancelled. */
  readonly cancelReason: string | null;
  readonly interval: Interval | null;
}

/** The owner of runs, and how long its lease lasts after a heartbeat. */
export interface RunOwner {
  readonly owner: string;
  readonly leaseMs: number;
}

// A run that has ended and is settled needs no owner.
const UNFINISHED = `(state in ('queued', 'running') or settled_at is null)`;

/** A run that was just created, and has no owner yet, belongs to its creator for this long. */
export const NEWBORN_LEASE_MS = 15_000;

/** Extends the leases of runs that are still ours; one that is missing in the answer was taken over, or deleted. */
export function renewRuns(
  database: Queryable,
  ids: readonly string[],
  owner: RunOwner,
): Promise<readonly { readonly id: string; readonly cancelReason: string | null }[]> {
  return database.query(
    `update runs set owner = $2, expires_at = clock_timestamp() + $3 * interval '1 ms'
     where runs.id in (
       select r.id from runs r where r.id = any($1::bigint[]) and (r.owner is null or r.owner = $2) order by r.id for no key update)
     returning runs.id::text, cancel_reason as "cancelReason"`,
    [ids, owner.owner, owner.leaseMs],
  );
}

/**
 * Takes over unfinished runs without an owner, or whose owner's lease has expired, and returns their progress.
 * `pipelines` bounds it to those this process knows.
 */
export async function takeOverRuns(
  database: Queryable,
  owner: RunOwner,
  pipelines?: readonly string[],
): Promise<readonly LeftRun[]> {
  const rows = await database.query<Omit<LeftRun, 'interval'> & IntervalColumns>(
    `update runs set owner = $1, expires_at = clock_timestamp() + $2 * interval '1 ms'
     where runs.id in (
       select r.id from runs r where ${UNFINISHED} and (r.expires_at is null or r.expires_at < clock_timestamp())
         and ($3::text[] is null or r.pipeline = any($3))
       order by r.id for update skip locked)
     returning runs.id::text, pipeline, state, trigger, params, goals, request, created_at as "createdAt",
       cancel_reason as "cancelReason", ${INTERVAL_COLUMNS}`,
    [owner.owner, owner.leaseMs, pipelines ?? null],
  );
  return rows.map(withInterval).sort((a, b) => Number(a.id) - Number(b.id));
}

/** Releases what other owners left; for a caller that knows that they are dead. */
export async function expireRunsOfOthers(database: Queryable, owner: string): Promise<void> {
  await database.query(
    `update runs set expires_at = null where ${UNFINISHED} and owner is distinct from $1 and expires_at is not null`,
    [owner],
  );
}

/** Releases runs at once, so that the next process that looks takes them over. */
export async function releaseRuns(database: Queryable, owner: string): Promise<void> {
  await database.query(`update runs set expires_at = null where ${UNFINISHED} and owner = $1`, [owner]);
}

/** The result of a request to cancel a run: its owner will cancel it, it has no owner, or it has ended. */
export type CancelAnswer = 'asked' | 'unowned' | 'ended' | 'unknown';

/** Asks the owner of the run to cancel it. */
export function requestCancel(
  database: Database,
  request: { readonly runId: string; readonly reason: string },
): Promise<CancelAnswer> {
  const { runId } = request;
  const reason = toStorableText(request.reason);
  return database.transaction(async (tx) => {
    const [run] = await tx.query<{ isOpen: boolean; isOwned: boolean }>(
      `update runs set cancel_reason = case when state in ('queued', 'running') then coalesce(cancel_reason, $2)
         else cancel_reason end
       where runs.id = $1
       returning state in ('queued', 'running') as "isOpen", coalesce(expires_at > clock_timestamp(), false) as "isOwned"`,
      [runId, reason],
    );
    if (run === undefined) return 'unknown';
    if (!run.isOpen) return 'ended';
    await tx.query(`select pg_notify('${CANCELS_CHANNEL}', $1::text), pg_notify('${RUNS_CHANNEL}', $1::text)`, [runId]);
    return run.isOwned ? 'asked' : 'unowned';
  });
}

/** Cancels a run that nobody drives, with all that is open in it. */
export function cancelUnownedRun(
  database: Database,
  request: { readonly runId: string; readonly reason: string },
): Promise<void> {
  const { runId } = request;
  const reason = toStorableText(request.reason);
  return database.transaction(async (tx) => {
    const ended = await tx.query(
      `update runs set state = 'cancelled', reason = $2, ended_at = clock_timestamp(), goals = coalesce(goals, '[]')
       where runs.id = $1 and state in ('queued', 'running') and coalesce(expires_at < clock_timestamp(), true)
       returning 1`,
      [runId, reason],
    );
    if (ended.length === 0) return;
    await tx.query(
      `update task_runs set state = 'cancelled', cause = 'cancelled', reason = $2, ended_at = clock_timestamp()
       where run_id = $1 and state in ('queued', 'running')`,
      [runId, reason],
    );
    await tx.query(`select pg_notify('${RUNS_CHANNEL}', $1::text)`, [runId]);
  });
}

/** NOTIFY channel; the payload is the id of a run that is to be cancelled. */
export const CANCELS_CHANNEL = 'weir_cancels';

/** Whether a process drives the run now. */
export async function isRunDriven(database: Queryable, runId: string): Promise<boolean> {
  const found = await database.query('select 1 from runs where runs.id = $1 and expires_at > clock_timestamp()', [
    runId,
  ]);
  return found.length > 0;
}

/** Ends task runs that a run of this owner never reached again: of goals that were needed before a crash and not after it. */
export async function endForgottenTaskRuns(database: Queryable, runId: string, owner: string): Promise<void> {
  await database.query(
    `update task_runs set state = 'skipped', cause = 'skipped', ended_at = clock_timestamp(),
       reason = 'What needed it before a crash did not need it afterwards.'
     where run_id = $1 and state in ('queued', 'running')
       and exists (select from runs r where r.id = $1 and (r.owner is null or r.owner = $2))`,
    [runId, owner],
  );
}
