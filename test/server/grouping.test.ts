import { describe, expect, it } from 'vitest';
import { deferred } from '../../src/server/predictions/deferred.ts';
import { grouped } from '../../src/server/predictions/grouping.ts';

const bounds = { groupsMax: 1, callsMax: 3, isSafeToSplit: () => false };

describe('calls in groups', () => {
  it('collect while a group is in progress, up to the bound, and each gets its own answer', async () => {
    const groups: number[][] = [];
    const gates = [deferred<void>(), deferred<void>(), deferred<void>()];
    const double = grouped<number, number>(async (calls) => {
      const gate = gates[groups.length];
      groups.push([...calls]);
      await gate?.promise;
      return calls.map((call) => call * 2);
    }, bounds);
    const first = double(1);
    await new Promise(setImmediate);
    const later = [2, 3, 4, 5].map(double);
    for (const gate of gates) gate.resolve();
    expect(await Promise.all([first, ...later])).toEqual([2, 4, 6, 8, 10]);
    expect(groups).toEqual([[1], [2, 3, 4], [5]]);
  });

  it('are never done twice when a group fails and nobody knows what it left behind', async () => {
    let done = 0;
    const fail = grouped<number, number>(async (calls) => {
      done += calls.length;
      throw new Error('the connection went');
    }, bounds);
    const outcomes = await Promise.allSettled([1, 2, 3].map(fail));
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(done).toBe(3);
  });

  it('fail alone where it is safe to do the others again', async () => {
    const positive = grouped<number, number>(
      async (calls) => {
        if (calls.some((call) => call < 0)) throw new Error('negative');
        return calls;
      },
      { ...bounds, isSafeToSplit: () => true },
    );
    const outcomes = await Promise.allSettled([1, -2, 3].map(positive));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('that get no answer fail rather than wait', async () => {
    await expect(grouped<number, number>(async () => [], bounds)(1)).rejects.toThrow(/an answer for each call/);
  });
});
