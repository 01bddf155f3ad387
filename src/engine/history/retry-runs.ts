import type { Database, Queryable } from '#store';
import { EngineError } from '../errors.ts';
import type { Goal, Params } from '../goal.ts';
import type { Interval } from '../pipeline.ts';
import type { RunState } from '../run/states.ts';
import { RUNS_CHANNEL } from './read-runs.ts';
import { NEWBORN_LEASE_MS } from './run-leases.ts';

/** A run that asks again for what an ended one was asked for. */
export interface RetryRun {
  readonly id: string;
  readonly pipeline: string;
  readonly params: Params;
  /** Null when the ended one was never planned. */
  readonly goals: readonly Goal[] | null;
  readonly interval: Interval | null;
}

interface EndedRun {
  readonly pipeline: string;
  readonly state: RunState;
}

/**
 * Records a run with the goals, the params, the interval and the pins of an ended one. Throws an EngineError when there is
 * no such run, when it has not ended, or when its interval is being run.
 */
export function createRetry(database: Database, runId: string): Promise<RetryRun> {
  return database.transaction(async (tx) => {
    const [of] = await tx.query<EndedRun>('select pipeline, state from runs where id = $1 for share', [runId]);
    if (of === undefined) throw new EngineError(`There is no run ${runId}.`);
    if (of.state === 'queued' || of.state === 'running')
      throw new EngineError(
        `Run ${runId} is ${of.state}; only one that has ended can be tried again. Cancel it first.`,
      );
    const created = await insertRetry(tx, runId);
    if (created === undefined)
      throw new EngineError(`The interval of run ${runId} is being run by another one. Wait for that, or cancel it.`);
    await tx.query(
      'insert into run_pins (run_id, source, listing, warning) select $1, source, listing, warning from run_pins where run_id = $2',
      [created.id, runId],
    );
    await tx.query(`select pg_notify('${RUNS_CHANNEL}', $1)`, [created.id]);
    return created;
  });
}

async function insertRetry(tx: Queryable, runId: string): Promise<RetryRun | undefined> {
  const [created] = await tx.query<RetryRun & { readonly from: Date | null; readonly to: Date | null }>(
    // One that was ended before its plan was drawn has no goals, and is planned anew.
    `insert into runs (pipeline, state, trigger, params, goals, interval_from, interval_to, retry_of, expires_at)
     select pipeline, 'queued', 'retry', params, nullif(goals, '[]'), interval_from, interval_to, id,
       clock_timestamp() + $2 * interval '1 ms'
     from runs where id = $1
     on conflict do nothing
     returning id::text, pipeline, params, goals, interval_from as "from", interval_to as "to"`,
    [runId, NEWBORN_LEASE_MS],
  );
  if (created === undefined) return undefined;
  const { from, to, ...run } = created;
  return { ...run, interval: from === null || to === null ? null : { from, to } };
}
