import type { Queryable } from '#store';
import type { RunState } from '../define/states.ts';

export interface RunProgress {
  readonly state: RunState;
  readonly taskRuns: number;
  /** How many of them have ended. */
  readonly ended: number;
}

/** How far a run has come; undefined when there is none with this id. */
export async function readRunProgress(database: Queryable, id: string): Promise<RunProgress | undefined> {
  const [progress] = await database.query<RunProgress>(
    `select state, (select count(*)::integer from task_runs where run_id = r.id) as "taskRuns",
       (select count(*)::integer from task_runs where run_id = r.id and ended_at is not null) as ended
     from runs r where id = $1`,
    [id],
  );
  return progress;
}
