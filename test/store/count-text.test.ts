import { describe, expect, it } from 'vitest';
import { toCountText } from '#store';

describe('a count in words', () => {
  it.each([
    [0, '0 rows'],
    [1, '1 row'],
    [999, '999 rows'],
    [1200, '1,200 rows'],
    [-1_234_567, '-1,234,567 rows'],
  ])('has the plural where it wants it: %d', (count, words) => {
    expect(toCountText(count, 'row')).toBe(words);
  });

  it('has a plural of its own', () => {
    expect([1, 2].map((count) => toCountText(count, 'query', 'queries'))).toEqual(['1 query', '2 queries']);
  });
});
