// Re-exported for the server, which may import only types from the store: whether the prediction log can store a text.
export { isStorableText, toStorableText } from '#store';
export { MlError, type MlErrorCode } from './errors.ts';
export type { Estimator, LabelKind, Labels, Matrix, Model } from './estimators/estimator.ts';
export { estimatorKinds, estimatorOf, tieRuleOf } from './estimators/estimators.ts';
export { knn } from './estimators/knn.ts';
export { linearRegression } from './estimators/linear-regression.ts';
export { logisticRegression } from './estimators/logistic-regression.ts';
export { mostFrequent } from './estimators/most-frequent.ts';
export { evaluate, type TestPart } from './evaluation/evaluate.ts';
export { type Evaluation, evaluationSchema, type Metric, type Metrics } from './evaluation/evaluation.ts';
export { type Part, type Split, splitOf } from './evaluation/split.ts';
export { defineFeatures, parseFittedFeatures } from './features/define.ts';
export type { ColumnFeature, Features, FittedColumn, FittedFeatures } from './features/features.ts';
export { fitFeatures } from './features/fit.ts';
export { type Label, labelOf, toLabels } from './features/labels.ts';
export { toMatrix } from './features/to-matrix.ts';
export type { FeatureRow, Prediction, Source } from './prediction.ts';
export { foldPredictionCounts } from './predictions/fold-counts.ts';
export { forgetPredictions } from './predictions/forget.ts';
export type { PredictionGroup, RequestPredictions } from './predictions/insert.ts';
export { type PastPage, type PastQuery, pastPredictions } from './predictions/past.ts';
export {
  type GroupAnswer,
  type PredictionBatch,
  type RequestAnswer,
  requestAnswer,
  storePredictions,
  storeTogether,
} from './predictions/store.ts';
export type { StoredPrediction } from './predictions/stored.ts';
export { type GoldenRow, goldenOf } from './registry/golden.ts';
export { modelDigests } from './registry/kept-digests.ts';
export { type ListedModel, listModels } from './registry/list.ts';
export { type LoadedModel, loadModel, type ModelReference, modelCard } from './registry/load.ts';
export type { ModelManifest } from './registry/manifest.ts';
export {
  type Alias,
  championOf,
  type PromoteOptions,
  type Promotion,
  promote,
  rollBack,
} from './registry/promotions.ts';
export { type Registered, type Registration, registerModel } from './registry/register.ts';
