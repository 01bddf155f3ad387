import type { z } from 'zod';
import type { Queryable } from '#store';
import {
  type BatchDefinition,
  type BatchOptions,
  type Dispatched,
  type DispatchOptions,
  toBatch,
  toDispatched,
} from './dispatch-options.ts';
import { EngineError } from './errors.ts';
import { type Goal, MadeGoal, type Params } from './goal.ts';
import { parseParams } from './parse-params.ts';
import type { SourceRole } from './partitions.ts';
import { type BoundParams, bindReads, type NoReads, type ReadGoals, type Reads } from './reads.ts';

export type { RetryClass } from './errors.ts';

/** A blob input, as a running task sees it. */
export interface BlobInput {
  /** SHA-256 of the content, in lower-case hex. */
  readonly digest: string;
  /** Size of the content, in bytes. */
  readonly sizeBytes: number;
  /** A local file with the content; never write to it. */
  path(): Promise<string>;
  /** The whole content; for what fits in memory. */
  bytes(): Promise<Uint8Array>;
}

/** What `run` returns for an output that is not a plain value; created by the context only. */
export type BlobReceipt = {
  /** An output of `blob()`. */
  readonly kind: 'blob';
  /** SHA-256 of the content, in lower-case hex. */
  readonly digest: string;
  /** Size of the content, in bytes. */
  readonly sizeBytes: number;
};
/** A file that was placed outside the artifact store; made by the context only. */
export type FileReceipt = {
  /** An output of `file()`. */
  readonly kind: 'file';
  /** Where the file is, absolute. */
  readonly path: string;
  /** SHA-256 of the content, in lower-case hex. */
  readonly digest: string;
  /** Size of the content, in bytes. */
  readonly sizeBytes: number;
};
/** Rows that were written to a sink; made by the context only. */
export type RowsReceipt = {
  /** An output of `rows()`. */
  readonly kind: 'rows';
  /** What identifies the rows for the tasks that read this output. */
  readonly digest: string;
  /** How many rows were written. */
  readonly rowCount: number;
  /** Name of the sink that holds them; absent for Weir's own database. */
  readonly sink?: string;
};

/** The bytes behind a `blob` or `file` output, before it is accepted. */
export interface OutputContent {
  path(): Promise<string>;
}

/**
 * Removes the rows that a goal wrote, in one transaction of their sink; or they are kept, because others know of them.
 */
export type RowsRemoval<Writer> = 'keep' | ((writer: Writer, goal: { readonly params: Params }) => Promise<unknown>);

/** Declares one output: how `run` returns it and how the next task reads it. */
export interface Output<Returned, Read> {
  /** What it is: JSON, bytes, a file that is placed outside, or rows in a sink. */
  readonly kind: 'value' | 'blob' | 'file' | 'rows';
  /** Refuses an output that exists but must not count, for example an empty file; every output counts unless set. */
  accepts?(output: Returned, content: OutputContent): boolean | Promise<boolean>;
  /** Of `rows`: the sink that holds them, by name; Weir's own database when absent. */
  readonly sink?: string;
  /** Of `rows`: the table that holds them, for people; pages and commands name none unless set. */
  readonly table?: string;
  /**
   * Of `rows`: what becomes of them when a collection removes the result. Without it, the result stays as long as they
   * do.
   */
  readonly remove?: RowsRemoval<never>;
  /** Carries the type that `run` returns; never set. */
  readonly returned?: Returned;
  /** Carries the type that the next task reads; never set. */
  readonly read?: Read;
}

/** Outputs of a task by name. */
export type Outputs = { readonly [name: string]: Output<unknown, unknown> };
export type Returned<O extends Outputs> = {
  readonly [K in keyof O]: O[K] extends Output<infer R, unknown> ? R : never;
};
export type Read<O extends Outputs> = { readonly [K in keyof O]: O[K] extends Output<infer _, infer R> ? R : never };

/** A goal that still knows the types of its outputs. It serialises to a plain `Goal`. */
export interface TypedGoal<O extends Outputs = Outputs> extends Goal {
  /** Carries the types of its outputs; never set. */
  readonly outputs?: O;
}

