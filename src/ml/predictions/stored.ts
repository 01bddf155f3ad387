import type { Coerced } from '#contracts';
import type { FeatureRow, Prediction, RowIdentity, Source } from '../prediction.ts';
import { type Outcome, outcomeOf } from './outcome.ts';

/**
 * A prediction as it is stored and shown; times are ISO times, `modelVersion` reads `model@version`. Where a label is
 * known, it has its outcome.
 */
export interface StoredPrediction extends Partial<Outcome> {
  readonly predictionId: string;
  readonly at: string;
  readonly source: Source;
  readonly modelVersion: string;
  readonly rowId?: string | undefined;
  readonly rowTime?: string | undefined;
  readonly features: FeatureRow;
  /** What was changed of the row before it was predicted; absent where nothing was, or where a file was checked. */
  readonly coerced?: Coerced | undefined;
  readonly prediction: string | number;
  readonly probability?: number | undefined;
  /** The probability of each class. */
  readonly probabilities?: Readonly<Record<string, number>> | undefined;
  readonly latencyMs?: number | undefined;
}

/** Rows that were predicted together. */
export interface PredictedRows {
  readonly rows: readonly FeatureRow[];
  readonly predictions: readonly Prediction[];
  /** Which row each of them is; absent when none of them says so. */
  readonly identities?: readonly RowIdentity[] | undefined;
  /** What was changed of each of them; absent when nothing was. */
  readonly coerced?: readonly (Coerced | undefined)[] | undefined;
  /** How long it took until they were predicted; absent where nobody measured it. */
  readonly latencyMs?: number | undefined;
}

/** What is known of a prediction beside its row. */
interface Made {
  /** Both absent when it is not stored. */
  readonly predictionId?: string | undefined;
  readonly at?: string | undefined;
  readonly source: Source;
  readonly modelVersion: string;
}

/** A prediction as `toStored` shows it when it is read; without id and time when it is not stored. */
type MadePrediction = Omit<StoredPrediction, 'predictionId' | 'at'> & Made;

/** The prediction of one of the rows. What is absent is undefined: filling it in by steps took as long as predicting. */
export function toMade(
  known: Made & Pick<StoredPrediction, 'predictionId' | 'at'>,
  predicted: PredictedRows,
  row: number,
): StoredPrediction;
export function toMade(known: Made, predicted: PredictedRows, row: number): MadePrediction;
export function toMade(
  { predictionId, at, source, modelVersion }: Made,
  { rows, predictions, identities, coerced, latencyMs }: PredictedRows,
  row: number,
): MadePrediction {
  const { value = '', probability, probabilities } = predictions[row] ?? {};
  const identity = identities?.[row];
  return {
    predictionId,
    at,
    source,
    modelVersion,
    rowId: identity?.rowId,
    rowTime: identity?.rowTime?.toISOString(),
    features: rows[row] ?? {},
    coerced: coerced?.[row],
    prediction: value,
    probability,
    probabilities,
    latencyMs,
  };
}

export interface PredictionRow {
  readonly id: string;
  readonly at: Date;
  readonly source: Source;
  readonly model: string;
  readonly model_version: number;
  readonly row_id: string | null;
  readonly row_time: Date | null;
  readonly features: FeatureRow;
  readonly coerced: Coerced | null;
  readonly prediction: string | number;
  readonly probability: number | null;
  readonly probabilities: Readonly<Record<string, number>> | null;
  readonly latency_ms: number | null;
  /** The newest label; absent where labels were not looked up. */
  readonly actual?: string | number | boolean | null;
  readonly observed_at?: Date | null;
}

export const PREDICTION_COLUMNS =
  'id, at, source, model, model_version, row_id, row_time, features, coerced, prediction, probability, probabilities, latency_ms';

export function toStored({ actual, observed_at: observedAt, ...row }: PredictionRow): StoredPrediction {
  return {
    predictionId: row.id,
    at: row.at.toISOString(),
    source: row.source,
    modelVersion: `${row.model}@${row.model_version}`,
    ...(row.row_id === null ? {} : { rowId: row.row_id }),
    ...(row.row_time === null ? {} : { rowTime: row.row_time.toISOString() }),
    features: row.features,
    ...(row.coerced === null ? {} : { coerced: row.coerced }),
    prediction: row.prediction,
    ...(row.probability === null ? {} : { probability: row.probability }),
    ...(row.probabilities === null ? {} : { probabilities: row.probabilities }),
    ...(row.latency_ms === null ? {} : { latencyMs: row.latency_ms }),
    ...(actual == null || observedAt == null ? {} : outcomeOf(row.prediction, { actual, observedAt })),
  };
}
