import { type Database, type Queryable, toStorableText } from '#store';
import { EngineError } from '../define/errors.ts';
import type { Params } from '../define/goal.ts';
import type { Interval } from '../define/pipeline.ts';
import type { RunRequest } from '../define/start-request.ts';
import type { Cause, RunState, TaskRunState, Trigger } from '../define/states.ts';
import { RUNS_CHANNEL, toRunId } from './read-runs.ts';
import { cancelUnownedRun, NEWBORN_LEASE_MS, requestCancel } from './run-leases.ts';

const NOTIFY = `select pg_notify('${RUNS_CHANNEL}', $1::text)`;

export interface NewRun {
  readonly pipeline: string;
  readonly trigger: Trigger;
  readonly scheduledFor?: Date | undefined;
  readonly interval?: Interval | undefined;
  readonly seenRun?: string | undefined;
  readonly params?: Params | undefined;
  readonly isForced?: boolean | undefined;
}

interface CreatedRun {
  readonly id: string;
  readonly state: RunState;
  readonly reason: string | null;
  readonly request: RunRequest;
}

/**
 * Records a run that is not planned yet. A second run for one tick, for an interval that is being run, or for one with
 * a newer run than the caller knew of, is not created: `isNew` is false.
 */
export function createRun(database: Database, run: NewRun): Promise<CreatedRun & { readonly isNew: boolean }> {
  return database.transaction(async (tx) => {
    // Held to the end of the transaction, so that the second sees what the first has created.
    if (run.interval !== undefined)
      await tx.query(`select pg_advisory_xact_lock(hashtextextended('weir intervals ' || $1, 0))`, [run.pipeline]);
    const newer = run.seenRun === undefined ? undefined : await newestRunFor(tx, run);
    if (newer !== undefined && Number(newer.id) > Number(run.seenRun)) return { ...newer, isNew: false };
    const created = await maybeInsertRun(tx, run);
    if (created !== undefined) return { ...created, isNew: true };
    const existing = await newestRunFor(tx, run);
    if (existing === undefined)
      throw new EngineError(
        'run_lost',
        `The run of ${run.pipeline} for ${(run.scheduledFor ?? run.interval?.to)?.toISOString()} vanished while it was created. Ask again.`,
      );
    return { ...existing, isNew: false };
  });
}

async function newestRunFor(tx: Queryable, { pipeline, scheduledFor, interval }: NewRun) {
  const [run] = await tx.query<CreatedRun>(
    `select id::text, state, reason, request from runs
     where pipeline = $1 and (scheduled_for = $2 or (interval_from = $3 and interval_to = $4))
     order by runs.id desc limit 1`,
    [pipeline, scheduledFor ?? null, interval?.from ?? null, interval?.to ?? null],
  );
  return run;
}

// A sequence that was never used reports its first value as its last one.
const REQUEST = `jsonb_build_object('params', $7::jsonb) || case when $8 then jsonb_build_object('forcedAfter',
  (select (case when is_called then last_value else 0 end)::text from claim_tokens)) else '{}' end`;

/** Records a run that is not planned yet, unless there is one for its tick, or a live one for its interval. */
export async function maybeInsertRun(tx: Queryable, run: NewRun): Promise<CreatedRun | undefined> {
  const { pipeline, trigger, scheduledFor = null, interval, params = {}, isForced = false } = run;
  const [created] = await tx.query<CreatedRun>(
    `insert into runs (pipeline, state, trigger, scheduled_for, interval_from, interval_to, expires_at, request)
     values ($1, 'queued', $2, $3, $4, $5, clock_timestamp() + $6 * interval '1 ms', ${REQUEST})
     on conflict do nothing returning id::text, state, reason, request`,
    [
      ...[pipeline, trigger, scheduledFor, interval?.from ?? null, interval?.to ?? null, NEWBORN_LEASE_MS],
      ...[JSON.stringify(params), isForced],
    ],
  );
  if (created !== undefined) await tx.query(NOTIFY, [created.id]);
  return created;
}

export interface TaskRunEnd {
  readonly runId: string;
  readonly goal: string;
  readonly state: TaskRunState;
  readonly reason: string | undefined;
  /** Why there are no outputs. */
  readonly cause: Cause | undefined;
  readonly key: string | undefined;
  /** The version that was found; absent when there is none. */
  readonly version?: string | undefined;
}

/**
 * Ends task runs that no attempt ended: cached, skipped and cancelled ones. Those that ended before a crash keep their
 * state, and those with a running attempt stay running: a process that decided otherwise no longer drives the run.
 */
