import { inTrace, presentTrace, type TraceContext } from './tracing/tracing.ts';

/** How calls are grouped. */
export interface GroupOptions {
  /** Items of one group. */
  readonly itemsMax: number;
  /** Groups in progress at a time; further calls collect for the next group. Default: 1. */
  readonly groupsMax?: number;
  /**
   * True for an error that left nothing behind, or when a repeat does no harm: the items of the failed group are then
   * processed one by one, so that one bad item fails alone. Default: always true.
   */
  readonly isSafeToSplit?: (error: unknown) => boolean;
}

interface Waiting<T, R> {
  /** What the call belongs to. */
  readonly trace: TraceContext | undefined;
  readonly item: T;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: many callers, few round trips. `work` gets the items of calls made in one turn of the event loop, or
 * while earlier groups were in progress, and returns one result for each, in order. No timer: a single call does not
 * wait. A group is traced as a part of its first call.
 */
export function createGroup<T, R>(
  work: (items: readonly T[]) => Promise<readonly R[]>,
  { itemsMax, groupsMax = 1, isSafeToSplit = () => true }: GroupOptions,
): (item: T) => Promise<R> {
  const queue: Waiting<T, R>[] = [];
  let running = 0;
  let isScheduled = false;
  return (item) =>
    new Promise<R>((resolve, reject) => {
      queue.push({ item, resolve, reject, trace: presentTrace() });
      if (isScheduled || running >= groupsMax) return;
      isScheduled = true;
      setImmediate(() => {
        isScheduled = false;
        startGroups();
      });
    });

  function startGroups(): void {
    while (running < groupsMax && queue.length > 0) {
      running += 1;
      void settle(queue.splice(0, itemsMax)).finally(() => {
        running -= 1;
        startGroups();
      });
    }
  }

  async function settle(group: readonly Waiting<T, R>[]): Promise<void> {
    try {
      const results = await inTrace(group[0]?.trace, () => work(group.map(({ item }) => item)));
      if (results.length !== group.length)
        throw new Error(`Expected a result for each of ${group.length} items of a group, and got ${results.length}.`);
      // As many as items, as just checked; a result may be undefined.
      for (const [index, { resolve }] of group.entries()) resolve(results[index] as R);
    } catch (error) {
      if (group.length > 1 && isSafeToSplit(error)) for (const one of group) await settle([one]);
      else for (const { reject } of group) reject(error);
    }
  }
}
