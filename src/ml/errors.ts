import { CodedError } from '#store';

/** Error codes of this part. Codes stay the same when messages change. `docs/errors.md` is proven equal. */
export const ML_ERRORS = {
  features_invalid: 'The features cannot be taken from this contract or these rows.',
  feature_value_invalid: 'A value of a row cannot be a feature: it has another type, or is out of range.',
  label_invalid: 'A label is missing, or the model does not know it.',
  settings_invalid: 'The settings of an estimator or of a training are invalid.',
  estimator_unknown: 'There is no estimator with this name.',
  training_impossible: 'The rows do not allow a training.',
  matrix_mismatch: 'The columns of the rows are not those that the model was fitted to.',
  library_missing: 'The library of a training engine is missing, is not the expected one, or cannot be loaded.',
  training_ended: 'The process that trained a model ended before the training did.',
  payload_corrupt: 'The stored bytes of a model are damaged.',
  model_refused: 'The model version cannot be registered or loaded.',
  model_unknown: 'There is no such model version.',
  labels_refused: 'Labels do not name their row, or are no values.',
  prediction_unknown: 'There is no such prediction.',
  dataset_unknown: 'There is no such version of the dataset.',
  promotion_refused: 'The model version cannot become the champion.',
  request_conflict: 'The idempotency key was used before for other rows.',
  prediction_unstorable: 'A prediction holds a value that the database cannot store.',
} as const;

export type MlErrorCode = keyof typeof ML_ERRORS;

/** An error of this part, with a code that callers can handle. */
export class MlError extends CodedError<MlErrorCode> {
  override readonly name = 'MlError';
  readonly part = 'ml';
}
