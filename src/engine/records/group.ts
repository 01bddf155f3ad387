/** Hands items to `flush` in groups: one flush at a time, and what arrives meanwhile goes together in the next. */
export interface GroupOptions {
  readonly itemsMax: number;
}

/** Group commit: many callers, few round trips. A group that fails is tried item by item, so one bad item harms nobody else. */
export function createGroup<T, R>(
  flush: (items: readonly T[]) => Promise<readonly R[]>,
  options: GroupOptions,
): (item: T) => Promise<R> {
  interface Waiting {
    readonly item: T;
    readonly resolve: (result: R) => void;
    readonly reject: (error: unknown) => void;
  }
  let queue: Waiting[] = [];
  let isFlushing = false;
  return (item) =>
    new Promise<R>((resolve, reject) => {
      queue.push({ item, resolve, reject });
      if (isFlushing) return;
      isFlushing = true;
      setImmediate(() => void drain());
    });

  async function drain(): Promise<void> {
    while (queue.length > 0) {
      const group = queue.slice(0, options.itemsMax);
      queue = queue.slice(options.itemsMax);
      await settle(group);
    }
    isFlushing = false;
  }

  async function settle(group: readonly Waiting[]): Promise<void> {
    try {
      const results = await flush(group.map((waiting) => waiting.item));
      // `flush` answers one result for each item, in order.
      group.forEach((waiting, index) => {
        waiting.resolve(results[index] as R);
      });
    } catch (error) {
      if (group.length === 1) group[0]?.reject(error);
      else for (const waiting of group) await settle([waiting]);
    }
  }
}
