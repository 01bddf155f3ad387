import { describe, expect, it } from 'vitest';
import { toSizeText } from '../../src/store/size-text.ts';

describe('a size in bytes', () => {
  it.each([
    [0, '0 B'],
    [1000, '1,000 B'],
    [1023, '1,023 B'],
    [1024, '1 KB'],
    [1536, '1.5 KB'],
    [1_000_000, '976.6 KB'],
    [1024 ** 2, '1 MB'],
    [1024 ** 3, '1 GB'],
    [5 * 1024 ** 5, '5,120 TB'],
  ])('of %i is %s', (bytes, text) => {
    expect(toSizeText(bytes)).toBe(text);
  });
});
