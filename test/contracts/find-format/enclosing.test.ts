import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isEnclosing, isSpaced } from '../../../src/contracts/find-format/enclosing.ts';

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

describe('quotes around cells', () => {
  it('are those that a regular expression finds', () => {
    const texts = fc.array(fc.constantFrom('"', ',', ' ', '\t', 'a', '\n', '||'), { maxLength: 12 });
    fc.assert(
      fc.property(texts, fc.constantFrom(',', '\t', ' ', '||'), (parts, delimiter) => {
        const text = parts.join('');
        const marks = { quote: '"', delimiter };
        const edge = `(?:^|$|[ \\t]*${escaped(delimiter)}[ \\t]*)`;
        expect(isEnclosing(text, marks)).toBe(new RegExp(`${edge}"[^\\n]*?"${edge}`, 'm').test(text));
        expect(isSpaced(text, marks)).toBe(new RegExp(`${escaped(delimiter)}[ \\t]+"`).test(text));
      }),
      { numRuns: 3000, seed: 13 },
    );
  });

  it.each([' ', '\t', ',"a', '"', ', '])('are looked for once in a sample of %j', (part) => {
    const text = part.repeat(256 * 1024);
    expect(isEnclosing(text, { quote: "'", delimiter: '\t' })).toBe(false);
    expect(isSpaced(text, { quote: "'", delimiter: '\t' })).toBe(false);
    expect(isSpaced(text, { quote: '"', delimiter: '|' })).toBe(false);
  });
});
