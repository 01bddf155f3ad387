import type { Params } from './goal.ts';
import type { Interval } from './pipeline.ts';
import type { RunState, Trigger } from './states.ts';

export interface StartRequest {
  readonly pipeline: string;
  readonly trigger: Trigger;
  /** Of the pipeline; refused unless they fit its schema. */
  readonly params?: Params | undefined;
  /** Computes the goals that the pipeline asks for although results stand, and nothing else of what they need. */
  readonly isForced?: boolean | undefined;
  /** The tick this run is for; a second start for the same tick answers with the first run. */
  readonly scheduledFor?: Date;
  /** What the run is for. While a run for the same interval goes on, a second start answers with that one. */
  readonly interval?: Interval | undefined;
  /** Id of the newest run that was taken into account: a newer one for the interval answers instead, whatever became of it. */
  readonly seenRun?: string | undefined;
}

export interface StartedRun {
  readonly runId: string;
  readonly state: RunState;
  readonly reason?: string;
  /** True when the run was there already, and nothing was started. */
  readonly isOther?: true;
}

/** Starts runs and waits for their ends. */
export interface RunStarter {
  /** Creates a run (its plan is drawn inside) and starts it; resolves as soon as it is recorded. */
  start(request: StartRequest): Promise<StartedRun>;
  /** Resolves when the run has ended and is settled; of a run that another process drives, when it has ended. */
  finished(runId: string): Promise<RunState>;
}

/** What a run was asked for, as it stays on record. */
export interface RunRequest {
  /** As they were given to the pipeline. */
  readonly params: Params;
  /**
   * Set when the asked goals are computed although results stand: the newest claim token when the run was created. What
   * was begun later counts.
   */
  readonly forcedAfter?: string | undefined;
}
