import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAttemptLog } from '../../../src/engine/execute/attempt-log.ts';
import { newLogLines } from '../../../src/engine/records/read-logs.ts';

describe('the new lines of a log', () => {
  it.each([
    ['', 'a\nb', ['a', 'b']],
    ['a\nb', 'a\nb', []],
    ['a\nb', 'a\nb\nc', ['c']],
    ['a\n[stdout] 10 %', 'a\n[stdout] 10 % 20 %', ['[stdout] 10 % 20 %']],
    ['a\n[stdout] open', 'a\nb\n[stdout] open', ['b', '[stdout] open']],
    ['a\nb\nc', 'a\n… 1 lines left out …\nc\nd', ['d']],
    ['a\nb', 'a\n… 3 lines left out …\ne\nf', ['… 2 lines left out …', 'e', 'f']],
    ['a\n… 3 lines left out …\ne', 'a\n… 5 lines left out …\ng', ['… 1 lines left out …', 'g']],
  ])('of %j, once it is %j, are %j', (before, after, lines) => {
    expect(newLogLines(before, after)).toEqual(lines);
  });

  it('together are all that a bounded log ever showed, whenever it is looked at', () => {
    const pieces = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(pieces, (sizes) => {
        const log = createAttemptLog();
        const printed: string[] = [];
        let before = '';
        let count = 0;
        for (const size of sizes) {
          for (let line = 0; line < size; line++) log.add(`line ${count++} ${'x'.repeat(100)}`);
          printed.push(...newLogLines(before, log.text()));
          before = log.text();
        }
        const told = printed.filter((line) => line.startsWith('line'));
        const leftOut = printed.flatMap((line) => /^… (\d+) lines/.exec(line)?.[1] ?? []).map(Number);
        expect(new Set(told).size).toBe(told.length);
        expect(told.length + leftOut.reduce((sum, lines) => sum + lines, 0)).toBe(count);
      }),
      { numRuns: 30 },
    );
  });
});
