import type { Database } from '#store';

const START = Date.parse('2026-03-01T00:00:00Z');
const MINUTE_MS = 60_000;

/** A moment of the simulated day, in minutes. */
export const atMinute = (minute: number): Date => new Date(START + minute * MINUTE_MS);
export const minuteOf = (at: Date): number => Math.round((at.getTime() - START) / MINUTE_MS);

export interface FileOptions {
  readonly minute: number;
  readonly good: number;
  readonly missing?: string;
}

/** A file of 100 rows that was checked. */
export async function addFile(database: Database, { minute, good, missing }: FileOptions): Promise<void> {
  const id = `file-${minute}`;
  await database.query(
    `insert into checks (id, contract, file, digest, size_bytes, rows_in, rows_good, rows_bad, rows_rejected, verdict, criticality, summary, duration_ms, checked_at)
     values ($1::text, 'parcels', $1::text || '.csv', 'd', 1, 100, $2::bigint, 100 - $2::bigint, 0, $3, $4, '', 1, $5)`,
    [id, good, good === 0 ? 'fail' : 'warn', good === 0 ? 'high' : 'low', atMinute(minute)],
  );
  if (missing === undefined) return;
  await database.query(
    `insert into check_problems (check_id, expectation, column_name, category, severity, row_count, share, sentence)
     values ($1, 'has', $2, 'missing-column', 'fail', 0, 0, '')`,
    [id, missing],
  );
}

/** Predictions of one minute, by answer. */
export async function addPredictions(
  database: Database,
  { minute, answers }: { readonly minute: number; readonly answers: Readonly<Record<string, number>> },
): Promise<void> {
  for (const [prediction, number] of Object.entries(answers))
    await database.query(
      `insert into prediction_counts_arrived (minute, model, model_version, source, prediction, number)
       values ($1, 'parcels', 1, 'scheduled', $2, $3)`,
      [atMinute(minute), prediction, number],
    );
}

/** A normal hour before: a file, predictions and an ingestion each minute, a run of predictions every other. */
export async function addNormalHour(database: Database, endMinute: number): Promise<void> {
  const minutes = `generate_series($1::timestamptz - interval '60 minutes', $1::timestamptz - interval '1 minute', '1 minute') as at`;
  const at = [atMinute(endMinute)];
  await database.query(
    `insert into checks (id, contract, file, digest, size_bytes, rows_in, rows_good, rows_bad, rows_rejected, verdict, criticality, summary, duration_ms, checked_at)
     select 'normal-' || at, 'parcels', 'normal.csv', 'd', 1, 100, 98, 2, 0, 'warn', 'low', '', 1, at from ${minutes}`,
    at,
  );
  await database.query(
    `insert into prediction_counts_arrived (minute, model, model_version, source, prediction, number)
     select at, 'parcels', 1, 'scheduled', prediction, 10 from ${minutes}, unnest(array['kept', 'broken']) as prediction`,
    at,
  );
  await database.query(
    `insert into runs (pipeline, state, trigger, created_at, started_at, ended_at, settled_at)
     select pipeline, 'succeeded', 'schedule', at, at, at, at from ${minutes}, unnest(array['ingest', 'predict']) as pipeline
      where pipeline = 'ingest' or extract(minute from at)::int % 2 = 0`,
    at,
  );
}

export interface RunOptions {
  readonly minute: number;
  readonly pipeline: string;
  readonly state: 'succeeded' | 'failed' | 'skipped';
}

/** A run that started and ended at a minute. */
export async function addRun(database: Database, { minute, pipeline, state }: RunOptions): Promise<void> {
  await database.query(
    `insert into runs (pipeline, state, trigger, created_at, started_at, ended_at, settled_at) values ($1, $2, 'schedule', $3, $3, $3, $3)`,
    [pipeline, state, atMinute(minute)],
  );
}

/** A judged window of arriving rows that ends at a minute; drifted ones have one column that drifted for long enough. */
export async function addDriftWindow(
  database: Database,
  { minute, drifted }: { readonly minute: number; readonly drifted: boolean },
): Promise<void> {
  await database.query(
    `with judged as (
       insert into drift_windows (model, model_version, stream, from_at, to_at, status, verdict, is_sustained, sustained_k, sustained_n, row_count, sentence, run_id, judged_at)
       values ('parcels', 1, 'data', $1::timestamptz - interval '30 minutes', $1::timestamptz, 'judged', $2::text, $3::boolean, 2, 3, 600, '', 1, $1::timestamptz) returning id)
     insert into drift_scores (window_id, subject, column_name, kind, test, reference_rows, current_rows, effect, effect_min, verdict, drifted_windows, is_sustained)
     select id, 'feature', 'weight', 'distribution', 'ks', 5000, 600, case when $3::boolean then 0.5 else 0.02 end, 0.1, $2::text, case when $3::boolean then 2 else 0 end, $3::boolean from judged`,
    [atMinute(minute), drifted ? 'drifted' : 'stable', drifted],
  );
}
