/** What can go wrong in this part; callers map codes, never messages. */
export type MlErrorCode =
  | 'features_invalid'
  | 'feature_value_invalid'
  | 'label_invalid'
  | 'settings_invalid'
  | 'estimator_unknown'
  | 'training_impossible'
  | 'matrix_mismatch'
  | 'payload_corrupt'
  | 'model_refused'
  | 'model_unknown'
  | 'promotion_refused'
  | 'request_conflict'
  | 'prediction_unstorable'
  | 'cursor_invalid';

/** An error of this part, with a code that callers can decide on. */
export class MlError extends Error {
  override readonly name = 'MlError';
  readonly code: MlErrorCode;

  constructor(code: MlErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
