import type { FittedFeatures } from './features.ts';

/** The columns of a row that a model reads, in the contract's order. */
export function featureColumns(fitted: FittedFeatures): readonly string[] {
  return [...new Set(fitted.columns.map(({ column }) => column))];
}
