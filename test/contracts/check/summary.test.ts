import { describe, expect, it } from 'vitest';
import type { CheckResult, Violation } from '#contracts';
import { summaryOf } from '../../../src/contracts/check/summary.ts';

const violation = (sentence: string, more: Partial<Violation> = {}): Violation => ({
  expectation: 'x',
  category: 'out-of-range',
  severity: 'fail',
  rows: 2,
  share: 0.1,
  sentence,
  ...more,
});
const summary = (
  violations: readonly Violation[],
  rows: CheckResult['rows'] = { in: 10, good: 7, bad: 2, rejected: 1 },
): string => summaryOf({ rows, verdict: 'fail', violations });

describe('the summary of a check', () => {
  it('counts the rows, then says the worst first', () => {
    const violations = [
      violation('a is at least 0', { rows: 1 }),
      violation('b is never empty', { severity: 'warn', rows: 9 }),
      violation('a quote is never closed', { category: 'structure', rows: 3 }),
      violation('c is text'),
      violation('d is text', { rows: 1 }),
    ];
    expect(summary(violations)).toBe(
      '10 rows: 7 good, 2 bad, 1 unreadable; a quote is never closed (3 rows); c is text (not in 2 rows); a is at least 0 (not in 1 row); and 2 more problems',
    );
  });

  it('says of the whole file what was found in it', () => {
    expect(summary([violation('the mean of a is at most 1; found 5', { rows: 10 })])).toMatch(/; found 5$/);
  });

  it('says that there were no rows, and that all are good', () => {
    expect(summary([], { in: 0, good: 0, bad: 0, rejected: 0 })).toBe('no rows');
    expect(summary([], { in: 1, good: 1, bad: 0, rejected: 0 })).toBe('1 row: 1 good');
  });
});
