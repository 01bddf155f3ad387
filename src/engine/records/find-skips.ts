import type { Queryable } from '#store';
import type { Goal } from '../define/goal.ts';

/** A goal that a skipped task run read or requested, as it ended in the same run. */
export interface SkipNeed extends Goal {
  readonly goal: string;
  /** Null when it had no outputs. */
  readonly version: string | null;
}

/** An attempt that ended without outputs because there was nothing to do. */
export interface Skip {
  readonly runId: string;
  readonly reason: string;
  readonly needs: readonly SkipNeed[];
}

/** The newest skip under each key that has one; without task runs that were skipped because of their needs. */
export async function findSkips(database: Queryable, keys: readonly string[]): Promise<ReadonlyMap<string, Skip>> {
  if (keys.length === 0) return new Map();
  const rows = await database.query<Skip & { readonly key: string }>(
    `with skips as (
       select distinct on (key) key, run_id, goal, coalesce(reason, '') as reason, needs from task_runs t
       where key = any($1::text[]) and state = 'skipped' and cause = 'skipped' and exists (
         select from attempts a where a.run_id = t.run_id and a.goal = t.goal and a.outcome = 'skipped')
       order by key, run_id desc)
     select key, run_id::text as "runId", reason, (
       select coalesce(jsonb_agg(jsonb_build_object(
           'goal', n.goal, 'task', n.task, 'params', n.params, 'version', n.version::text)), '[]')
       from task_runs n where n.run_id = skips.run_id and n.goal = any(skips.needs)) as needs
     from skips`,
    [keys],
  );
  return new Map(rows.map((row) => [row.key, row]));
}