/** What a task reads under one name: one goal, or many together. A list is read as a list, a record as a record. */
export type Input = TypedGoal | readonly TypedGoal[] | { readonly [entry: string]: TypedGoal };
/** Inputs of a task by name. */
export type Inputs = { readonly [name: string]: Input };
/** Of a task that reads nothing. */
export type NoInputs = Record<never, never>;

/**
 * When a task runs: all its inputs came; or none failed or was cancelled, directly or further up; or all have ended.
 */
export type RunsWhen = 'all-succeeded' | 'none-failed' | 'all-ended';

type GoalValue<G, W extends RunsWhen> = G extends TypedGoal
  ? Read<NonNullable<G['outputs']>> | (W extends 'all-succeeded' ? never : undefined)
  : G;
type InputValue<T, W extends RunsWhen> = T extends TypedGoal
  ? GoalValue<T, W>
  : { readonly [K in keyof T]: GoalValue<T[K], W> };
/** Inputs as a running task sees them; what need not come may be undefined. */
export type InputValues<I extends Inputs, W extends RunsWhen = 'all-succeeded'> = {
  readonly [K in keyof I]: InputValue<I[K], W>;
};

/** What a running task may touch. */
export interface TaskContext<P, I extends Inputs, W extends RunsWhen = 'all-succeeded'> {
  /** The params of the goal, as its schema gives them. */
  readonly params: P;
  /** The outputs of what the task reads, by the names of its inputs. */
  readonly inputs: InputValues<I, W>;
  /** Id of the run, for messages; no part of the key, so no result may depend on it. */
  readonly runId: string;
  /** Which attempt this is, from 1; no part of the key. */
  readonly attempt: number;
  /** Aborted by a cancel of the run and by the timeout of the task. */
  readonly signal: AbortSignal;
  /** A private folder, emptied when the attempt ends. */
  readonly folder: string;
  /** Writes a line to the log of the attempt. */
  log(message: string): void;
  /** Puts bytes or a finished file of `folder` into the artifact store. */
  blob(content: Uint8Array | { readonly path: string }): Promise<BlobReceipt>;
  /** Places a finished file at a path outside the artifact store: temporary name beside it, fsync, rename. */
  file(from: string, to: string): Promise<FileReceipt>;
  /**
   * Replaces the rows this goal owns in the sink of the output: `write` returns how many it wrote, and they count with
   * the marker only. In SQL sinks the writer is a transaction; others say what theirs is.
   */
  rows<Writer = Queryable>(output: string, write: (writer: Writer) => Promise<number>): Promise<RowsReceipt>;
  /** Completes another goal now and returns its outputs; recorded in the trace. */
  need<O extends Outputs>(goal: TypedGoal<O>): Promise<Read<O>>;
  /** Ends the task run as `skipped`, and with it what depends on it. */
  skip(reason: string): never;
}

/**
 * One goal of a batch, as `batch.run` sees it. The first of `succeed`, `fail` and `skip` ends it, whatever becomes of
 * the others.
 */
export interface BatchItem<P, I extends Inputs, O extends Outputs, W extends RunsWhen = 'all-succeeded'>
  extends Pick<TaskContext<P, I, W>, 'params' | 'inputs' | 'runId' | 'attempt' | 'log' | 'blob' | 'file' | 'rows'> {
  /** Resolves once the result survives the death of this process; it is committed then, not at the end of the batch. */
  succeed(outputs: Returned<O>): Promise<void>;
  /** Ends it as an error thrown by `run` would. */
  fail(error: unknown): Promise<void>;
  /** Ends it as skipped, and with it what depends on it. */
  skip(reason: string): Promise<void>;
}

/** A named unit of work. Data enters through inputs only; what is impure was made a param when the run was created. */
export interface Task<
  P extends Params = Params,
  I extends Inputs = Inputs,
  O extends Outputs = Outputs,
  R extends Inputs = Inputs,
  W extends RunsWhen = RunsWhen,
