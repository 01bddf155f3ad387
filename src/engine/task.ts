import type { z } from 'zod';
import type { Queryable } from '#store';
import type { Goal, Json, Params } from './goal.ts';

/** A blob input, as a running task sees it. */
export interface BlobInput {
  readonly digest: string;
  readonly sizeBytes: number;
  /** A local file with the content; never write to it. */
  path(): Promise<string>;
}

/** What `run` hands back for an output that is not a plain value; made by the context only. */
export interface BlobReceipt {
  readonly kind: 'blob';
  readonly digest: string;
  readonly sizeBytes: number;
}
export interface FileReceipt {
  readonly kind: 'file';
  readonly path: string;
  readonly digest: string;
  readonly sizeBytes: number;
}
export interface RowsReceipt {
  readonly kind: 'rows';
  readonly digest: string;
  readonly rowCount: number;
}

/** Declares one output: how `run` returns it and how the next task reads it. */
export interface Output<Returned, Read> {
  readonly kind: 'value' | 'blob' | 'file' | 'rows';
  /** Refuses an output that exists but must not count, for example an empty file. */
  readonly accepts?: (output: Returned) => boolean;
  /** Type carriers, never set. */
  readonly returned?: Returned;
  readonly read?: Read;
}

export type Outputs = { readonly [name: string]: Output<unknown, unknown> };
export type Returned<O extends Outputs> = { readonly [K in keyof O]: NonNullable<O[K]['returned']> };
export type Read<O extends Outputs> = { readonly [K in keyof O]: NonNullable<O[K]['read']> };

/** A goal that still knows the types of its outputs. It serialises to a plain `Goal`. */
export interface TypedGoal<O extends Outputs = Outputs> extends Goal {
  readonly outputs?: O;
}

export type Inputs = { readonly [name: string]: TypedGoal };
export type InputValues<I extends Inputs> = { readonly [K in keyof I]: Read<NonNullable<I[K]['outputs']>> };

/** What a running task may touch. */
export interface TaskContext<P, I extends Inputs> {
  readonly params: P;
  readonly inputs: InputValues<I>;
  readonly runId: string;
  readonly attempt: number;
  readonly signal: AbortSignal;
  /** A private folder, emptied when the attempt ends. */
  readonly folder: string;
  log(message: string): void;
  /** Puts bytes or a finished file of `folder` into the artifact store. */
  blob(content: Uint8Array | { readonly path: string }): Promise<BlobReceipt>;
  /** Places a finished file at a path outside the artifact store: temporary name beside it, fsync, rename. */
  file(from: string, to: string): Promise<FileReceipt>;
  /** Replaces the rows this goal owns: `write` runs in one transaction with the marker and the check of the claim. */
  rows(output: string, write: (tx: Queryable) => Promise<number>): Promise<RowsReceipt>;
  /** Completes another goal now and returns its outputs; recorded in the trace. */
  need<O extends Outputs>(goal: TypedGoal<O>): Promise<Read<O>>;
  /** Ends the task run as `skipped`, and with it what depends on it. */
  skip(reason: string): never;
}

export type RetryClass = 'user' | 'data' | 'infrastructure';

/** A named unit of work. Data enters through inputs only; what is impure was made a param when the run was created. */
export interface Task<P extends Params = Params, I extends Inputs = Inputs, O extends Outputs = Outputs> {
  readonly name: string;
  /** An explicit version replaces the code fingerprint. */
  readonly version?: string;
  readonly params: z.ZodType<P>;
  /** Params that enter neither key nor identity. */
  readonly insignificant: readonly (keyof P & string)[];
  readonly inputs: (params: P) => I;
  readonly outputs: O;
  readonly timeoutMs: number;
  readonly attemptsMax: number;
  readonly run: (context: TaskContext<P, I>) => Promise<Returned<O>>;
  goal(params: P): TypedGoal<O>;
}

export type TaskOptions<P extends Params, I extends Inputs, O extends Outputs> = Pick<
  Task<P, I, O>,
  'name' | 'params' | 'outputs' | 'run'
> &
  Partial<Pick<Task<P, I, O>, 'version' | 'insignificant' | 'inputs' | 'timeoutMs' | 'attemptsMax'>>;

/** Outputs: `value<T>()`, `blob()`, `file()`, `rows()`. */
export const value = <T extends Json>(options: Pick<Output<T, T>, 'accepts'> = {}): Output<T, T> => ({
  kind: 'value',
  ...options,
});
export const blob = (
  options: Pick<Output<BlobReceipt, BlobInput>, 'accepts'> = {},
): Output<BlobReceipt, BlobInput> => ({ kind: 'blob', ...options });
export const file = (): Output<FileReceipt, FileReceipt> => ({ kind: 'file' });
export const rows = (): Output<RowsReceipt, RowsReceipt> => ({ kind: 'rows' });

/** Describes a task; nothing runs. Throws when the name is not kebab-case. */
export declare function defineTask<P extends Params, I extends Inputs, O extends Outputs>(
  options: TaskOptions<P, I, O>,
): Task<P, I, O>;
