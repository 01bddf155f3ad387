import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DuckdbPool } from '#store';
import { divergenceSql, MEASURES, maybeDivergence } from '../../../src/contracts/distribution/divergence.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

let duckdb: DuckdbPool;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
});
afterAll(() => duckdb.close());

describe('maybeDivergence', () => {
  const bins = [
    { reference: 1, current: 3 },
    { reference: 3, current: 1 },
  ];

  it.each([
    ['kolmogorov-smirnov', 0.5],
    ['l-infinity', 0.5],
    // 1 − the entropy of (1/4, 3/4), as the mean is even.
    ['jensen-shannon', 1 - (0.25 * 2 + 0.75 * Math.log2(4 / 3))],
  ] as const)('is of %s what its definition gives', (measure, expected) => {
    expect(maybeDivergence(bins, measure)).toBeCloseTo(expected, 12);
  });

  it('adds up differences on the way, of Kolmogorov and Smirnov alone', () => {
    const drift = [
      { reference: 2, current: 1 },
      { reference: 2, current: 1 },
      { reference: 0, current: 2 },
    ];
    expect(maybeDivergence(drift, 'kolmogorov-smirnov')).toBeCloseTo(0.5, 12);
    expect(
      maybeDivergence(
        drift.toSorted((a, b) => b.current - a.current),
        'l-infinity',
      ),
    ).toBeCloseTo(0.5, 12);
    expect(maybeDivergence([...drift, { reference: 4, current: 4 }], 'l-infinity')).toBeCloseTo(0.25, 12);
  });

  it('lies between nothing and one where nothing or everything differs', () => {
    const same = [{ reference: 5, current: 1 }];
    const apart = [
      { reference: 5, current: 0 },
      { reference: 0, current: 7 },
    ];
    for (const measure of ['kolmogorov-smirnov', 'l-infinity', 'jensen-shannon'] as const) {
      expect(maybeDivergence(same, measure)).toBe(0);
      expect(maybeDivergence(apart, measure)).toBeCloseTo(1, 12);
      expect(maybeDivergence([{ reference: 5, current: 0 }], measure)).toBeUndefined();
    }
  });

  it('is what its SQL gives', async () => {
    const rows = fc.record({ reference: fc.nat(50), current: fc.nat(50) });
    const property = fc.asyncProperty(fc.array(rows, { minLength: 1, maxLength: 12 }), async (given) => {
      const values = given.map(({ reference, current }, bin) => `(${bin}, ${reference}, ${current})`).join(', ');
      for (const measure of MEASURES) {
        const sql = divergenceSql(`(select * from (values ${values}) b(bin, reference, current))`, measure);
        const [found] = await duckdb.use((connection) => connection.all<{ divergence: number | null }>(sql));
        const expected = maybeDivergence(given, measure);
        if (expected === undefined) expect(found?.divergence, measure).toBeNull();
        else expect(found?.divergence, measure).toBeCloseTo(expected, 9);
      }
    });
    await fc.assert(property, { numRuns: propertyRuns(100), seed: 20261130, endOnFailure: true });
  });
});
