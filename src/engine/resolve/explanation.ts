import type { Params } from '../define/goal.ts';
import type { Difference } from '../records/difference.ts';
import type { StoredVersion } from './stored-versions.ts';

/** How one goal stands, and why. */
export interface GoalExplanation {
  /** Identity of the goal. */
  readonly goal: string;
  /** The goal as people write it. */
  readonly label: string;
  readonly task: string;
  readonly params: Params;
  /**
   * `complete`: a run finds a result. `skipped`: its task skipped it under its present key, or its rule does not let it run
   * without an input that was skipped; a run asks it again, and changes nothing unless that gives another answer.
   * `incomplete`: no stored result can answer, and a run computes it unless something that it needs gives no outputs.
   * `unknown`: that depends on what it needs, which is to be computed first.
   */
  readonly state: 'complete' | 'skipped' | 'incomplete' | 'unknown';
  /** Null as long as an input is not known. */
  readonly key: string | null;
  /** The result that a run would find; when there is none, the newest of the goal, which `differences` compares with. */
  readonly result: Pick<StoredVersion, 'version' | 'runId' | 'at' | 'acceptedFrom'> | null;
  /** Why it is not complete. Of a complete goal that made another incomplete: why it is another than before. */
  readonly differences: readonly Difference[];
  /** Why it cannot be computed again as its sources stand; its results are kept. */
  readonly staleReason: string | null;
}

/** A goal and what its differences lead to. */
export interface Explanation {
  /** The goal that was asked about first, then what its differences name, and so on to the first differences. */
  readonly goals: readonly GoalExplanation[];
  /** True when there would have been more than are told. */
  readonly isCut: boolean;
}
