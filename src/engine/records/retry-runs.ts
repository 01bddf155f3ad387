import type { Database, Queryable } from '#store';
import { EngineError } from '../define/errors.ts';
import type { Goal, Params } from '../define/goal.ts';
import type { Interval, Pipeline } from '../define/pipeline.ts';
import type { RunRequest } from '../define/start-request.ts';
import type { RunState } from '../define/states.ts';
import { RUNS_CHANNEL } from './read-runs.ts';
import { NEWBORN_LEASE_MS } from './run-leases.ts';

/** A run that retries an ended one. */
export interface RetryRun {
  readonly id: string;
  readonly pipeline: string;
  readonly params: Params;
  /** Null when the ended one was never planned. */
  readonly goals: readonly Goal[] | null;
  readonly interval: Interval | null;
  readonly request: RunRequest;
}

interface EndedRun {
  readonly pipeline: string;
  readonly state: RunState;
}

/**
 * Records a run with the goals, the params, the interval and the source listings of an ended one, and lets its pipeline claim what
 * that one had selected. Throws an EngineError when there is no such run, and `retry_refused` when it has not ended,
 * when its interval is being run, or when the pipeline cannot claim again.
 */
export function createRetry(
  database: Database,
  { runId, pipelineOf }: { readonly runId: string; readonly pipelineOf: (name: string) => Pipeline },
): Promise<RetryRun> {
  return database.transaction(async (tx) => {
    const [of] = await tx.query<EndedRun>('select pipeline, state from runs where id = $1 for share', [runId]);
    if (of === undefined) throw new EngineError('run_unknown', `There is no run ${runId}.`);
    if (of.state === 'queued' || of.state === 'running')
      throw new EngineError(
        'retry_refused',
        `Run ${runId} is ${of.state}; only one that has ended can be retried. Cancel it first.`,
      );
    const created = await insertRetry(tx, runId);
    if (created === undefined)
      throw new EngineError(
        'retry_refused',
        `Another run works on the interval of run ${runId}. Wait for it, or cancel it.`,
      );
    const refusal = created.goals === null ? undefined : await retake(tx, created, pipelineOf(created.pipeline));
    if (refusal !== undefined) throw new EngineError('retry_refused', `Run ${runId} cannot be retried: ${refusal}`);
    await tx.query(
      'insert into run_pins (run_id, source, listing, warning) select $1, source, listing, warning from run_pins where run_id = $2',
      [created.id, runId],
    );
    await tx.query(`select pg_notify('${RUNS_CHANNEL}', $1)`, [created.id]);
    return created;
  });
}

function retake(database: Queryable, { id, params }: RetryRun, pipeline: Pipeline): Promise<string | undefined> {
  return pipeline.retake?.({ runId: id, params, database }) ?? Promise.resolve(undefined);
}

async function insertRetry(tx: Queryable, runId: string): Promise<RetryRun | undefined> {
  const [created] = await tx.query<RetryRun & { readonly from: Date | null; readonly to: Date | null }>(
    // A run that ended before it was planned has no goals, and is planned again.
    `insert into runs (pipeline, state, trigger, params, goals, interval_from, interval_to, retry_of, request, expires_at)
     select pipeline, 'queued', 'retry', params, nullif(goals, '[]'), interval_from, interval_to, id, request,
       clock_timestamp() + $2 * interval '1 ms'
     from runs where id = $1
     on conflict do nothing
     returning id::text, pipeline, params, goals, request, interval_from as "from", interval_to as "to"`,
    [runId, NEWBORN_LEASE_MS],
  );
  if (created === undefined) return undefined;
  const { from, to, ...run } = created;
  return { ...run, interval: from === null || to === null ? null : { from, to } };
}
