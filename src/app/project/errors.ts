import { CodedError } from '#store';

/** What this part can refuse: codes stay the same when the words change. `docs/errors.md` is proven equal. */
export const APP_ERRORS = {
  usage_invalid: 'A command was called with arguments that do not fit together.',
  config_invalid: 'A setting is missing, unknown or wrong.',
  project_missing: 'There is no project in the folder.',
  project_invalid: 'The project does not build, cannot be loaded, or is not defined as it has to be.',
  contract_missing: 'No contract was named, and there is no project that has one.',
  contract_unusable: 'The file that was named holds no contract.',
  goal_invalid: 'A goal is written as a task name with params in parentheses.',
  run_unknown: 'There is no run with this id.',
  task_unknown: 'The project has no task with this name.',
  task_run_unknown: 'The run has no such task run.',
  output_unknown: 'The task has no such output, or none whose bytes can be copied.',
  dataset_missing: 'The rows of the dataset version are no longer stored.',
  schedule_unknown: 'The project has no pipeline with this name that runs on a schedule.',
  folder_unwritable: 'This user may not write in the folder.',
  library_unfetched: 'A native library could not be fetched.',
  deployment_unfit: 'No image can be built of the project as its packages are declared.',
  database_unusable: 'The database of the settings cannot be used.',
  port_unusable: 'The server cannot listen on the port.',
  weir_running: 'Weir already runs over the project.',
  weir_silent: 'The Weir that runs over the project does not answer.',
  artifacts_unshared: 'A worker cannot see the artifacts of its servers.',
  worker_unknown: 'There is no worker with this name or id.',
  request_refused: 'The Weir that runs over the project refused what was asked.',
} as const;

export type AppErrorCode = keyof typeof APP_ERRORS;

/** An error that the user can correct: only its message is printed, without a stack. */
export class UsageError extends CodedError<AppErrorCode> {
  override readonly name = 'UsageError';
  readonly part = 'app';
}

/** An error of one of the parts: its message says what was expected, what came and what to do. */
export interface PartError extends Error {
  readonly part: string;
  readonly code: string;
}

/** By its shape, because loading the parts would cost every command a second. */
export function isPartError(error: unknown): error is PartError {
  return error instanceof Error && 'part' in error && 'code' in error && typeof error.code === 'string';
}
