import type { Params } from './goal.ts';

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
