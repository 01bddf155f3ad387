import type { FeatureRow, Source } from '../prediction.ts';

/** A prediction as it is stored and shown; `at` is an ISO time, `modelVersion` reads `model@version`. */
export interface StoredPrediction {
  readonly id: string;
  readonly at: string;
  readonly source: Source;
  readonly modelVersion: string;
  readonly features: FeatureRow;
  readonly prediction: string | number;
  readonly probability?: number;
}

export interface PredictionRow {
  readonly id: string;
  readonly at: Date;
  readonly source: Source;
  readonly model: string;
  readonly model_version: number;
  readonly features: FeatureRow;
  readonly prediction: string | number;
  readonly probability: number | null;
}

export const PREDICTION_COLUMNS = 'id, at, source, model, model_version, features, prediction, probability';

export function toStored(row: PredictionRow): StoredPrediction {
  return {
    id: row.id,
    at: row.at.toISOString(),
    source: row.source,
    modelVersion: `${row.model}@${row.model_version}`,
    features: row.features,
    prediction: row.prediction,
    ...(row.probability === null ? {} : { probability: row.probability }),
  };
}
