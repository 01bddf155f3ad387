// Re-exported for the server, which may import only types from the store.
export { isStorableText, maybeNearestName, toCountText, toStorableText } from '#store';
export { gradientBoosting } from './boosting/gradient-boosting.ts';
export {
  type DatasetPart,
  type DatasetVersion,
  datasetDigests,
  getDataset,
  listDatasets,
  newestDataset,
  recordDataset,
} from './datasets/dataset-versions.ts';
export { MlError, type MlErrorCode } from './errors.ts';
export type { GradientBoostingOptions } from './estimators/boosting-settings.ts';
export type { Estimator, FitTools, LabelKind, Labels, Matrix, Meeting, Model } from './estimators/estimator.ts';
export { knn } from './estimators/knn.ts';
export { linearRegression } from './estimators/linear-regression.ts';
export { logisticRegression } from './estimators/logistic-regression.ts';
export { mostFrequent } from './estimators/most-frequent.ts';
export { evaluate } from './evaluation/evaluate.ts';
export { type Evaluation, evaluationSchema } from './evaluation/evaluation.ts';
export { permutationImportance } from './evaluation/permutation-importance.ts';
export { type Part, type Split, splitOf } from './evaluation/split.ts';
export type { Explanation } from './explanations/explain-rows.ts';
export { defineFeatures, parseFittedFeatures } from './features/define.ts';
export type { ColumnFeature, Features, FittedFeatures } from './features/features.ts';
export { fitFeatures } from './features/fit.ts';
export { labelOf, toLabels } from './features/labels.ts';
export { maybeTellingRows } from './features/telling-rows.ts';
export { toMatrix } from './features/to-matrix.ts';
export { labelReader, toRowId } from './labels/check.ts';
export { checkLabelFile, labelFileColumns, storeLabelFile, storeRowLabels } from './labels/file.ts';
export { listLabels } from './labels/list.ts';
export { copyLabels } from './labels/read.ts';
export { type GivenLabel, type StoreLabels, storeLabels } from './labels/store.ts';
export {
  assertLibrary,
  LIGHTGBM_VERSION,
  lightgbmBuild,
  lightgbmFile,
  type NativeLibrary,
} from './lightgbm/library.ts';
export { labelMaturity } from './performance/maturity.ts';
export { type GatedPerformance, LABELS_MIN, newestPerformance } from './performance/newest.ts';
export { performanceByDay } from './performance/performance.ts';
export { refreshPerformance } from './performance/refresh.ts';
export {
  type FeatureRow,
  type Prediction,
  ROW_ID_LENGTH_MAX,
  type RowIdentity,
  type Source,
} from './prediction.ts';
export { EXPORT_COLUMNS, exportPredictions } from './predictions/export.ts';
export { foldPredictionCounts } from './predictions/fold-counts.ts';
export { forgetPredictions } from './predictions/forget.ts';
export { findPrediction } from './predictions/one.ts';
export { preparePredictions } from './predictions/partitions.ts';
export { type PastQuery, pastPredictions } from './predictions/past.ts';
export type { FeatureCondition, PastFilter } from './predictions/past-query.ts';
export { type ServedRow, servedRows } from './predictions/served.ts';
export {
  type GroupAnswer,
  type PartsOptions,
  requestAnswer,
  type StoreRequest,
  storeInParts,
  storePredictions,
  storeTogether,
} from './predictions/store.ts';
export { type PredictedRows, toMade } from './predictions/stored.ts';
export { estimatorKinds, estimatorOf, tieRuleOf } from './registry/estimators.ts';
export { goldenOf, predictRows } from './registry/golden.ts';
export { modelDigests } from './registry/kept-digests.ts';
export { type ListedModel, listModels } from './registry/list.ts';
export { assertVersion, type LoadedModel, loadModel, maybeModelReference, modelCard } from './registry/load.ts';
export {
  type Alias,
  championOf,
  championsAt,
  maybeReplacement,
  type Promoted,
  type Promotion,
  promote,
  rollBack,
  versionOfAlias,
} from './registry/promotions.ts';
export { type Registration, registerModel } from './registry/register.ts';
