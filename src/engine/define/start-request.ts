import type { Params } from './goal.ts';
import type { Interval } from './pipeline.ts';
import type { RunState, Trigger } from './states.ts';

export interface StartRequest {
  readonly pipeline: string;
  readonly trigger: Trigger;
  /** Params of the pipeline; refused unless they fit its schema. */
  readonly params?: Params | undefined;
  /** Computes the goals of the pipeline even if they are complete, but not the goals they need. */
  readonly isForced?: boolean | undefined;
  /** The tick this run is for; a second start for the same tick returns the first run. */
  readonly scheduledFor?: Date;
  /**
   * The interval this run is for. While a run for the same interval is in progress, a second start returns that one.
   */
  readonly interval?: Interval | undefined;
  /**
   * Id of the newest run that the caller knew of: a newer one for the interval is returned instead, however it ended.
   */
  readonly seenRun?: string | undefined;
}

export interface StartedRun {
  readonly runId: string;
  readonly state: RunState;
  readonly reason?: string;
  /** True when the run existed already, and nothing was started. */
  readonly isOther?: true;
}

/** Starts runs and waits until they end. */
export interface RunStarter {
  /** Creates a run, plans it and starts it; resolves as soon as it is recorded. */
  start(request: StartRequest): Promise<StartedRun>;
  /** Resolves when the run has ended and is settled; of a run that another process drives, when it has ended. */
  finished(runId: string): Promise<RunState>;
}

/** The request of a run, as recorded. */
export interface RunRequest {
  /** As they were given to the pipeline. */
  readonly params: Params;
  /**
   * Set when the requested goals are computed even if they are complete: the newest claim token when the run was
   * created. Attempts that started later count.
   */
  readonly forcedAfter?: string | undefined;
}
