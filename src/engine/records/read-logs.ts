import type { Queryable } from '#store';
import type { Goal } from '../define/goal.ts';
import type { RunState } from '../define/states.ts';
import { type AttemptRecord, toRunId } from './read-runs.ts';

/** The log of one attempt, and which attempt it is. */
export interface LogRecord extends Goal, Pick<AttemptRecord, 'number' | 'outcome' | 'error'> {
  /** Identity of the goal. */
  readonly goal: string;
  readonly log: string;
}

export interface RunLogs {
  readonly state: RunState;
  /** Whether a process drives the run, so that more may come. */
  readonly isDriven: boolean;
  /** In the order in which the attempts began. */
  readonly logs: readonly LogRecord[];
}

/** What the attempts of a run have logged so far, of all goals or of some; undefined when there is no such run. */
export async function readRunLogs(
  database: Queryable,
  id: string,
  goals?: readonly string[],
): Promise<RunLogs | undefined> {
  // The state first: what the logs lack when it has ended, nobody adds.
  const [run] = await database.query<Omit<RunLogs, 'logs'>>(
    `select state, coalesce(expires_at > clock_timestamp(), false) as "isDriven" from runs where id = $1`,
    [toRunId(id) ?? null],
  );
  if (run === undefined) return undefined;
  const logs = await database.query<LogRecord>(
    `select a.goal, t.task, t.params, a.number, a.outcome, a.error, coalesce(a.log, '') as log
     from attempts a join task_runs t using (run_id, goal)
     where a.run_id = $1 and ($2::text[] is null or a.goal = any($2)) order by a.id`,
    [id, goals ?? null],
  );
  return { ...run, logs };
}
