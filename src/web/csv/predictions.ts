import type { ContractColumn, StoredPrediction } from '#api';
import { featuresOf } from '../columns.ts';

/** Names of the feature columns to show: the contract's first, then those only in older predictions. */
export function featureNames(columns: readonly ContractColumn[], items: readonly StoredPrediction[]): string[] {
  const names = new Set(featuresOf(columns).map(({ name }) => name));
  for (const item of items) for (const name of Object.keys(item.features)) names.add(name);
  return [...names];
}
