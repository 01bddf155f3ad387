import { type Database, holdArtifacts, type Queryable, type Transaction } from '#store';
import type { Goal, Params } from '../define/goal.ts';
import { toPlainArray } from '../define/plain-array.ts';
import type { PlannedGoal } from '../define/planned-goal.ts';
import { growRuns } from './grow-runs.ts';
import { RUNS_CHANNEL } from './read-runs.ts';

export interface RunPlan {
  readonly id: string;
  readonly owner: string;
  readonly goals: readonly Goal[];
  readonly params: Params;
  readonly planned: readonly PlannedGoal[];
  /** Those that are complete already, with the result that says so. */
  readonly complete: ReadonlyMap<string, CompleteGoal>;
  /** A former owner may have planned it: the task runs that are there keep the states they have. */
  readonly isLeft: boolean;
}

/** A goal that was found complete when its run was planned. */
export interface CompleteGoal {
  readonly key: string;
  readonly version: string;
}

/** A collection removed a result between the look at it and the plan that relies on it. Look again. */
export class ResultRemoved extends Error {
  override readonly name = 'ResultRemoved';
}

/** Records what a run is asked for, and that its owner runs it. Undefined when it has ended meanwhile, was deleted or taken over. */
export function planRun(
  database: Database,
  run: RunPlan,
): Promise<{ readonly cancelReason: string | null } | undefined> {
  return database.transaction(async (tx) => {
    const [open] = await tx.query<{ cancelReason: string | null; now: string }>(
      `update runs set goals = $2, params = $3, state = 'running', started_at = coalesce(started_at, clock_timestamp()),
         owner = $4
       where id = $1 and state in ('queued', 'running') and (owner is null or owner = $4)
       returning cancel_reason as "cancelReason", clock_timestamp()::text as now`,
      [run.id, JSON.stringify(run.goals), JSON.stringify(run.params), run.owner],
    );
    if (open === undefined) return undefined;
    // From here on their results are not collected: the hold keeps this and a collection's look at the goals of live runs apart.
    await holdArtifacts(tx);
    if (run.isLeft) await addMissing(tx, run);
    else await insertAll(tx, { ...run, now: open.now });
    await tx.query(`select pg_notify('${RUNS_CHANNEL}', $1::text)`, [run.id]);
    return open;
  });
}

const TASK_RUN_ROWS_MAX = 10_000;

async function addMissing(tx: Queryable, { id: runId, planned }: RunPlan): Promise<void> {
  for (let from = 0; from < planned.length; from += TASK_RUN_ROWS_MAX)
    await growRuns(tx, [{ runId, planned: planned.slice(from, from + TASK_RUN_ROWS_MAX) }]);
}

const COLUMNS = ['run_id', 'goal', 'task', 'params', 'needs', 'state', 'key', 'version', 'ended_at'];

async function insertAll(tx: Transaction, plan: RunPlan & { readonly now: string }): Promise<void> {
  const versions = Array.from(plan.complete.values(), ({ version }) => version);
  await assertThere(tx, versions);
  await tx.copyIn({ table: 'task_runs', columns: COLUMNS }, rowsOf(plan));
}

function* rowsOf({ id: runId, planned, complete, now }: RunPlan & { readonly now: string }) {
  for (const { id, goal, needs } of planned) {
    const known = complete.get(id);
    const params = JSON.stringify(goal.params);
    yield known === undefined
      ? [runId, id, goal.task, params, toPlainArray(needs), 'queued', null, null, null]
      : [runId, id, goal.task, params, toPlainArray(needs), 'cached', known.key, known.version, now];
  }
}

async function assertThere(tx: Queryable, versions: readonly string[]): Promise<void> {
  if (versions.length === 0) return;
  const [found] = await tx.query<{ count: number }>(
    'select count(*)::integer as count from manifests where version = any($1::bigint[])',
    [toPlainArray(versions)],
  );
  if (found?.count !== versions.length) throw new ResultRemoved('A result was removed while its run was planned.');
}
