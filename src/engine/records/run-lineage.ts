import type { Queryable } from '#store';
import type { Artifacts, InputRecord } from '../define/artifact.ts';
import type { RunState, TaskRunState } from '../define/states.ts';

/** How far a run has come, and when. */
export interface RunProgressRecord {
  readonly id: string;
  readonly pipeline: string;
  readonly state: RunState;
  readonly reason: string | null;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  readonly intervalFrom: Date | null;
  readonly intervalTo: Date | null;
}

/** What an executed task run read and made. */
export interface TaskRunLineage {
  readonly goal: string;
  readonly task: string;
  readonly state: TaskRunState;
  readonly reason: string | null;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly inputs: Readonly<Record<string, InputRecord>>;
  readonly outputs: Artifacts;
}

const PROGRESS = `id::text, pipeline, state, reason, started_at as "startedAt", ended_at as "endedAt",
  interval_from as "intervalFrom", interval_to as "intervalTo"`;

/** Runs by their ids. */
export function readRunProgressOf(database: Queryable, ids: readonly string[]): Promise<readonly RunProgressRecord[]> {
  return database.query(`select ${PROGRESS} from runs where id = any($1::bigint[]) order by id`, [ids]);
}

/** Ids of runs that were created after a run, oldest first. */
export async function listRunIdsAfter(
  database: Queryable,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<readonly string[]> {
  const rows = await database.query<{ id: string }>('select id::text from runs where id > $1 order by id limit $2', [
    after,
    limit,
  ]);
  return rows.map(({ id }) => id);
}

/** The newest run that has ended; '0' when there is none. */
export async function newestEndedRun(database: Queryable): Promise<string> {
  const [row] = await database.query<{ id: string }>(
    `select coalesce(max(id), 0)::text as id from runs where ended_at is not null`,
  );
  return row?.id ?? '0';
}

/** The task runs of a run that were executed, with what they read and made; cached ones did neither. */
export function readTaskRunLineage(
  database: Queryable,
  { runId, limit }: { readonly runId: string; readonly limit: number },
): Promise<readonly TaskRunLineage[]> {
  return database.query(
    `select task_runs.goal, task_runs.task, state, reason, started_at as "startedAt", ended_at as "endedAt",
            coalesce(inputs, '{}') as inputs, coalesce(outputs, '{}') as outputs
       from task_runs left join manifests on manifests.key = task_runs.key and manifests.version = task_runs.version
      where task_runs.run_id = $1 and state in ('succeeded', 'failed', 'cancelled')
        and started_at is not null and ended_at is not null
      order by position limit $2`,
    [runId, limit],
  );
}
