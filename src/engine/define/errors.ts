import { CodedError } from '#store';

/** Error codes of this part. Codes stay the same when messages change. `docs/errors.md` is proven equal. */
export const ENGINE_ERRORS = {
  // Requests that cannot be fulfilled.
  pipeline_unknown: 'The engine has no pipeline with this name.',
  task_unknown: 'The engine has no task with this name.',
  run_unknown: 'There is no run with this id.',
  version_unknown: 'There is no such version, or its outputs can no longer be read.',
  pin_unknown: 'There is no such pin, or it was withdrawn.',
  removal_unknown: 'There is no such removal of partitions, or it is not waiting for confirmation.',
  plan_unknown: 'There is no dry run of a collection with this id, or it is too old.',
  id_invalid: 'The id of a version, a run or a pin is a number.',
  params_invalid: 'The params do not fit the pipeline or the task, or are not JSON data.',
  retry_refused: 'The run cannot be retried: it has not ended, or its data is processed already, or in use.',
  backfill_refused: 'The pipeline, the period or the bounds do not allow a backfill.',
  verify_refused: 'The results of the task cannot be verified by running it again.',
  schedule_missing: 'The pipeline has no schedule, so there are no intervals.',
  reason_missing: 'The name of the requester or the reason, which are both recorded, is empty.',
  collection_busy: 'Another collection is being planned on this database.',
  // Runs.
  goals_cyclic: 'Goals need one another in a cycle.',
  run_limit: 'A run would have more goals, or a longer chain of them, than its limits allow.',
  run_lost: 'The run was deleted, taken over by another process, or no process drives it.',
  engine_closed: 'The engine of this process, or its executor, is closed.',
  database_unmigrated: 'The database of Weir has no migration on record.',
  // Definitions of the project.
  task_invalid: 'The definition of a task is invalid.',
  inputs_invalid: 'The inputs of a task are no goals, or could not be computed from its params.',
  pipeline_invalid: 'The definition of a pipeline is invalid.',
  schedule_invalid: 'The definition of a schedule is invalid.',
  source_invalid: 'The definition of a source is invalid.',
  partition_invalid: 'A source listed, or a goal named, an invalid partition.',
  connection_missing: 'A source reads a connection that was not opened for it.',
  sink_invalid: 'The definition of a sink is invalid.',
  sink_unknown: 'The engine was not given a sink with this name.',
  pool_invalid: 'A task uses a pool that has no size, or fewer units than the task takes.',
  code_invalid: 'The code of a task could not be bundled or loaded.',
  process_invalid: 'Tasks are served only in a process that an executor started.',
  // Attempts. They are recorded with the attempt that failed.
  task_failed: 'A task reported a failure.',
  need_refused: 'A task requested goals while it ran, and they could not be completed.',
  attempt_over: 'The attempt is over; its private folder is gone.',
  attempt_aborted: 'The attempt was aborted: cancelled, timed out, or the engine closes.',
  attempt_timeout: 'The attempt, or the next item of a batch, took longer than the task allows.',
  process_ended: 'The process of the attempt ended before the attempt did.',
  claim_lost: 'Another attempt took the claim over; the writes of this one are refused.',
  end_unrecorded: 'The database refused the end of the attempt.',
  input_changed: 'A file that is an input changed while it was read.',
  partition_changed: 'A partition of a source is not what the run had listed.',
  read_undeclared: 'In strict mode a task read what is not among its inputs.',
  output_invalid: 'An output is missing, undeclared, refused, or not of its declared kind.',
  outcome_missing: 'A batch returned, and some of its items have no outcome.',
  file_unplaced: 'A file output could not be moved to its path.',
  artifact_lost: 'An artifact is damaged or missing; its task has to compute it again.',
  sink_fenced: 'A sink refused a late writer: a newer attempt wrote there before.',
} as const;

export type EngineErrorCode = keyof typeof ENGINE_ERRORS;

/** A request that the engine cannot fulfil; the message says what to do about it. */
export class EngineError extends CodedError<EngineErrorCode> {
  override readonly name = 'EngineError';
  readonly part = 'engine';
}

/** What kind of failure it is: of the user's code, of the data, or of what a task depends on. */
export type RetryClass = 'user' | 'data' | 'infrastructure';

export interface TaskErrorOptions extends ErrorOptions {
  readonly class: RetryClass;
  /** Of the engine's own; leave it out in a task. */
  readonly code?: EngineErrorCode;
}

/** Throw this in a task to say what kind of failure it is; only `infrastructure` is tried again. */
export class TaskError extends Error {
  /** For messages. */
  override readonly name: string = 'TaskError';
  /** The part of Weir it belongs to. */
  readonly part = 'engine';
  /** One of the codes of the engine in `docs/errors.md`. */
  readonly code: EngineErrorCode;
  /** What kind of failure it is; only `infrastructure` is tried again. */
  readonly retryClass: RetryClass;

  constructor(message: string, { class: retryClass, code = 'task_failed', cause }: TaskErrorOptions) {
    super(message, { cause });
    this.code = code;
    this.retryClass = retryClass;
  }
}

/** Stored bytes are damaged or missing; their task has to compute them again. */
export class DamagedArtifactError extends TaskError {
  readonly digest: string;
  constructor(message: string, options: { readonly digest: string; readonly cause?: unknown }) {
    super(message, { code: 'artifact_lost', class: 'infrastructure', cause: options.cause });
    this.digest = options.digest;
  }
}
