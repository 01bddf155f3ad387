import { EngineError } from './errors.ts';
import type { Params } from './goal.ts';

/** Units of a pool that an execution of a task holds while it runs. */
export interface PoolUse {
  /** Name of the pool, as `engine.pools` of the settings has it. */
  readonly name: string;
  /** How many of its units, 1 or more. */
  readonly units: number;
}

/** When a ready task starts. It is part of the key only as part of the code of a task without a version. */
export interface DispatchOptions<P extends Params> {
  /** Among ready goals the highest starts first; equals start in the order they became ready. 0 when absent. */
  readonly priority?: number | ((params: P) => number) | undefined;
  /**
   * A pool by its name, of which one unit is held while the task runs, or `{ name: 'model', units: 2 }`; none unless
   * set.
   * Sizes of pools are settings of the project, `engine.pools`.
   */
  readonly pool?: string | PoolUse | undefined;
}

/** The same, normalised for the engine. */
export interface Dispatched<P extends Params> {
  /** Units of a pool that it holds while it runs. */
  readonly pool?: PoolUse;
  /** Among ready goals the highest starts first. */
  priority?(params: P): number;
}

/** What the execution of a batch has besides its items. */
export interface BatchContext {
  /** Aborted by a cancel of the run and by the timeout of the task. */
  readonly signal: AbortSignal;
  /** A private folder of the whole batch, deleted when it ends. */
  readonly folder: string;
  /** A line in the log of every item that has no outcome yet. */
  log(message: string): void;
}

/** Many goals of one task in one execution: how many, and how they run. */
export interface BatchOptions<Item> {
  /** How many goals may run in one execution, 1 or more. */
  readonly itemsMax: number;
  /** Sum of the sizes of the inputs, in bytes; an item that is larger goes alone. Unbounded when absent. */
  readonly bytesMax?: number;
  /**
   * How long the first item may wait for others, in milliseconds; 0, the default, takes what is ready at the same time.
   */
  readonly waitMs?: number;
  /**
   * Ends each item by its `succeed`, `fail` or `skip`, in any order. When it throws, dies or returns before all have an
   * outcome, those without are tried again in halves until the one it cannot end is alone, and that one fails.
   */
  run(items: readonly Item[], context: BatchContext): Promise<void>;
}

export type BatchDefinition<Item> = Required<BatchOptions<Item>>;

export function toDispatched<P extends Params>(task: string, options: DispatchOptions<P>): Dispatched<P> {
  const { pool, priority } = options;
  const use = typeof pool === 'string' ? { name: pool, units: 1 } : pool;
  if (use !== undefined) assertWhole(`Task ${task} takes units of pool ${use.name}`, use.units);
  return {
    ...(use === undefined ? {} : { pool: use }),
    ...(priority === undefined ? {} : { priority: typeof priority === 'number' ? () => priority : priority }),
  };
}

export function toBatch<Item>(task: string, options: BatchOptions<Item>): BatchDefinition<Item> {
  const { itemsMax, bytesMax = Number.POSITIVE_INFINITY, waitMs = 0 } = options;
  assertWhole(`Task ${task} has a batch.itemsMax`, itemsMax);
  if (!(bytesMax > 0) || !(waitMs >= 0))
    throw new EngineError(
      'task_invalid',
      `The batch of task ${task} needs bytesMax above 0 and waitMs from 0 on; got ${bytesMax} and ${waitMs}. Leave them out for no bound and no wait.`,
    );
  return { itemsMax, bytesMax, waitMs, run: (items, context) => options.run(items, context) };
}

function assertWhole(what: string, got: number): void {
  if (!Number.isSafeInteger(got) || got < 1)
    throw new EngineError('task_invalid', `${what}; expected a whole number from 1 on, got ${got}.`);
}
