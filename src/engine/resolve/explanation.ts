import type { Params } from '../define/goal.ts';
import type { Difference } from '../records/difference.ts';
import type { StoredVersion } from './stored-versions.ts';

/** The state of one goal, and why. */
export interface GoalExplanation {
  /** Identity of the goal. */
  readonly goal: string;
  /** The goal in readable form. */
  readonly label: string;
  readonly task: string;
  readonly params: Params;
  /**
   * `complete`: a run finds a valid result. `skipped`: its task skipped it under its present key, or its rule does not
   * let it run without an input that was skipped; a run executes it again, which changes nothing unless the outcome
   * differs. `incomplete`: no stored result is valid, and a run computes it unless a need has no outputs. `unknown`: it
   * depends on needs that must be computed first.
   */
  readonly state: 'complete' | 'skipped' | 'incomplete' | 'unknown';
  /** Null as long as an input is not known. */
  readonly key: string | null;
  /**
   * The result that a run would find; when there is none, the newest of the goal, with which `differences` compares.
   */
  readonly result: Pick<StoredVersion, 'version' | 'runId' | 'at' | 'acceptedFrom'> | null;
  /** Why it is not complete. For a complete goal that made another one incomplete: why its result changed. */
  readonly differences: readonly Difference[];
  /** Why it cannot be computed again with the present sources; its results are kept. */
  readonly staleReason: string | null;
}

/** A goal and the goals that its differences lead to. */
export interface Explanation {
  /** The requested goal first, then the goals that its differences name, and so on to the first differences. */
  readonly goals: readonly GoalExplanation[];
  /** True when there are more goals than are listed. */
  readonly isCut: boolean;
}
