import type { ContractColumn, StoredPrediction } from '#api';
import { own } from '../own.ts';
import { featuresOf } from './convert.ts';

/** Names of the feature columns to show: the contract's first, then those only in older predictions. */
export function featureNames(columns: readonly ContractColumn[], items: readonly StoredPrediction[]): string[] {
  const names = new Set(featuresOf(columns).map(({ name }) => name));
  for (const item of items) for (const name of Object.keys(item.features)) names.add(name);
  return [...names];
}

/** Predictions as lines of a CSV file, header first. */
export function toCsvLines(items: readonly StoredPrediction[], features: readonly string[]): unknown[][] {
  return [
    ['prediction_id', 'at', 'source', 'model_version', ...features, 'prediction', 'probability'],
    ...items.map((item) => [
      item.predictionId,
      item.at,
      item.source,
      item.modelVersion,
      ...features.map((name) => own(item.features, name) ?? null),
      item.prediction,
      item.probability ?? null,
    ]),
  ];
}
