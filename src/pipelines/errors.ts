import { CodedError } from '#store';

/** Error codes of this part. Codes stay the same when messages change. `docs/errors.md` is proven equal. */
export const PIPELINE_ERRORS = {
  project_invalid: 'The definition of a project is invalid.',
  pipeline_invalid: 'The definition of a pipeline is invalid.',
  feed_unreadable: 'There is no file to take example data from.',
  file_name_unfit: 'A file of this name cannot be put into raw-data.',
  file_unselectable: 'The file that a run should ingest is not in raw-data, or cannot be read now.',
  dataset_unfit: 'The dataset is not fit to train on.',
  predictions_failed: 'Some files could not be predicted.',
} as const;

export type PipelineErrorCode = keyof typeof PIPELINE_ERRORS;

/** An error of this part, with a code that callers can handle. */
export class PipelineError extends CodedError<PipelineErrorCode> {
  override readonly name = 'PipelineError';
  readonly part = 'pipelines';
}