> extends Dispatched<P> {
  /** Kebab-case, unique in the project: `'fit-model'`. */
  readonly name: string;
  /** Names it had before, the first of all first: results made under them stay its own. None unless set. */
  readonly formerNames: readonly string[];
  /**
   * Stands in the key for the code of the task: raise it when equal inputs give another result. Unless set, the code
   * itself does.
   */
  readonly version?: string;
  /** Schema of the params, plain JSON: `z.object({ day: z.iso.date() })`. They are part of the key. */
  readonly params: z.ZodType<P>;
  /** Params that enter neither key nor identity; none unless set. */
  readonly insignificant: readonly (keyof P & string)[];
  /** Of a task with `reads`: the params it states itself, which are all that its `run` sees. */
  readonly ownParams?: readonly string[];
  /**
   * What it reads, computed from its params: `({ day }) => ({ orders: orders.partition({ name: day }) })`. Nothing
   * unless set.
   */
  inputs(params: P): I;
  /**
   * Further inputs, computed from what `inputs` read: called once those are complete, and again whenever the key is
   * asked for, so it must say the same of the same. `run` sees them beside the others; a name may not be in both. None
   * unless set.
   */
  runtimeInputs?(params: P, inputs: InputValues<I, W>): R | Promise<R>;
  /** Which ends of its inputs it waits for; `all-succeeded` unless set. */
  readonly runsWhen: W;
  /** What `run` returns: `{ text: value<string>(), page: blob() }`. */
  readonly outputs: O;
  /** How long `weir gc` keeps results that are cheap to make again; unless set, as long as all others. */
  readonly retention?: Retention;
  /** Set on the tasks of a source, by `defineSource` only. */
  readonly source?: SourceRole;
  /** How long an attempt may take, in milliseconds; ten minutes unless set. */
  readonly timeoutMs: number;
  /** How many attempts there are when failures are of the class `infrastructure`; 3 unless set. */
  readonly attemptsMax: number;
  /** Does the work and returns every output. */
  run(context: TaskContext<P, I & R, W>): Promise<Returned<O>>;
  /** Runs many goals in one execution, instead of `run`. */
  readonly batch?: BatchDefinition<BatchItem<P, I & R, O, W>>;
  /** Names a result of this task: what others put in their inputs, a pipeline into its plan. */
  goal(params: P): TypedGoal<O>;
}

/**
 * A task whatever its types: what lists of tasks hold. The engine gives each the params that its own schema parsed and
 * the outputs that its own inputs name.
 */
export interface AnyTask
  extends Pick<
    Task,
    | 'name'
    | 'formerNames'
    | 'version'
    | 'params'
    | 'insignificant'
    | 'ownParams'
    | 'runsWhen'
    | 'outputs'
    | 'retention'
    | 'source'
    | 'timeoutMs'
    | 'attemptsMax'
    | 'pool'
  > {
  /** See `Task.inputs`. */
  inputs(params: never): object;
  /** See `Task.runtimeInputs`. */
  runtimeInputs?(params: never, inputs: never): object | Promise<object>;
  /** See `Task.priority`. */
  priority?(params: never): number;
  /** See `Task.run`. */
  run(context: never): Promise<object>;
  /** See `Task.batch`. */
  readonly batch?: BatchOptions<never>;
  /** See `Task.goal`. */
  goal(params: never): Goal;
}

/** What a task is. `name`, `params`, `outputs` and `run` (or `batch`) are needed. */
export type TaskOptions<
  P extends Params,
  I extends Inputs,
  O extends Outputs,
  R extends Inputs = NoInputs,
  W extends RunsWhen = 'all-succeeded',
  B extends Reads = NoReads,
> = Pick<Task<P, I & ReadGoals<B>, O, R, W>, 'name' | 'params' | 'outputs' | 'runtimeInputs'> &
  Partial<
    Pick<
      Task<P, I, O, R, W>,
      'version' | 'formerNames' | 'insignificant' | 'inputs' | 'runsWhen' | 'retention' | 'timeoutMs' | 'attemptsMax'
    >
  > &
  DispatchOptions<P> & {
    /**
     * Tasks whose outputs this one reads, by the name of the input. Goals of this task then carry the params of those
     * tasks too, and pass them on by name; `run`, the key and the identity see only the params stated here. None unless
     * set.
     */
    readonly reads?: B;
  } & (
    | {
        /** Does the work and returns every output. */
        readonly run: Task<P, I & ReadGoals<B>, O, R, W>['run'];
        /** Not beside `run`. */
        readonly batch?: never;
      }
    | {
        /** Runs many goals in one execution, instead of `run`. */
        readonly batch: BatchOptions<BatchItem<P, I & ReadGoals<B> & R, O, W>>;
        /** Not beside `batch`. */
        readonly run?: never;
      }
  );

