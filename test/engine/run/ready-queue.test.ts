import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReadyQueue } from '../../../src/engine/drive/pool-gate.ts';

const drain = <T>(queue: ReadyQueue<T>): readonly T[] => {
  const items: T[] = [];
  while (queue.size > 0) items.push(queue.take() as T);
  return items;
};

describe('the ready queue', () => {
  it('gives the highest priority first, and equals in the order of their places', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -3, max: 3 })), (priorities) => {
        const queue = new ReadyQueue<readonly [priority: number, place: number]>();
        const items = priorities.map((priority, place) => [priority, place] as const);
        for (const [priority, place] of items) queue.add([priority, place], { priority, place });
        const sorted = [...items].sort((a, b) => b[0] - a[0] || a[1] - b[1]);
        expect(queue.first).toEqual(sorted[0]);
        expect(drain(queue)).toEqual(sorted);
      }),
    );
  });

  it('stays in order when items come while others go', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined })), (steps) => {
        const queue = new ReadyQueue<number>();
        const model: { readonly priority: number; readonly place: number }[] = [];
        steps.forEach((priority, place) => {
          if (priority === undefined) {
            model.sort((a, b) => b.priority - a.priority || a.place - b.place);
            expect(queue.take()).toBe(model.shift()?.place);
          } else {
            queue.add(place, { priority, place });
            model.push({ priority, place });
          }
          expect(queue.size).toBe(model.length);
        });
      }),
    );
  });

  it('has nothing to give when it is empty', () => {
    const queue = new ReadyQueue<number>();
    expect([queue.first, queue.firstRank, queue.take()]).toEqual([undefined, undefined, undefined]);
  });
});
