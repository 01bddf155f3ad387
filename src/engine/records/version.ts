import type { Goal } from '../define/goal.ts';

/** One immutable result of a goal. */
export interface Version {
  /** Rises in the order of commits, over all goals. */
  readonly version: string;
  readonly goal: Goal;
  readonly key: string;
  /** `code:` and the fingerprint, or `version:` and the task's explicit version. */
  readonly code: string;
  /** Null when it was accepted rather than computed, or its run is forgotten. */
  readonly runId: string | null;
  readonly committedAt: Date;
  /** The version whose outputs these are, when `accept` re-keyed it. */
  readonly acceptedFrom: string | null;
  readonly digests: { readonly [output: string]: string };
  readonly isPinned: boolean;
}

/**
 * Which version is meant: by its number, as a run made or found it, or at a time, which is that of the last run that had
 * ended by then and made or found the goal, by the clock of the database.
 */
export type AsOf = { readonly version: string } | { readonly runId: string } | { readonly time: Date };
