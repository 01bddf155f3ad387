import { groupBy } from '../define/group-by.ts';
import type { TaskRunState } from '../define/states.ts';

/**
 * Goals that are tried again together because a batch ended without an outcome for them, and any may be the cause.
 * Compared by identity: those of one half hold the same object.
 */
export interface Suspects {
  readonly size: number;
}

/** Parts what is left of a batch into halves; each crash halves again, so the cause is alone after log2 of them. */
export function halve<T>(items: readonly T[]): readonly { readonly item: T; readonly suspects: Suspects }[] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)].flatMap((half) => {
    const suspects: Suspects = { size: half.length };
    return half.map((item) => ({ item, suspects }));
  });
}

/** What a dead process had left open of its executions, parted; by goal. */
export function suspectsOf(
  left: readonly { readonly goal: string; readonly state: TaskRunState; readonly batch: string | null }[],
): ReadonlyMap<string, Suspects> {
  const open = left.filter(({ state, batch }) => batch !== null && (state === 'queued' || state === 'running'));
  return new Map(
    [...groupBy(open, ({ batch }) => batch).values()].flatMap((batch) =>
      halve(batch).map(({ item, suspects }) => [item.goal, suspects] as const),
    ),
  );
}
