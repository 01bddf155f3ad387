import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../../src/contracts/patterns/compile-pattern.ts';
import { maybeExampleOf } from '../../../src/contracts/patterns/example-of-pattern.ts';

describe('an example of a pattern', () => {
  it.each([
    ['[A-Z]{2}[0-9]+', 'AA1'],
    ['H-\\d{4}', 'H-1111'],
    ['(?:North|South) [A-Z]{2}', 'North AA'],
    ['^(a|b)?c$', 'c'],
    ['[^a-z]{3,5}', 'AAA'],
    ['\\p{Lu}\\w*', 'A'],
    ['.+@.+\\.org', 'a@a.org'],
    ['a{0}b', 'b'],
    ['(a|a){30}b', `${'a'.repeat(30)}b`],
    ['', ''],
  ])('is a shortest text: %s', (pattern, example) => {
    expect(maybeExampleOf(pattern)).toBe(example);
    expect(compilePattern(pattern).matches(example)).toBe(true);
  });

  it('is as long as the column asks', () => {
    expect(maybeExampleOf('[a-z]+', { lengthMin: 5 })).toBe('aaaaa');
    expect(maybeExampleOf('(ab)+', { lengthMin: 3, lengthMax: 5 })).toBe('abab');
    expect(maybeExampleOf('[a-z]{3}', { lengthMax: 2 })).toBeUndefined();
  });

  it('is none where no text of printable ASCII matches', () => {
    expect(maybeExampleOf('a\\bb')).toBeUndefined();
    expect(maybeExampleOf('語')).toBeUndefined();
    expect(maybeExampleOf('(')).toBeUndefined();
  });
});
