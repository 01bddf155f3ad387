import { describe, expect, it } from 'vitest';
import { halve, type Suspects, suspectsOf } from '../../../src/engine/drive/batch-queue.ts';

const groups = (parted: Iterable<readonly [string, Suspects]>): readonly (readonly string[])[] => {
  const byIdentity = new Map<Suspects, string[]>();
  for (const [item, suspects] of parted) byIdentity.set(suspects, [...(byIdentity.get(suspects) ?? []), item]);
  for (const [suspects, items] of byIdentity) expect(suspects.size).toBe(items.length);
  return [...byIdentity.values()];
};

describe('suspects', () => {
  it.each([
    [['a'], [['a']]],
    [
      ['a', 'b'],
      [['a'], ['b']],
    ],
    [
      ['a', 'b', 'c', 'd', 'e'],
      [
        ['a', 'b', 'c'],
        ['d', 'e'],
      ],
    ],
    [[], []],
  ])('%j part in halves', (items, expected) => {
    expect(groups(halve(items).map(({ item, suspects }) => [item, suspects] as const))).toEqual(expected);
  });

  it('are alone after the logarithm of their number', () => {
    let items = Array.from({ length: 1_000 }, (_, index) => index);
    let halvings = 0;
    for (; items.length > 1; halvings++) {
      const parted = halve(items);
      items = parted.flatMap(({ item, suspects }) => (suspects === parted[0]?.suspects ? [item] : []));
    }
    expect(halvings).toBe(10);
  });

  it('of a dead process are those that shared its last execution and have no outcome', () => {
    const left = [
      { goal: 'a', batch: 'one', state: 'running' },
      { goal: 'b', batch: 'one', state: 'queued' },
      { goal: 'c', batch: 'two', state: 'running' },
      { goal: 'd', batch: null, state: 'running' },
      { goal: 'e', batch: 'one', state: 'succeeded' },
      { goal: 'f', batch: 'two', state: 'failed' },
    ] as const;
    expect(groups(suspectsOf(left))).toEqual([['a'], ['b'], ['c']]);
  });
});
