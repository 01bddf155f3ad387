import type { Queryable, TraceHeaders } from '#store';
import type { Artifacts } from '../define/artifact.ts';
import type { FailureRecord } from '../define/failure.ts';
import type { Goal, Json } from '../define/goal.ts';
import type { InputGroups } from '../define/inputs.ts';
import type { Cause } from '../define/states.ts';

/** One attempt, as it is sent to an executor: names and values only, never code. */
export interface Assignment {
  readonly runId: string;
  readonly task: string;
  readonly params: { readonly [name: string]: Json };
  /** Identity of the goal, independent of code and inputs. */
  readonly goal: string;
  readonly key: string;
  readonly token: string;
  readonly attempt: number;
  /** Higher ones first, where attempts wait for a worker; 0 when absent. */
  readonly priority?: number | undefined;
  /** Input name to its artifacts. */
  readonly inputs: { readonly [name: string]: Artifacts };
  /** Input names that gather many of them; absent when there are none. */
  readonly groups?: InputGroups | undefined;
  /** The trace that it is part of; absent without tracing. */
  readonly trace?: TraceHeaders | undefined;
}

export type Outcome =
  | {
      readonly kind: 'succeeded';
      readonly outputs: Artifacts;
      readonly log: string;
    }
  /** `cause` is that of the need without outputs; absent when the task skipped itself. */
  | { readonly kind: 'skipped'; readonly reason: string; readonly cause?: Cause | undefined; readonly log: string }
  /** It was asked to end, and starts again when its needs are complete. */
  | { readonly kind: 'parked'; readonly log: string }
  | { readonly kind: 'failed'; readonly error: FailureRecord; readonly log: string };

/** The answer to a running attempt about a goal it needs. */
export type NeedAnswer =
  | { readonly kind: 'complete'; readonly artifacts: Artifacts }
  | {
      readonly kind: 'refused';
      readonly reason: string;
      readonly isError: boolean;
      /** The run would become larger than it may. */
      readonly isLimit?: boolean;
      readonly cause?: Cause | undefined;
    }
  /** Too many attempts wait: this one ends here, and starts again when its need is complete. */
  | { readonly kind: 'parked' };

/** Callbacks of a running attempt to the engine. */
export interface ExecutionContext {
  readonly signal: AbortSignal;
  need(goal: Goal): Promise<NeedAnswer>;
  /** Called with the whole log so far, from time to time while it grows; the outcome has all of it. */
  readonly log?: ((text: string) => void) | undefined;
}

/** Callbacks of a running batch to the engine. */
export interface BatchExecution {
  readonly signal: AbortSignal;
  /** Reports the outcome of one assignment, by its index in the batch, as soon as it is known and at most once. */
  report(item: number, outcome: Outcome): void;
  /**
   * Called with the whole log of an assignment so far, by its index, from time to time while it grows; its outcome has
   * all of it.
   */
  readonly log?: ((item: number, text: string) => void) | undefined;
}

/** What ended the execution of a batch, for the assignments that were not reported. */
export interface BatchEnd {
  readonly error: FailureRecord;
  /** Logs by index in the batch; when the process was killed, as far as they were reported. */
  readonly logs: readonly string[];
}

/** Sends attempts in the transaction that records their starts, so that both are there, or neither is. */
export interface Outbox {
  /**
   * Sends as many as it can; once that is committed `execute` is called for each of them, and sends the others. What it
   * returns is called instead when the transaction comes to nothing.
   */
  send(tx: Queryable, assignments: readonly Assignment[]): Promise<() => void>;
}

/** Runs attempts somewhere. It never decides what to run, and never commits. */
export interface Executor {
  readonly name: string;
  readonly slots: number;
  /** How many attempts may wait for needs in addition to those in slots; attempts beyond end and start again later. */
  readonly suspendedMax?: number | undefined;
  /** Absent where attempts need not be sent, or cannot be sent with others' rows. */
  readonly outbox?: Outbox | undefined;
  /**
   * Resolves with an outcome whatever happens to the process it runs in; aborting ends the attempt and its process
   * tree.
   */
  execute(assignment: Assignment, context: ExecutionContext): Promise<Outcome>;
  /** Runs assignments of one task together, whose `batch` it is; resolves whatever happens, once nothing more is reported. */
  executeBatch(assignments: readonly Assignment[], context: BatchExecution): Promise<BatchEnd>;
  close(): Promise<void>;
}

/** From the parent to a child of `processExecutor`. One assignment or batch at a time. */
export type ToChild =
  /** The first one, if the parent has something to pass. */
  | { readonly kind: 'start'; readonly start: unknown }
  | { readonly kind: 'assign'; readonly assignment: Assignment }
  | { readonly kind: 'assign-batch'; readonly assignments: readonly Assignment[] }
  | { readonly kind: 'abort'; readonly reason: string }
  | { readonly kind: 'answer'; readonly question: number; readonly answer: NeedAnswer };

/** From a child to its parent. */
export type FromChild =
  /** `folder` is where the child creates private folders, so that the parent can remove those of a dead child. */
  | { readonly kind: 'ready'; readonly folder: string }
  | { readonly kind: 'need'; readonly question: number; readonly goal: Goal }
  /** The log of the attempt so far; of a batch, that of the item. */
  | { readonly kind: 'log'; readonly item: number; readonly text: string }
  | { readonly kind: 'outcome'; readonly outcome: Outcome }
  | { readonly kind: 'report'; readonly item: number; readonly outcome: Outcome }
  | { readonly kind: 'batch-ended'; readonly end: BatchEnd };
