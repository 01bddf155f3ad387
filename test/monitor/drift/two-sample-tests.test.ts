import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { benjaminiHochberg } from '../../../src/monitor/drift/benjamini-hochberg.ts';
import { chiSquareTail, chiSquareThreshold, kolmogorovTail, logGamma } from '../../../src/monitor/drift/probability.ts';
import {
  fisherExact,
  kolmogorovSmirnov,
  maybeChiSquare,
  maybeStabilityIndex,
} from '../../../src/monitor/drift/two-sample-tests.ts';

const sorted = (...values: number[]): Float64Array => Float64Array.from(values).sort();

describe('chances', () => {
  it('agree with tables of the chi-square distribution', () => {
    expect(chiSquareTail(3.841458820694124, 1)).toBeCloseTo(0.05, 12);
    expect(chiSquareTail(16.918977604620448, 9)).toBeCloseTo(0.05, 12);
    expect(chiSquareTail(0.001, 9)).toBeCloseTo(1, 12);
    expect(chiSquareTail(0, 3)).toBe(1);
    expect(chiSquareThreshold(0.05, 9)).toBeCloseTo(16.918977604620448, 9);
    expect(chiSquareThreshold(0.01, 1)).toBeCloseTo(6.634896601021213, 9);
  });

  it('follow the closed form for two degrees of freedom, far out as well', () => {
    for (const value of [0.1, 1, 3.9, 4.1, 20, 200, 1000]) {
      expect(chiSquareTail(value, 2) / Math.exp(-value / 2)).toBeCloseTo(1, 10);
    }
  });

  it('agree with tables of Kolmogorov and of the gamma function', () => {
    expect(kolmogorovTail(1.3580986393225505)).toBeCloseTo(0.05, 9);
    expect(kolmogorovTail(1.6276236115189504)).toBeCloseTo(0.01, 9);
    expect([kolmogorovTail(0), kolmogorovTail(10)]).toEqual([1, expect.closeTo(0, 12)]);
    expect(logGamma(11)).toBeCloseTo(Math.log(3_628_800), 11);
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 12);
  });
});

describe('Kolmogorov and Smirnov', () => {
  it('measures the largest distance of the distributions, ties taken together', () => {
    expect(kolmogorovSmirnov(sorted(1, 2, 3, 4), sorted(3, 4, 5, 6)).effect).toBe(0.5);
    expect(kolmogorovSmirnov(sorted(1, 1, 1, 2), sorted(1, 2, 2, 2)).effect).toBe(0.5);
    expect(kolmogorovSmirnov(sorted(1, 2), sorted(1, 2))).toEqual({ effect: 0, pValue: 1 });
  });

  it('equals the definition for any numbers', () => {
    const numbers = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(numbers, numbers, (reference, current) => {
        const share = (values: number[], at: number) => values.filter((value) => value <= at).length / values.length;
        const distances = [...reference, ...current].map((at) => Math.abs(share(reference, at) - share(current, at)));
        const { effect } = kolmogorovSmirnov(sorted(...reference), sorted(...current));
        expect(effect).toBeCloseTo(Math.max(...distances), 12);
      }),
      { seed: 4 },
    );
  });
});

describe('the two-sample chi-square', () => {
  it('agrees with the textbook', () => {
    const result = maybeChiSquare({ reference: [10, 20], current: [20, 10] });
    // 60 (10² − 20²)² / 30⁴ = 6.667
    expect(result?.pValue).toBeCloseTo(chiSquareTail(60 / 9, 1), 12);
    expect(result?.effect).toBeCloseTo(1 / 3, 12);
  });

  it('counts rare categories together, and loses no row', () => {
    const result = maybeChiSquare({ reference: [50, 40, 4, 3, 3], current: [50, 40, 3, 4, 3] });
    expect(result).toEqual({ effect: 0, pValue: 1 });
    const lone = maybeChiSquare({ reference: [60, 39, 1], current: [60, 39, 1] });
    expect(lone).toEqual({ effect: 0, pValue: 1 });
  });

  it('says nothing about a column that always is the same', () => {
    expect(maybeChiSquare({ reference: [100], current: [90] })).toBeUndefined();
    expect(maybeChiSquare({ reference: [100, 1], current: [90, 0] })).toBeUndefined();
  });
});

describe("Fisher's exact test", () => {
  it('agrees with the lady tasting tea', () => {
    expect(fisherExact({ count: 3, of: 4 }, { count: 1, of: 4 })).toEqual({
      effect: 0.5,
      pValue: expect.closeTo(34 / 70, 10),
    });
  });

  it('does not shout at one row of a new category, and does at ten', () => {
    expect(fisherExact({ count: 0, of: 700 }, { count: 1, of: 100 }).pValue).toBeCloseTo(0.125, 10);
    expect(fisherExact({ count: 0, of: 700 }, { count: 10, of: 100 }).pValue).toBeLessThan(1e-8);
    expect(fisherExact({ count: 0, of: 700 }, { count: 0, of: 100 }).pValue).toBeCloseTo(1, 9);
    expect(fisherExact({ count: 700, of: 700 }, { count: 100, of: 100 })).toEqual({
      effect: 0,
      pValue: expect.closeTo(1, 9),
    });
  });
});

describe('the stability index', () => {
  const uniform = (count: number, shift = 0) =>
    Float64Array.from({ length: count }, (_, index) => (index + 0.5) / count + shift);

  it('is near zero for the same distribution and large for another', () => {
    expect(maybeStabilityIndex({ reference: uniform(1000), current: uniform(1000) }, 0.05)?.value).toBeCloseTo(0, 6);
    const shifted = maybeStabilityIndex({ reference: uniform(1000), current: uniform(1000, 0.3) }, 0.05);
    expect(shifted?.value).toBeGreaterThan(1);
  });

  it('has a threshold that falls with the number of rows', () => {
    const thresholdOf = (m: number, n: number) =>
      maybeStabilityIndex({ reference: uniform(m), current: uniform(n) }, 0.05)?.threshold;
    expect(thresholdOf(700, 100)).toBeCloseTo(16.918977604620448 * (1 / 700 + 1 / 100), 9);
    expect(thresholdOf(5000, 5000)).toBeCloseTo(16.918977604620448 * (2 / 5000), 9);
  });

  it('takes fewer bins for few rows, none for too few, and one edge for a value that fills several', () => {
    const bins = (reference: Float64Array, current: Float64Array) =>
      maybeStabilityIndex({ reference, current }, 0.05)?.bins;
    expect([
      bins(uniform(700), uniform(100)),
      bins(uniform(700), uniform(35)),
      bins(uniform(700), uniform(19)),
    ]).toEqual([10, 3, undefined]);
    const half = Float64Array.from({ length: 1000 }, (_, index) => Math.max(0, index - 500));
    expect(bins(half, half)).toBe(6);
    expect(bins(new Float64Array(100), new Float64Array(100))).toBeUndefined();
  });
});

describe('Benjamini and Hochberg', () => {
  it('lets through what stands below its rank, and all that is smaller', () => {
    expect(benjaminiHochberg([0.01, 0.04, 0.03, 0.005], 0.05)).toEqual([true, true, true, true]);
    expect(benjaminiHochberg([0.04, 0.9, 0.9, 0.9], 0.05)).toEqual([false, false, false, false]);
    expect(benjaminiHochberg([0.9, 0.024, 0.012, 0.9], 0.05)).toEqual([false, true, true, false]);
    expect(benjaminiHochberg([], 0.05)).toEqual([]);
  });
});
