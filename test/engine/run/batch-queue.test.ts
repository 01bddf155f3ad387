import { describe, expect, it } from 'vitest';
import { BatchQueue, type Suspects } from '../../../src/engine/drive/batch-queue.ts';

interface Candidate {
  readonly name: string;
  readonly rank: { readonly priority: number; readonly place: number };
  readonly suspects?: Suspects | undefined;
  sizeBytes(): number;
}

/** A queue whose time and room are in the test's hands. */
function createQueue(batch: { readonly itemsMax: number; readonly bytesMax?: number; readonly waitMs?: number }) {
  const asked: (() => readonly Candidate[])[] = [];
  const timers: { readonly delayMs: number; readonly callback: () => void; isOver: boolean }[] = [];
  const queue = new BatchQueue<Candidate>({
    batch: { bytesMax: Number.POSITIVE_INFINITY, waitMs: 50, ...batch },
    effects: {
      after: (delayMs, callback) => {
        const timer = { delayMs, callback, isOver: false };
        timers.push(timer);
        return () => {
          timer.isOver = true;
        };
      },
    },
    ask: (_, take) => void asked.push(take),
  });
  let places = 0;
  return {
    add: (name: string, given: { priority?: number; bytes?: number; suspects?: Suspects } = {}): void => {
      const { priority = 0, bytes = 0, suspects } = given;
      queue.add({ name, rank: { priority, place: places++ }, suspects, sizeBytes: () => bytes });
    },
    /** How many batches wait for room. */
    asked: () => asked.length,
    /** Gives room to the first that asked for it. */
    make: (): string => (asked.shift()?.() ?? []).map(({ name }) => name).join(''),
    waits: () => timers.filter(({ isOver }) => !isOver).map(({ delayMs }) => delayMs),
    passTime: (): void => {
      for (const timer of timers.splice(0)) if (!timer.isOver) timer.callback();
    },
  };
}

describe('a batch', () => {
  it('is due when it is full', () => {
    const queue = createQueue({ itemsMax: 3 });
    queue.add('a');
    queue.add('b');
    expect(queue.asked()).toBe(0);
    queue.add('c');
    expect([queue.asked(), queue.make()]).toEqual([1, 'abc']);
  });

  it('is due when its first item has waited long enough', () => {
    const queue = createQueue({ itemsMax: 3, waitMs: 70 });
    queue.add('a');
    queue.add('b');
    expect(queue.waits()).toEqual([70]);
    queue.passTime();
    expect([queue.asked(), queue.make()]).toEqual([1, 'ab']);
  });

  it('takes along what came while it waited for room', () => {
    const queue = createQueue({ itemsMax: 3 });
    queue.add('a');
    queue.passTime();
    queue.add('b');
    queue.passTime();
    expect([queue.asked(), queue.make()]).toEqual([1, 'ab']);
  });

  it('that is full does not keep a second from being asked for', () => {
    const queue = createQueue({ itemsMax: 2 });
    for (const name of ['a', 'b', 'c', 'd', 'e']) queue.add(name);
    expect(queue.asked()).toBe(2);
    queue.passTime();
    expect([queue.asked(), queue.make(), queue.make(), queue.make()]).toEqual([3, 'ab', 'cd', 'e']);
  });

  it('has the highest priorities first', () => {
    const queue = createQueue({ itemsMax: 2 });
    queue.add('a');
    queue.add('b', { priority: 1 });
    queue.add('c', { priority: 2 });
    queue.passTime();
    expect([queue.make(), queue.make()]).toEqual(['cb', 'a']);
  });

  it('is no larger than its bytes allow, and what is larger goes alone', () => {
    const queue = createQueue({ itemsMax: 10, bytesMax: 100 });
    queue.add('a', { bytes: 60 });
    queue.add('b', { bytes: 30 });
    expect(queue.asked()).toBe(0);
    queue.add('c', { bytes: 500 });
    queue.add('d', { bytes: 1 });
    queue.passTime();
    const made: string[] = [];
    while (queue.asked() > 0) made.push(queue.make());
    expect(made.filter((items) => items !== '')).toEqual(['ab', 'c', 'd']);
  });

  it('of suspects waits for all of them and takes nobody else', () => {
    const queue = createQueue({ itemsMax: 3 });
    const suspects = { size: 2 };
    queue.add('a', { suspects });
    queue.add('x');
    queue.add('y');
    expect(queue.asked()).toBe(0);
    queue.add('b', { suspects });
    expect(queue.make()).toBe('ab');
    queue.passTime();
    expect(queue.make()).toBe('xy');
  });

  it('of suspects goes without one who does not come', () => {
    const queue = createQueue({ itemsMax: 3 });
    queue.add('a', { suspects: { size: 2 } });
    queue.passTime();
    expect(queue.make()).toBe('a');
  });
});