/**
 * An output of JSON: `value<number>()`. `T` is anything that JSON says exactly; what is not is refused when it is
 * stored.
 */
export const value = <T>(options: Pick<Output<T, T>, 'accepts'> = {}): Output<T, T> => ({
  kind: 'value',
  ...options,
});
/** An output of bytes: return what `context.blob` gives. */
export const blob = (
  options: Pick<Output<BlobReceipt, BlobInput>, 'accepts'> = {},
): Output<BlobReceipt, BlobInput> => ({ kind: 'blob', ...options });
/** An output that is a file outside the artifact store: return what `context.file` gives. */
export const file = (
  options: Pick<Output<FileReceipt, FileReceipt>, 'accepts'> = {},
): Output<FileReceipt, FileReceipt> => ({ kind: 'file', ...options });
/** An output of rows in a sink: return what `context.rows` gives. */
export const rows = <Writer = Queryable>(
  options: Pick<Output<RowsReceipt, RowsReceipt>, 'accepts' | 'sink' | 'table'> & {
    /** How `weir gc` removes the rows with the result, or `'keep'`; without it both stay. */
    readonly remove?: RowsRemoval<Writer>;
  } = {},
): Output<RowsReceipt, RowsReceipt> => ({ kind: 'rows', ...options });

export const TIMEOUT_MS_DEFAULT = 10 * 60_000;
export const ATTEMPTS_MAX_DEFAULT = 3;

const KEBAB_CASE = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** Describes a task; nothing runs. Throws when the name is not kebab-case. */
export function defineTask<
  P extends Params,
  O extends Outputs,
  I extends Inputs = NoInputs,
  R extends Inputs = NoInputs,
  W extends RunsWhen = 'all-succeeded',
  B extends Reads = NoReads,
>(options: TaskOptions<P, I, O, R, W, B>): Task<BoundParams<P, B>, I & ReadGoals<B>, O, R, W> {
  const { name, params, reads, pool, priority, batch, run, ...given } = options;
  for (const each of [name, ...(options.formerNames ?? [])])
    if (!KEBAB_CASE.test(each))
      throw new EngineError(
        'task_invalid',
        `A task name is kebab-case, for example "fit-model"; got ${JSON.stringify(each)}.`,
      );
  const stated: Omit<Task<P, I, O, R, W>, 'goal'> = {
    formerNames: [],
    insignificant: [],
    timeoutMs: TIMEOUT_MS_DEFAULT,
    attemptsMax: ATTEMPTS_MAX_DEFAULT,
    // A task without `runsWhen` has this rule as its type too.
    runsWhen: 'all-succeeded' as W,
    // A task without `inputs` has the empty record as its type of inputs.
    inputs: () => ({}) as I,
    ...{ ...given, name, params },
    ...toDispatched(name, { pool, priority }),
    ...(batch === undefined ? {} : { batch: toBatch(name, batch) }),
    run:
      run ??
      (() =>
        Promise.reject(new EngineError('task_invalid', `Task ${name} runs in batches: it has no run of its own.`))),
  };
  type Bound = Task<BoundParams<P, B>, I & ReadGoals<B>, O, R, W>;
  // Bound or not, it takes the params and has the inputs that the type says: without `reads` there are no others.
  const task = (reads === undefined ? stated : bindReads(stated as never, reads)) as Bound;
  // Set rather than spread into a copy, which V8 reads more slowly wherever goals are planned.
  task.goal = (asked) => new MadeGoal(task, parseParams(task, asked));
  return task;
}

/**
 * How long results of a task are kept, whether or not something newer replaced them; for intermediate ones that are
 * cheap to make again.
 */
export interface Retention {
  /** Days since the commit. */
  readonly ageDaysMax?: number;
  /** Newest versions of each goal. */
  readonly versionsMax?: number;
}
