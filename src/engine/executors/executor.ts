import type { Artifacts } from '../artifact.ts';
import type { RetryClass } from '../errors.ts';
import type { Goal, Json } from '../goal.ts';

/** One attempt, as it travels: names and values only, never code. */
export interface Assignment {
  readonly runId: string;
  readonly task: string;
  readonly params: { readonly [name: string]: Json };
  /** Identity of the goal, whatever its code and inputs. */
  readonly goal: string;
  readonly key: string;
  readonly token: string;
  readonly attempt: number;
  /** Input name to its artifacts. */
  readonly inputs: { readonly [name: string]: Artifacts };
}

export type Outcome =
  | {
      readonly kind: 'succeeded';
      readonly outputs: Artifacts;
      readonly log: string;
    }
  | { readonly kind: 'skipped'; readonly reason: string; readonly log: string }
  | { readonly kind: 'failed'; readonly error: FailureRecord; readonly log: string };

/** An error as it is stored: no live object, no secret. */
export interface FailureRecord {
  readonly class: RetryClass;
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
}

/** What a running attempt was told about a goal it needed. */
export type NeedAnswer =
  | { readonly kind: 'complete'; readonly artifacts: Artifacts }
  | { readonly kind: 'refused'; readonly reason: string; readonly isError: boolean };

/** How an attempt reaches back to the engine while it runs. */
export interface ExecutionContext {
  readonly signal: AbortSignal;
  need(goal: Goal): Promise<NeedAnswer>;
}

/** Runs attempts somewhere. It never decides what to run, and never commits. */
export interface Executor {
  readonly name: string;
  readonly slots: number;
  /** Resolves with an outcome whatever happens to the place it runs in; aborting ends the attempt and its process tree. */
  execute(assignment: Assignment, context: ExecutionContext): Promise<Outcome>;
  close(): Promise<void>;
}
