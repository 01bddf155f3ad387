import { describe, expect, it } from 'vitest';
import { createGroup } from '../../src/store/grouped-calls.ts';
import { deferred } from '../deferred.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Doubles numbers in groups, each of which ends when the test says so. */
function doubling(groupsMax?: number) {
  const groups: (readonly number[])[] = [];
  const gates = Array.from({ length: 4 }, () => deferred<void>());
  const double = createGroup<number, number>(
    async (items) => {
      const gate = gates[groups.length];
      groups.push(items);
      await gate?.promise;
      return items.map((item) => item * 2);
    },
    { itemsMax: 3, ...(groupsMax === undefined ? {} : { groupsMax }) },
  );
  const open = (): void => {
    for (const gate of gates) gate.resolve();
  };
  return { double, groups, open };
}

describe('calls in groups', () => {
  it('collect while a group is in progress, up to the bound, and each gets its own result', async () => {
    const { double, groups, open } = doubling();
    const first = double(1);
    await turn();
    const later = [2, 3, 4, 5].map(double);
    open();
    expect(await Promise.all([first, ...later])).toEqual([2, 4, 6, 8, 10]);
    expect(groups).toEqual([[1], [2, 3, 4], [5]]);
  });

  it('of one turn go together', async () => {
    const { double, groups, open } = doubling();
    open();
    expect(await Promise.all([1, 2, 3].map(double))).toEqual([2, 4, 6]);
    expect(groups).toEqual([[1, 2, 3]]);
  });

  it('go in as many groups at a time as are allowed, and no more', async () => {
    const { double, groups, open } = doubling(2);
    const calls = [1, 2, 3, 4, 5, 6, 7].map(double);
    await turn();
    await turn();
    expect(groups).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    open();
    expect(await Promise.all(calls)).toEqual([2, 4, 6, 8, 10, 12, 14]);
  });

  it('are never done twice when a group fails and nobody knows what it left behind', async () => {
    let done = 0;
    const fail = createGroup<number, number>(
      async (items) => {
        done += items.length;
        throw new Error('the connection went');
      },
      { itemsMax: 3, isSafeToSplit: () => false },
    );
    const outcomes = await Promise.allSettled([1, 2, 3].map(fail));
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(done).toBe(3);
  });

  it('fail alone where it is safe to do the others again', async () => {
    const positive = createGroup<number, number>(
      async (items) => {
        if (items.some((item) => item < 0)) throw new Error('negative');
        return items;
      },
      { itemsMax: 3 },
    );
    const outcomes = await Promise.allSettled([1, -2, 3].map(positive));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('that get no result fail rather than wait', async () => {
    await expect(createGroup<number, number>(async () => [], { itemsMax: 1 })(1)).rejects.toThrow(/result for each/);
  });

  it('may have undefined for a result', async () => {
    expect(await createGroup(async (items: readonly number[]) => items.map(() => undefined), { itemsMax: 1 })(1)).toBe(
      undefined,
    );
  });
});
