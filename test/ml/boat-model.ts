import {
  defineFeatures,
  evaluate,
  fitFeatures,
  goldenOf,
  knn,
  labelOf,
  mostFrequent,
  type Registration,
  toLabels,
  toMatrix,
} from '#ml';
import { boatRows, boats } from './contract.ts';

/** Everything a training run ends with, for the boats. */
export function boatRegistration(options: { readonly trainingKey: string; readonly kind?: string }): Registration {
  const estimator = options.kind === 'most-frequent' ? mostFrequent() : knn({ k: 2 });
  const features = fitFeatures(defineFeatures(), boats, { rows: boatRows });
  const label = labelOf(boats);
  const matrix = toMatrix(features, boatRows);
  const labels = toLabels(label, boatRows);
  const model = estimator.fit(matrix, labels);
  return {
    model: 'boats',
    estimator: { kind: estimator.kind, settings: estimator.settings },
    payload: model.payload(),
    features,
    label,
    evaluation: evaluate(model, { matrix, labels, slices: { rows: boatRows, columns: ['hull'] } }),
    golden: goldenOf({ model, features }, boatRows),
    trainedOn: { datasetVersion: 'boats-1', rows: boatRows.length, split: { seed: 1, testShare: 0.2 } },
    codeKey: 'code-1',
    trainingKey: options.trainingKey,
  };
}
