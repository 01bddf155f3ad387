import type { Artifact, InputRecord } from '../artifact.ts';
import type { Json } from '../goal.ts';

/** One attempt, as it travels: names and values only, never code. */
export interface Assignment {
  readonly runId: string;
  readonly task: string;
  readonly params: { readonly [name: string]: Json };
  readonly key: string;
  readonly token: string;
  readonly attempt: number;
  /** Input name to its artifacts. */
  readonly inputs: { readonly [name: string]: { readonly [output: string]: Artifact } };
}

export type Outcome =
  | {
      readonly kind: 'succeeded';
      readonly outputs: { readonly [name: string]: Artifact };
      readonly trace: readonly InputRecord[];
      readonly log: string;
    }
  | { readonly kind: 'skipped'; readonly reason: string; readonly log: string }
  | { readonly kind: 'failed'; readonly error: FailureRecord; readonly log: string };

/** An error as it is stored: no live object, no secret. */
export interface FailureRecord {
  readonly class: 'user' | 'data' | 'infrastructure';
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
}

/** Runs attempts somewhere. It never decides what to run, and never commits. */
export interface Executor {
  readonly name: string;
  readonly slots: number;
  /** Resolves with an outcome whatever happens to the place it runs in; aborting ends the attempt and its process tree. */
  execute(assignment: Assignment, signal: AbortSignal): Promise<Outcome>;
  close(): Promise<void>;
}
