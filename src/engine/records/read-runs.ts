import { type ListSort, type PagedList, type Queryable, readPage } from '#store';
import type { FailureRecord } from '../define/failure.ts';
import type { Params } from '../define/goal.ts';
import { groupBy } from '../define/group-by.ts';
import type { Interval } from '../define/pipeline.ts';
import type { RunState, TaskRunState, Trigger } from '../define/states.ts';

/** NOTIFY channel; the payload is the id of a run that changed. */
export const RUNS_CHANNEL = 'weir_runs';

export interface RunRecord {
  readonly id: string;
  readonly pipeline: string;
  readonly state: RunState;
  readonly reason: string | null;
  readonly trigger: Trigger;
  /** The params that the pipeline's plan chose, or that it was given. */
  readonly params: Params;
  /** The params of the request. */
  readonly given: Params;
  /** Whether the requested goals were computed even if they were complete. */
  readonly isForced: boolean;
  /** The interval of the run, when a tick or a backfill requested it. */
  readonly interval: Interval | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
}

export interface AttemptRecord {
  readonly number: number;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly outcome: 'succeeded' | 'failed' | 'cancelled' | 'skipped' | 'lost' | 'parked' | null;
  readonly error: FailureRecord | null;
  readonly log: string | null;
}

export interface TaskRunRecord {
  readonly goal: string;
  readonly task: string;
  readonly params: Params;
  readonly needs: readonly string[];
  readonly state: TaskRunState;
  readonly reason: string | null;
  readonly key: string | null;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  readonly attempts: readonly AttemptRecord[];
}

export interface RunDetailRecord extends RunRecord {
  /** Why it used something other than the source's own listing. */
  readonly warnings: readonly string[];
  readonly taskRuns: readonly TaskRunRecord[];
  /** The state of the database from which it was read, for `changedSince`. */
  readonly asOf: string;
}

export interface GetRunOptions {
  /** `asOf` of an earlier answer: only the task runs that changed after it. */
  readonly changedSince?: string | undefined;
}

export interface ListRunsOptions {
  readonly pipeline?: string | undefined;
  readonly state?: RunState | undefined;
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
  readonly limit?: number | undefined;
  readonly sort?: RunsSort | undefined;
  /** Words that the id, the pipeline, the params or the reason contains. */
  readonly search?: string | undefined;
}

type Order = 'created' | 'took' | 'pipeline' | 'state' | 'trigger';
export type RunsSort = ListSort<Order>;

export interface IntervalColumns {
  readonly intervalFrom: Date | null;
  readonly intervalTo: Date | null;
}
export const INTERVAL_COLUMNS = 'interval_from as "intervalFrom", interval_to as "intervalTo"';

/** A row with its two columns joined into one interval. */
export function withInterval<T extends IntervalColumns>({ intervalFrom, intervalTo, ...row }: T) {
  return { ...row, interval: intervalFrom && intervalTo && { from: intervalFrom, to: intervalTo } };
}

type RunRow = Omit<RunRecord, 'interval'> & IntervalColumns;

const LIMIT_DEFAULT = 50;
const COLUMNS = `id::text, pipeline, state, reason, trigger, params, request -> 'params' as given, request ? 'forcedAfter' as "isForced", ${INTERVAL_COLUMNS},
  created_at as "createdAt", started_at as "startedAt", ended_at as "endedAt"`;

const RUNS: PagedList<Order> = {
  name: 'runs',
  table: 'runs',
  columns: COLUMNS,
  id: { sql: 'runs.id', type: 'bigint' },
  orders: {
    created: { sql: 'runs.id', type: 'bigint' },
    // As the index `runs_by_duration` has it; runs that have not ended are shorter than all others.
    took: { sql: 'coalesce(extract(epoch from ended_at - started_at), -1)', type: 'numeric' },
    pipeline: { sql: 'pipeline', type: 'text' },
    state: { sql: 'state', type: 'text' },
    trigger: { sql: 'trigger', type: 'text' },
  },
  sort: '-created',
  text: "concat_ws(' ', runs.id, pipeline, state, trigger, reason, params::text)",
};