export async function endTaskRuns(database: Database, items: readonly TaskRunEnd[]): Promise<readonly undefined[]> {
  const values = [
    items.map((item) => item.runId),
    items.map((item) => item.goal),
    items.map((item) => item.state),
    items.map(({ reason }) => (reason === undefined ? null : toStorableText(reason))),
    items.map((item) => item.key ?? null),
    items.map((item) => item.cause ?? null),
    items.map((item) => item.version ?? null),
  ];
  await database.transaction((tx) => tx.query(ENDED, values), { isIndexed: true });
  return items.map(() => undefined);
}

const ENDED = `
with ending as (
  select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[])
    as e (run_id, goal, state, reason, key, cause, version)),
changed as (
  update task_runs t set state = e.state, reason = e.reason, cause = e.cause, key = coalesce(e.key, t.key),
    version = e.version, ended_at = clock_timestamp()
  from ending e where t.run_id = e.run_id and t.goal = e.goal and t.state in ('queued', 'running')
    and not (t.state = 'running' and exists (
      select from attempts a where a.run_id = t.run_id and a.goal = t.goal and a.outcome is null)))
select pg_notify('${RUNS_CHANNEL}', run_id::text) from (select distinct run_id from ending) as runs`;

export interface RunEnd {
  readonly id: string;
  readonly state: RunState;
  readonly reason: string | undefined;
  readonly params?: Params;
  /** Only while this owner drives the run; unconditional when absent. */
  readonly owner?: string;
}

/** Ends a run; one that has ended keeps its state. */
export function endRun(database: Database, run: RunEnd): Promise<void> {
  return database.transaction(async (tx) => {
    await tx.query(
      `update runs set state = $2, reason = $3, ended_at = clock_timestamp(), goals = coalesce(goals, '[]'),
         params = coalesce($4::jsonb, params)
       where id = $1 and state in ('queued', 'running') and ($5::text is null or owner is null or owner = $5)`,
      [
        ...[run.id, run.state, run.reason === undefined ? null : toStorableText(run.reason)],
        ...[run.params === undefined ? null : JSON.stringify(run.params), run.owner ?? null],
      ],
    );
    await tx.query(NOTIFY, [run.id]);
  });
}

/** Records that the pipeline has cleaned up after the run. */
export async function settleRun(database: Queryable, id: string): Promise<void> {
  await database.query('update runs set settled_at = clock_timestamp() where id = $1 and settled_at is null', [id]);
}

export interface LeftTaskRun {
  readonly goal: string;
  readonly state: TaskRunState;
  readonly reason: string | null;
  readonly cause: Cause | null;
  readonly attempts: number;
  readonly failures: number;
  readonly losses: number;
  /** The execution of its last attempt, when it was a batch. */
  readonly batch: string | null;
}

/** Ends the attempts that a dead process left open, and returns the progress of each task run. */
export function takeUpTaskRuns(database: Database, runId: string): Promise<readonly LeftTaskRun[]> {
  return database.transaction(async (tx) => {
    await tx.query(
      `update attempts set outcome = 'lost', ended_at = clock_timestamp() where run_id = $1 and outcome is null`,
      [runId],
    );
    return tx.query<LeftTaskRun>(
      `select t.goal, t.state, t.reason, t.cause, t.attempts,
         count(*) filter (where a.outcome = 'failed')::integer as failures,
         count(*) filter (where a.outcome = 'lost')::integer as losses,
         (array_agg(a.batch::text order by a.number desc) filter (where a.number = t.attempts))[1] as batch
       from task_runs t left join attempts a using (run_id, goal) where t.run_id = $1
       group by t.run_id, t.goal`,
      [runId],
    );
  });
}

/** The present state of a run; undefined when there is none. */
export async function readRunState(
  database: Queryable,
  id: string,
): Promise<{ readonly state: RunState; readonly isSettled: boolean } | undefined> {
  const [run] = await database.query<{ state: RunState; isSettled: boolean }>(
    'select state, settled_at is not null as "isSettled" from runs where id = $1',
    [id],
  );
  return run;
}

/**
 * Cancels a run of any process: its owner is asked to cancel it, or a run without an owner is ended. Resolves once that
 * is recorded; false when the run had ended before. Throws when there is no such run.
 */
export async function cancelRun(
  database: Database,
  request: { readonly runId: string; readonly reason: string },
): Promise<boolean> {
  const { runId } = request;
  const answer = toRunId(runId) === undefined ? 'unknown' : await requestCancel(database, request);
  if (answer === 'unknown') throw new EngineError('run_unknown', `There is no run ${runId}.`);
  if (answer === 'unowned') await cancelUnownedRun(database, request);
  return answer !== 'ended';
}
