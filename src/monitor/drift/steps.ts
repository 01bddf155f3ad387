import type { Queryable } from '#store';
import { type StepRows, startOfStep } from './plan-windows.ts';

/** The rows of one arrived file by the step of event time that they belong to. */
export interface IndexedFile {
  readonly check: string;
  readonly model: string;
  /** The champion when it arrived; null when there was none. */
  readonly version: number | null;
  readonly arrivedAt: Date;
  readonly steps: readonly { readonly at: Date; readonly newest: Date; readonly rows: number }[];
  /** Why its rows could not be read. */
  readonly problem: string | null;
}

/**
 * Records the rows of a file by their steps, once. Rows of a step whose window was judged already are late: they are counted
 * there, or at the window before where nothing had come in their time.
 */
export async function indexFile(tx: Queryable, file: IndexedFile): Promise<void> {
  const { check, model, version, arrivedAt, problem } = file;
  const steps = file.steps.length > 0 ? file.steps : [{ at: arrivedAt, newest: arrivedAt, rows: 0 }];
  await tx.query(
    `with known as (
       select id, from_at, to_at from drift_windows where model = $2 and model_version = $3::integer and stream = 'data'),
     given as (
       select at, newest_at, row_count, case when at < (select max(to_at) from known) then coalesce(
                (select id from known where from_at <= at order by from_at desc limit 1),
                (select id from known order by from_at limit 1)) end as window_id
         from unnest($6::timestamptz[], $7::timestamptz[], $8::bigint[]) as step (at, newest_at, row_count)),
     added as (
       insert into drift_files (check_id, model, model_version, arrived_at, problem, at, newest_at, row_count, window_id)
       select $1, $2, $3::integer, $4::timestamptz, $5, given.* from given
       on conflict (check_id, model, at) do nothing
       returning window_id, row_count)
     update drift_windows set late_count = late_count + late.rows
       from (select window_id, sum(row_count) as rows from added where window_id is not null group by 1) as late
      where drift_windows.id = late.window_id`,
    [
      ...[check, model, version, arrivedAt, problem],
      ...[steps.map(({ at }) => at), steps.map(({ newest }) => newest), steps.map(({ rows }) => rows)],
    ],
  );
}

/** Steps of each version that are in no window yet. */
export type StepsByVersion = ReadonlyMap<number, readonly StepRows[]>;

export interface DataSteps {
  readonly steps: StepsByVersion;
  /** The newest event time, and when rows came last, in milliseconds; undefined before the first row. */
  readonly newest: number | undefined;
  readonly arrived: number | undefined;
}

/** Rows of files that are in no window yet. */
export async function dataSteps(queryable: Queryable, model: string): Promise<DataSteps> {
  const rows = await queryable.query<StepRow>(
    `select model_version as version, at, sum(row_count)::float8 as rows from drift_files
      where model = $1 and window_id is null and model_version is not null and row_count > 0 group by 1, 2`,
    [model],
  );
  const [last] = await queryable.query<{ newest: Date | null; arrived: Date | null }>(
    `select (select max(newest_at) from drift_files where model = $1 and row_count > 0) as newest,
            (select max(arrived_at) from drift_files where model = $1) as arrived`,
    [model],
  );
  return { steps: byVersion(rows), newest: last?.newest?.getTime(), arrived: last?.arrived?.getTime() };
}

/** The files whose rows a window has, in the order of their arrival. */
export function filesOfWindow(
  queryable: Queryable,
  {
    model,
    version,
    from,
    to,
  }: { readonly model: string; readonly version: number; readonly from: Date; readonly to: Date },
): Promise<readonly { readonly check: string; readonly rows: number }[]> {
  return queryable.query(
    `select check_id as "check", sum(row_count)::float8 as rows from drift_files
      where model = $1 and model_version = $2 and at >= $3 and at < $4 and window_id is null and row_count > 0
      group by check_id, arrived_at order by arrived_at, check_id`,
    [model, version, from, to],
  );
}

export interface PredictionStepsOptions {
  readonly model: string;
  readonly stepMs: number;
  /** Length of the longest window. */
  readonly longestMs: number;
  /** Predictions before it are not judged any more. */
  readonly since: Date;
}

/** Predictions that are in no window yet, by the version that made them. */
export async function predictionSteps(
  queryable: Queryable,
  { model, stepMs, longestMs, since }: PredictionStepsOptions,
): Promise<StepsByVersion> {
  // What is older than the longest window before the newest one is judged, of every version.
  const rows = await queryable.query<StepRow>(
    `with judged as (
       select model_version, max(to_at) as until from drift_windows where model = $1 and stream = 'predictions' group by 1)
     select model_version as version, minute as at, sum(number)::float8 as rows from prediction_counts counted
      where model = $1 and minute >= $2
        and minute >= coalesce((select max(until) - $3 * interval '1 millisecond' from judged), '-infinity')
        and minute >= coalesce((select until from judged where judged.model_version = counted.model_version), '-infinity')
      group by 1, 2`,
    [model, since, longestMs],
  );
  const steps = new Map<string, StepRow>();
  for (const { version, at, rows: count } of rows) {
    const start = new Date(startOfStep(at.getTime(), stepMs));
    const key = `${version} ${start.getTime()}`;
    steps.set(key, { version, at: start, rows: (steps.get(key)?.rows ?? 0) + count });
  }
  return byVersion([...steps.values()]);
}

interface StepRow {
  readonly version: number;
  readonly at: Date;
  readonly rows: number;
}

function byVersion(rows: readonly StepRow[]): StepsByVersion {
  const versions = new Map<number, StepRows[]>();
  for (const { version, at, rows: count } of rows)
    versions.set(version, [...(versions.get(version) ?? []), { at: at.getTime(), rows: count }]);
  return versions;
}