/** Runs, newest first unless they are sorted. */
export async function listRuns(
  database: Queryable,
  { pipeline, state, limit = LIMIT_DEFAULT, ...request }: ListRunsOptions = {},
): Promise<{ readonly items: readonly RunRecord[]; readonly nextCursor: string | null }> {
  const { items, nextCursor } = await readPage<RunRow, Order>(database, RUNS, {
    request: {
      ...request,
      limit,
      equal: { pipeline, state },
    },
  });
  return { items: items.map(withInterval), nextCursor };
}

/** One run with its task runs and attempts; undefined when there is none with this id. */
export async function getRun(
  database: Queryable,
  id: string,
  { changedSince }: GetRunOptions = {},
): Promise<RunDetailRecord | undefined> {
  const runId = toRunId(id);
  if (runId === undefined) return undefined;
  // First: what is committed while the rest is read is read again the next time.
  const [snapshot] = await database.query<{ asOf: string }>(
    'select pg_snapshot_xmin(pg_current_snapshot())::text as "asOf"',
  );
  const [run] = await database.query<RunRow>(`select ${COLUMNS} from runs where id = $1`, [runId]);
  if (run === undefined || snapshot === undefined) return undefined;
  const changed = { runId, changedSince };
  const taskRuns = await readTaskRuns(database, changed);
  const attempts = await readAttempts(database, changed);
  const warnings = await database.query<{ warning: string }>(
    'select warning from run_pins where run_id = $1 and warning is not null order by source',
    [runId],
  );
  const byGoal = groupBy(attempts, (attempt) => attempt.goal);
  return {
    ...withInterval(run),
    ...snapshot,
    warnings: warnings.map(({ warning }) => warning),
    taskRuns: taskRuns.map((taskRun) => ({
      ...taskRun,
      attempts: (byGoal.get(taskRun.goal) ?? []).map(({ goal: _, ...attempt }) => attempt),
    })),
  };
}

interface ChangedOf {
  readonly runId: string;
  readonly changedSince: string | undefined;
}

/**
 * Rows written by a transaction that had not ended at a snapshot, whatever clock they carry. Ids of transactions wrap
 * at 32 bits in `xmin`, so their distance is compared.
 */
const writtenSince = (alias: string): string =>
  `(((${alias}.xmin::text::bigint - $2::bigint) & 4294967295) < 2147483648)`;
const CHANGED_GOALS = `select t.goal from task_runs t where t.run_id = $1 and ${writtenSince('t')}
  union select a.goal from attempts a where a.run_id = $1 and ${writtenSince('a')}`;

const ofChanged = ({ runId, changedSince }: ChangedOf) =>
  changedSince === undefined
    ? { condition: '', values: [runId] }
    : { condition: `and goal in (${CHANGED_GOALS})`, values: [runId, changedSince] };

function readTaskRuns(database: Queryable, changed: ChangedOf) {
  const { condition, values } = ofChanged(changed);
  return database.query<Omit<TaskRunRecord, 'attempts'>>(
    `select goal, task, params, needs, state, reason, key, started_at as "startedAt", ended_at as "endedAt"
     from task_runs where run_id = $1 ${condition} order by position`,
    values,
  );
}

function readAttempts(database: Queryable, changed: ChangedOf) {
  const { condition, values } = ofChanged(changed);
  return database.query<AttemptRecord & { goal: string }>(
    `select goal, number, started_at as "startedAt", ended_at as "endedAt", outcome, error, log
     from attempts where run_id = $1 ${condition} order by number`,
    values,
  );
}

/** An id comes from a URL or a person; what is no bigint is no run. */
export function toRunId(id: string): string | undefined {
  return /^[0-9]{1,18}$/.test(id) ? id : undefined;
}

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
