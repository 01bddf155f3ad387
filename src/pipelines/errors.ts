import { CodedError } from '#store';

/** What this part can refuse: codes stay the same when the words change. `docs/errors.md` is proven equal. */
export const PIPELINE_ERRORS = {
  project_invalid: 'A project is not defined as it has to be.',
  pipeline_invalid: 'A pipeline is not defined as it has to be.',
  feed_unreadable: 'There is no file to feed from.',
  dataset_unfit: 'The dataset is not fit to train on.',
  predictions_failed: 'Some files could not be predicted.',
} as const;

export type PipelineErrorCode = keyof typeof PIPELINE_ERRORS;

/** An error of this part, with a code that callers can decide on. */
export class PipelineError extends CodedError<PipelineErrorCode> {
  override readonly name = 'PipelineError';
  readonly part = 'pipelines';
}
