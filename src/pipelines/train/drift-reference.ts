import type { Contract } from '#contracts';
import { type FeatureRow, type FittedFeatures, labelOf, type Prediction, permutationImportance, toLabels } from '#ml';
import { type ColumnForm, type DriftReference, samplePredictions, sampleRows } from '#monitor';

export interface ReferenceOptions {
  readonly contract: Contract;
  readonly features: FittedFeatures;
  readonly trainingRows: readonly FeatureRow[];
  readonly testRows: readonly FeatureRow[];
  readonly predict: (rows: readonly FeatureRow[]) => readonly Prediction[];
  readonly seed: number;
}

/** What rows and predictions of a model are compared with later: its training rows, and what it predicts on its test rows. */
export function driftReference(options: ReferenceOptions): DriftReference {
  const { contract, features, trainingRows, testRows, predict, seed } = options;
  const forms = featureForms(features, contract);
  const labels = toLabels(labelOf(contract), testRows);
  return {
    features: sampleRows(forms, trainingRows),
    predictions: samplePredictions(predict(testRows)),
    importance: permutationImportance(predict, { rows: testRows, labels, columns: Object.keys(forms), seed }),
  };
}

/** How each feature is compared. The time of a row is none of them: it always moves on. */
function featureForms({ columns }: FittedFeatures, contract: Contract): Readonly<Record<string, ColumnForm>> {
  const read = columns.filter(({ column }) => contract.columns[column]?.role === 'feature');
  return Object.fromEntries(read.map(({ column, kind }) => [column, kind === 'number' ? 'number' : 'category']));
}
