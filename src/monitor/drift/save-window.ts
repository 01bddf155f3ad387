import type { Queryable } from '#store';
import type { Challenge } from './challenge.ts';
import type { StoredScore, Stream, Subject, WindowStatus } from './window.ts';

/** Which window of which rows. */
export interface WindowBounds {
  readonly model: string;
  readonly version: number;
  readonly stream: Stream;
  /** Included. */
  readonly from: Date;
  /** Not included. */
  readonly to: Date;
}

/** What became of a window, to be stored. */
export interface JudgedWindow extends WindowBounds {
  readonly status: WindowStatus;
  readonly rows: number;
  readonly sentence: string;
  readonly sustained: { readonly k: number; readonly n: number };
  readonly scores: readonly StoredScore[];
  readonly unjudged: readonly { readonly subject: Subject; readonly column: string; readonly reason: string }[];
  readonly challenge?: Challenge | undefined;
  readonly files: readonly { readonly check: string; readonly rows: number }[];
  readonly runId: string;
}

/**
 * Stores a window with its scores, and returns how many rows that is. One that is stored already stays as it is: its
 * verdict may have been seen.
 */
export async function saveWindow(tx: Queryable, window: JudgedWindow): Promise<number> {
  const { status, scores, sustained, challenge } = window;
  const verdict = scores.some((score) => score.verdict === 'drifted') ? 'drifted' : 'stable';
  const [saved] = await tx.query<{ id: string }>(
    `insert into drift_windows (model, model_version, stream, from_at, to_at, status, verdict, is_sustained, sustained_k, sustained_n,
                                row_count, sentence, unjudged, files, run_id,
                                challenger_version, challenger_rows, challenger_difference)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::jsonb, $14::jsonb, $15, $16, $17, $18)
     on conflict (model, model_version, stream, from_at) do nothing returning id`,
    [
      ...[window.model, window.version, window.stream, window.from, window.to, status],
      ...[status === 'judged' ? verdict : null, scores.some(({ isSustained }) => isSustained)],
      ...[sustained.k, sustained.n, window.rows, window.sentence],
      ...[JSON.stringify(window.unjudged), JSON.stringify(window.files), window.runId],
      ...[challenge?.version, challenge?.rows, challenge?.difference],
    ],
  );
  if (saved === undefined) return 0;
  await saveScores(tx, saved.id, scores);
  if (window.stream === 'data') await markFiles(tx, saved.id, window);
  return 1 + scores.length;
}

/** The rows of its files belong to the window; those of files that were not known when it was planned are late. */
async function markFiles(tx: Queryable, windowId: string, window: JudgedWindow): Promise<void> {
  await tx.query(
    `with marked as (
       update drift_files set window_id = $1
        where model = $2 and model_version = $3 and at >= $4 and at < $5 and window_id is null
        returning check_id, row_count)
     update drift_windows set late_count = late_count + late.rows
       from (select coalesce(sum(row_count), 0) as rows from marked where check_id <> all($6::text[])) as late
      where id = $1`,
    [windowId, window.model, window.version, window.from, window.to, window.files.map(({ check }) => check)],
  );
}

async function saveScores(tx: Queryable, windowId: string, scores: readonly StoredScore[]): Promise<void> {
  const rows = scores.map(
    ({ rows: { reference, current }, column, bins, examples, numbers, outsideShare, ...score }) => ({
      ...{ subject: score.subject, column_name: column, kind: score.kind, test: score.test, verdict: score.verdict },
      ...{ reference_rows: reference, current_rows: current, effect: score.effect, effect_min: score.effectMin },
      ...{ p_value: score.pValue, p_value_max: score.pValueMax, threshold: score.threshold },
      ...{ stability_index: score.stabilityIndex, stability_threshold: score.stabilityThreshold },
      ...{ importance: score.importance, drifted_windows: score.driftedWindows, is_sustained: score.isSustained },
      ...{ bins, examples, outside_share: outsideShare },
      ...{ reference_mean: numbers?.reference.mean, reference_quantiles: numbers?.reference.quantiles },
      ...{ current_mean: numbers?.current.mean, current_quantiles: numbers?.current.quantiles },
    }),
  );
  await tx.query(
    `insert into drift_scores
     select scored.* from jsonb_array_elements($2::jsonb) as given (score),
            jsonb_populate_record(null::drift_scores, score || jsonb_build_object('window_id', $1::bigint)) as scored`,
    [windowId, JSON.stringify(rows)],
  );
}
