import { describe, expect, it } from 'vitest';
import { toRowFacts } from '../../../src/web/pages/data/row-facts.ts';

describe('the rows of a checked file', () => {
  it('are counted by what became of them', () => {
    const rows = { in: 1200, good: 1000, bad: 150, rejected: 50 };
    expect(toRowFacts({ verdict: 'fail', rows }).map(({ value }) => value)).toEqual(['1,200', '1,000', '150', '50']);
  });

  it('are unknown in a quarantined file, not zero', () => {
    const facts = toRowFacts({ verdict: 'quarantined', rows: { in: 0, good: 0, bad: 0, rejected: 0 } });
    expect(facts).toEqual([{ name: 'Rows', value: 'Not counted: the file is kept whole' }]);
  });
});
