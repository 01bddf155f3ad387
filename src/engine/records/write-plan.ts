import { type Database, HOLD_ARTIFACTS, holdArtifacts, type Queryable, type Transaction } from '#store';
import type { Goal, Params } from '../define/goal.ts';
import { toPlainArray } from '../define/plain-array.ts';
import type { PlannedGoal } from '../define/planned-goal.ts';
import { RUNS_CHANNEL } from './read-runs.ts';

export interface RunPlan {
  readonly id: string;
  readonly owner: string;
  readonly goals: readonly Goal[];
  readonly params: Params;
  readonly planned: readonly PlannedGoal[];
  /** Goals that are complete already, with their result. */
  readonly complete: ReadonlyMap<string, CompleteGoal>;
  /** A former owner may have planned it: existing task runs keep their states. */
  readonly isLeft: boolean;
}

/** A goal that was found complete when its run was planned. */
export interface CompleteGoal {
  readonly key: string;
  readonly version: string;
}

/** A collection removed a result after it was read and before the plan that relies on it. The plan is repeated. */
export class ResultRemoved extends Error {
  override readonly name = 'ResultRemoved';
}

/**
 * Records the goals of a run, and that its owner runs it. Undefined when it has ended, was deleted or taken over in the
 * meantime.
 */
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
    // From here on their results are not collected: the hold excludes a collection that reads the goals of live runs.
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

/** Goals that a run found while it ran, and the goals that need them. */
export interface Growth {
  readonly runId: string;
  readonly planned: readonly PlannedGoal[];
  /** The goal that found them, with all that it found; absent while its attempt still finds more. */
  readonly by?: { readonly goal: string; readonly needs: readonly string[] } | undefined;
}

// For a run that was deleted nothing is added; the deletion is noticed at its next start or end of an attempt.
const INSERT = `
insert into task_runs (run_id, goal, task, params, needs, state)
select p.run_id, p.goal, p.task, p.params::jsonb, p.needs::text[], 'queued'
from (select ${HOLD_ARTIFACTS}) as hold
  cross join unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[]) as p (run_id, goal, task, params, needs)
where exists (select 1 from runs r where r.id = p.run_id)
on conflict (run_id, goal) do nothing`;

const CONNECT = `
update task_runs t set needs = t.needs || array(
  select n.need from unnest(c.needs::text[]) with ordinality as n (need, place)
  where n.need <> all (t.needs) order by n.place)
from unnest($1::bigint[], $2::text[], $3::text[]) as c (run_id, goal, needs)
where t.run_id = c.run_id and t.goal = c.goal`;

/** Adds goals and edges to the graphs of runs, in two statements however many there are. */
export async function growRuns(database: Queryable, growths: readonly Growth[]): Promise<readonly undefined[]> {
  const rows = growths.flatMap(({ runId, planned }) => planned.map((goal) => ({ runId, ...goal })));
  if (rows.length > 0)
    await database.query(INSERT, [
      rows.map((row) => row.runId),
      rows.map((row) => row.id),
      rows.map((row) => row.goal.task),
      rows.map((row) => JSON.stringify(row.goal.params)),
      rows.map((row) => toPlainArray(row.needs)),
    ]);
  const edges = growths.flatMap(({ runId, by }) => (by === undefined ? [] : [{ runId, ...by }]));
  if (edges.length > 0)
    await database.query(CONNECT, [
      edges.map((edge) => edge.runId),
      edges.map((edge) => edge.goal),
      edges.map((edge) => toPlainArray(edge.needs)),
    ]);
  return growths.map(() => undefined);
}
