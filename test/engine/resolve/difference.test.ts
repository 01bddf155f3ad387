import { describe, expect, it } from 'vitest';
import { type Difference, describeDifference, type Json } from '#engine';

const param = (before: Json | undefined, after: Json | undefined): Difference => ({
  ...{ kind: 'param', name: 'estimator' },
  ...(before === undefined ? {} : { before }),
  ...(after === undefined ? {} : { after }),
});

describe('the sentence about a param', () => {
  it('names the place in a record that changed', () => {
    const before = { kind: 'knn', settings: { k: 10, weights: ['a', 'b'] } };
    expect(describeDifference(param(before, { settings: { weights: ['a', 'c'], k: 3 }, kind: 'knn' }))).toBe(
      'param estimator.settings.k 10 → 3, estimator.settings.weights.1 "b" → "c"',
    );
  });

  it('names what is new and what is gone', () => {
    expect(describeDifference(param({ k: 10 }, { depth: null }))).toBe(
      'param estimator.k is gone; it was 10, estimator.depth is new: null',
    );
    expect(describeDifference(param(undefined, 1))).toBe('param estimator is new: 1');
  });

  it('shows both values whole when they have another shape', () => {
    expect(describeDifference(param(['a'], ['a', 'b']))).toBe('param estimator ["a"] → ["a","b"]');
    expect(describeDifference(param({ k: 1 }, [1]))).toBe('param estimator {"k":1} → [1]');
    expect(describeDifference(param({ k: 1 }, null))).toBe('param estimator {"k":1} → null');
  });

  it('counts the changes beyond the first five', () => {
    const record = (value: number): Json => Object.fromEntries([...'abcdefg'].map((name) => [name, value]));
    expect(describeDifference(param(record(1), record(2)))).toMatch(/estimator\.e 1 → 2 and 2 more$/);
  });
});
