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
  /** In the order in which the attempts started. */
  readonly logs: readonly LogRecord[];
}

/** What the attempts of a run have logged so far, of all goals or of some; undefined when there is no such run. */
export async function readRunLogs(
  database: Queryable,
  id: string,
  goals?: readonly string[],
): Promise<RunLogs | undefined> {
  // The state is read first: when the run has ended, the logs read after it are final.
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

/** Marks lines that were left out of a bounded log. */
const LEFT_OUT = /^… (\d+) lines left out …$/;

/** The line that replaces others in a bounded log. */
export const leftOut = (lines: number): string => `… ${lines} lines left out …`;

/**
 * The lines of a log that an earlier text of it did not have, or had only in part. Both may lack lines in their middle;
 * a marker line counts those that neither shows. A last line that grew is repeated in full.
 */
export function newLogLines(before: string, after: string): readonly string[] {
  const known = numbered(before);
  const lines: string[] = [];
  let next = known.count;
  for (const [place, line] of numbered(after).lines) {
    if (known.lines.get(place) === line) continue;
    if (place > next) lines.push(leftOut(place - next));
    lines.push(line);
    next = Math.max(next, place + 1);
  }
  return lines;
}

/** Lines by their number in the whole log. */
function numbered(log: string): { readonly lines: ReadonlyMap<number, string>; readonly count: number } {
  const lines = new Map<number, string>();
  let count = 0;
  for (const line of log === '' ? [] : log.split('\n')) {
    const dropped = LEFT_OUT.exec(line)?.[1];
    if (dropped === undefined) lines.set(count++, line);
    else count += Number(dropped);
  }
  return { lines, count };
}
