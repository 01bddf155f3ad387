import {
  listRunIdsAfter,
  newestEndedRun,
  type RunProgressRecord,
  readRunProgressOf,
  readTaskRunLineage,
} from '#engine';
import type { Database, Queryable, Transaction } from '#store';
import type { LineageEvent } from './event.ts';
import { type CheckedFile, endOfRun, type LineageOrigin, startOfRun } from './to-events.ts';

/** Runs are committed in another order than their ids; so far back is looked for late ones. */
const LATE_RUNS = 1_000;
const RUNS_MAX = 500;
/** Task runs of one run that get events. */
const TASK_RUNS_MAX = 1_000;
const FILES_MAX = 100;
const PROBLEMS_MAX = 100;

/**
 * Writes the events of runs that have started or ended since the last time, each once, in one transaction a run; where
 * none were written before, from the present on.
 */
export async function writeLineage(database: Database, origin: LineageOrigin): Promise<void> {
  await noteNewRuns(database);
  const open = await database.query<{ id: string }>(
    'select run_id::text as id from lineage_runs where not is_ended order by run_id limit $1',
    [RUNS_MAX],
  );
  const runs = await readRunProgressOf(
    database,
    open.map(({ id }) => id),
  );
  for (const run of runs)
    if (run.startedAt !== null || run.endedAt !== null) await database.transaction((tx) => writeRun(tx, run, origin));
}

async function noteNewRuns(database: Database): Promise<void> {
  await database.query('insert into lineage_since (run_id) values ($1) on conflict do nothing', [
    await newestEndedRun(database),
  ]);
  const [known] = await database.query<{ after: string }>(
    `select greatest((select run_id from lineage_since), (select max(run_id) - $1 from lineage_runs), 0)::text as after`,
    [LATE_RUNS],
  );
  const ids = await listRunIdsAfter(database, { after: known?.after ?? '0', limit: LATE_RUNS + RUNS_MAX });
  await database.query('insert into lineage_runs (run_id) select unnest($1::bigint[]) on conflict do nothing', [ids]);
}

/** Of several processes one writes: it holds the row of the run. */
async function writeRun(tx: Transaction, run: RunProgressRecord, origin: LineageOrigin): Promise<void> {
  const [row] = await tx.query<{ isStarted: boolean }>(
    `select is_started as "isStarted" from lineage_runs where run_id = $1 and not is_ended for update skip locked`,
    [run.id],
  );
  if (row === undefined) return;
  const { endedAt } = run;
  // A run that could not be planned failed without a start.
  const startedAt = run.startedAt ?? (run.state === 'failed' ? endedAt : null);
  const uuidOf = uuids(tx, origin);
  const events: LineageEvent[] = [];
  const uuid = await uuidOf(run.id);
  if (!row.isStarted && startedAt !== null) events.push(startOfRun({ uuid, of: run, at: startedAt }, origin));
  // One that is skipped has neither read nor made anything.
  if (endedAt !== null && startedAt !== null) {
    const taskRuns = [];
    for (const of of await readTaskRunLineage(tx, { runId: run.id, limit: TASK_RUNS_MAX }))
      taskRuns.push({ uuid: await uuidOf(`${run.id}/${of.goal}`), of });
    const files = await checkedFiles(tx, run.id);
    events.push(...endOfRun({ run: { uuid, of: run, at: endedAt }, taskRuns, files }, origin));
  }
  await tx.query(
    `insert into lineage_events (event)
     select event from jsonb_array_elements($1::jsonb) with ordinality as given (event, place) order by place`,
    [JSON.stringify(events)],
  );
  await tx.query('update lineage_runs set is_started = $2, is_ended = $3 where run_id = $1', [
    ...[run.id, startedAt !== null, endedAt !== null],
  ]);
}

/** Universal ids that are the same whenever an event of the same run is made. */
function uuids(tx: Queryable, { namespace }: LineageOrigin): (name: string) => Promise<string> {
  return async (name) => {
    const [row] = await tx.query<{ uuid: string }>('select md5($1)::uuid::text as uuid', [`${namespace}/${name}`]);
    return row?.uuid ?? '';
  };
}

function checkedFiles(tx: Queryable, runId: string): Promise<readonly CheckedFile[]> {
  return tx.query<CheckedFile>(
    `select arrivals.path, checked.digest, checked.size_bytes::float8 as "sizeBytes", rows_in::float8 as rows,
            (select coalesce(jsonb_agg(jsonb_build_object('name', column_name, 'nullCount', null_count)), '[]')
               from check_columns where check_id = checked.id) as columns,
            (select coalesce(jsonb_agg(problem), '[]')
               from (select jsonb_build_object('expectation', expectation, 'column', column_name, 'severity', severity)
                       as problem
                       from check_problems where check_id = checked.id limit ${PROBLEMS_MAX}) as listed) as problems
       from arrivals,
            lateral (select * from checks
                      where checks.digest = arrivals.digest and checked_at >= drawn_at
                      order by checked_at limit 1) as checked
      where arrivals.run_id = $1 order by arrivals.drawn_at limit ${FILES_MAX}`,
    [runId],
  );
}
