/** What kind of failure it is: of the user's code, of the data, or of the world around. */
export type RetryClass = 'user' | 'data' | 'infrastructure';

/** The engine was asked for something that cannot be: an unknown task, a cycle, params that are no data. */
export class EngineError extends Error {
  override readonly name: string = 'EngineError';
}

/** The params that a run was asked for with are not those its pipeline takes. No run was created. */
export class ParamsRefusedError extends EngineError {
  override readonly name: string = 'ParamsRefusedError';
}

/** A run would have more goals, or a longer chain of them, than its limits allow. */
export class RunLimitError extends EngineError {
  override readonly name: string = 'RunLimitError';
}

/** An ended run cannot be retried now; its message says why. No run was created. */
export class RetryRefusedError extends EngineError {
  override readonly name: string = 'RetryRefusedError';
}

/** Throw this in a task to say what kind of failure it is; only `infrastructure` is tried again. */
export class TaskError extends Error {
  override readonly name: string = 'TaskError';
  readonly retryClass: RetryClass;
  constructor(message: string, options: { readonly class: RetryClass; readonly cause?: unknown }) {
    super(message, { cause: options.cause });
    this.retryClass = options.class;
  }
}

/** Stored bytes are not what their digest says, or are gone; what made them has to make them again. */
export class DamagedArtifactError extends TaskError {
  readonly digest: string;
  constructor(message: string, options: { readonly digest: string; readonly cause?: unknown }) {
    super(message, { class: 'infrastructure', cause: options.cause });
    this.digest = options.digest;
  }
}
