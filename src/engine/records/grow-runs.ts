import { HOLD_ARTIFACTS, type Queryable } from '#store';
import { toPlainArray } from '../define/plain-array.ts';
import type { PlannedGoal } from '../define/planned-goal.ts';

/** Goals that a run turned out to need while it ran, and who needs them. */
export interface Growth {
  readonly runId: string;
  readonly planned: readonly PlannedGoal[];
  /** The goal that found them, with all that it found; absent while its attempt still finds more. */
  readonly by?: { readonly goal: string; readonly needs: readonly string[] } | undefined;
}

// A run that was deleted meanwhile takes none in; that it is gone is noticed where it starts or ends something.
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
