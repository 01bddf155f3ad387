import type { ContractColumn, StoredPrediction } from '#api';
import { columnWithRole, featuresOf } from '../columns.ts';
import { own } from '../own.ts';

/** Names of the feature columns to show: the contract's first, then those only in older predictions. */
export function featureNames(columns: readonly ContractColumn[], items: readonly StoredPrediction[]): string[] {
  const names = new Set(featuresOf(columns).map(({ name }) => name));
  for (const item of items) for (const name of Object.keys(item.features)) names.add(name);
  return [...names];
}

/** Predictions as lines of a CSV file, header first. The id and the time of a row are called as in the contract. */
export function toCsvLines(items: readonly StoredPrediction[], columns: readonly ContractColumn[]): unknown[][] {
  const features = featureNames(columns, items);
  const id = columnWithRole(columns, 'id')?.name ?? 'row_id';
  const time = columnWithRole(columns, 'time')?.name ?? 'row_time';
  const isNumber = items.some(({ prediction }) => typeof prediction === 'number');
  const outcome = isNumber ? (['error', 'error'] as const) : (['correct', 'isCorrect'] as const);
  const [before, after] = [
    ['prediction_id', 'at', 'source', 'model_version'],
    ['prediction', 'probability', 'actual', outcome[0], 'observed_at'],
  ];
  return [
    [...before, id, time, ...features, ...after],
    ...items.map((item) => [
      ...[item.predictionId, item.at, item.source, item.modelVersion, item.rowId, item.rowTime],
      ...features.map((name) => own(item.features, name) ?? null),
      ...[item.prediction, item.probability, item.actual, item[outcome[1]], item.observedAt],
    ]),
  ];
}
