import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maybeChiSquare } from '../../../src/monitor/drift/chi-square.ts';
import { maybeExactDistanceTail } from '../../../src/monitor/drift/exact-tests.ts';
import { fisherExact, moreUnseen } from '../../../src/monitor/drift/fisher.ts';
import { kolmogorovSmirnov } from '../../../src/monitor/drift/kolmogorov-smirnov.ts';
import { chiSquareTail, kolmogorovTail, logGamma, normalTail } from '../../../src/monitor/drift/probability.ts';
import { significanceLimits } from '../../../src/monitor/drift/significance-limits.ts';

const sorted = (...values: number[]): Float64Array => Float64Array.from(values).sort();

describe('chances', () => {
  it('agree with tables of the chi-square distribution', () => {
    expect(chiSquareTail(3.841458820694124, 1)).toBeCloseTo(0.05, 12);
    expect(chiSquareTail(16.918977604620448, 9)).toBeCloseTo(0.05, 12);
    expect(chiSquareTail(0.001, 9)).toBeCloseTo(1, 12);
    expect(chiSquareTail(0, 3)).toBe(1);
  });

  it('agree with tables of the normal distribution', () => {
    expect(normalTail(1.6448536269514722)).toBeCloseTo(0.05, 12);
    expect(normalTail(-1.6448536269514722)).toBeCloseTo(0.95, 12);
    expect(normalTail(0)).toBe(0.5);
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
    expect(kolmogorovSmirnov(sorted(1, 2), sorted(1, 2))).toMatchObject({ effect: 0, pValue: 1 });
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
  const bins = (...rows: readonly (readonly [number, number])[]) =>
    rows.map(([reference, current]) => ({ reference, current }));

  it('agrees with the textbook where rows are many', () => {
    const result = maybeChiSquare(bins([1000, 1090], [2000, 1910]));
    const textbook = chiSquareTail((90 ** 2 * 6000) / (2090 * 3910), 1);
    expect(result?.pValue).toBeCloseTo(textbook, 2);
    expect(result?.effect).toBeCloseTo(0.03, 12);
  });

  it('is sure neither of rare categories nor of equal shares', () => {
    const rare = maybeChiSquare(bins([50, 50], [40, 40], [4, 3], [3, 4], [3, 3]));
    expect(rare?.pValue).toBeGreaterThan(0.9);
    expect(maybeChiSquare(bins([60, 60], [39, 39], [1, 1]))).toMatchObject({ effect: 0, pValue: expect.closeTo(1, 9) });
  });

  it('finds few rows of one category among very many categories', () => {
    const even = Array.from({ length: 200 }, (_, at) => [500, at === 7 ? 30 : 0] as const);
    expect(maybeChiSquare(bins(...even))?.pValue).toBeLessThan(1e-9);
  });

  it('says nothing about a column that always is the same', () => {
    expect(maybeChiSquare(bins([100, 90]))).toBeUndefined();
  });
});

describe('categories never seen', () => {
  it('are news where every known one was common, and expected where many stood once', () => {
    expect(moreUnseen({ count: 0, of: 700 }, { count: 10, of: 100 }).pValue).toBeLessThan(1e-8);
    expect(moreUnseen({ count: 70, of: 700 }, { count: 10, of: 100 })).toMatchObject({ effect: 0, pValue: 1 });
  });
});

describe("Fisher's exact test", () => {
  it('agrees with the lady tasting tea', () => {
    expect(fisherExact({ count: 3, of: 4 }, { count: 1, of: 4 })).toMatchObject({
      effect: 0.5,
      pValue: expect.closeTo(34 / 70, 10),
    });
  });

  it('does not shout at one row of a new category, and does at ten', () => {
    expect(fisherExact({ count: 0, of: 700 }, { count: 1, of: 100 }).pValue).toBeCloseTo(0.125, 10);
    expect(fisherExact({ count: 0, of: 700 }, { count: 10, of: 100 }).pValue).toBeLessThan(1e-8);
    expect(fisherExact({ count: 0, of: 700 }, { count: 0, of: 100 }).pValue).toBeCloseTo(1, 9);
    expect(fisherExact({ count: 700, of: 700 }, { count: 100, of: 100 })).toMatchObject({
      effect: 0,
      pValue: expect.closeTo(1, 9),
    });
  });
});

describe('the correction of Benjamini and Hochberg', () => {
  const significant = (pValues: readonly number[]) => {
    const limits = significanceLimits(pValues, 0.05);
    return pValues.map((pValue, at) => pValue <= (limits[at] ?? 0));
  };

  it('lets through what is below its rank, and all that is smaller', () => {
    expect(significant([0.01, 0.04, 0.03, 0.005])).toEqual([true, true, true, true]);
    expect(significant([0.04, 0.9, 0.9, 0.9])).toEqual([false, false, false, false]);
    expect(significant([0.9, 0.024, 0.012, 0.9])).toEqual([false, true, true, false]);
    expect(significant([])).toEqual([]);
  });

  it('says for each test up to which probability it would be significant', () => {
    const probabilities = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(probabilities, (hundredths) => {
        const pValues = hundredths.map((value) => value / 400);
        for (const [at, limit] of significanceLimits(pValues, 0.05).entries()) {
          expect(significant(pValues.with(at, limit))[at]).toBe(true);
          expect(significant(pValues.with(at, limit + 1e-9))[at]).toBe(false);
        }
      }),
      { seed: 5 },
    );
  });
});

describe('the smallest effect that is significant', () => {
  const [m, n] = [700, 60];
  const even = (count: number) => Float64Array.from({ length: count }, (_, at) => (at + 0.5) / count);
  const whole = (values: Float64Array) => values.map((value) => Math.floor(value * 12));

  it.each([
    ['numbers', even(n).map((value) => value + 0.1), even(m), 0.05],
    ['numbers', even(n), even(m), 0.004],
    ['numbers far off', even(n).map((value) => value + 0.8), even(m), 1e-5],
    ['whole numbers', whole(even(n).map((value) => value + 0.1)), whole(even(m)), 0.004],
    ['whole numbers', whole(even(n)), whole(even(m)), 0.02],
  ])('of a distance is where its probability is small enough: %s', (_, current, reference, pValueMax) => {
    const smallest = kolmogorovSmirnov(reference, current).smallestEffect(pValueMax);
    const tail = (distance: number) => maybeExactDistanceTail({ reference, current }, distance) ?? 0;
    expect(tail(smallest * 0.95)).toBeGreaterThan(pValueMax);
    expect(tail(smallest * 1.05)).toBeLessThan(pValueMax);
  });

  it.each([
    ['more', 0, 700, 0],
    ['less', 70, 700, 3],
    ['more', 70, 700, 20],
    ['more', 350, 700, 30],
    ['less', 690, 700, 50],
  ])('of two shares is the next count that is significant: %s than %i of %i, from %i of 60', (way, count, of, now) => {
    const reference = { count, of };
    const isSignificant = (found: number) => fisherExact(reference, { count: found, of: n }).pValue <= 0.01;
    const smallest = fisherExact(reference, { count: now, of: n }).smallestEffect(0.01);
    const sign = way === 'more' ? 1 : -1;
    const reached = (count / of + sign * smallest) * n;
    expect([isSignificant(Math.round(reached)), isSignificant(Math.round(reached) - sign)]).toEqual([true, false]);
  });

  it('of categories is where shares moved further in the same direction are significant', () => {
    const shares = [0.4, 0.3, 0.2, 0.1];
    const direction = [-0.05, 0.02, 0.02, 0.01];
    const by = (factor: number) =>
      shares.map((share, at) => ({
        reference: share * 20_000,
        current: (share + factor * (direction[at] ?? 0)) * 2000,
      }));
    const { effect = 0, smallestEffect } = maybeChiSquare(by(1)) ?? {};
    const factor = (smallestEffect?.(0.004) ?? 0) / effect;
    expect(maybeChiSquare(by(factor * 0.98))?.pValue).toBeGreaterThan(0.004);
    expect(maybeChiSquare(by(factor * 1.02))?.pValue).toBeLessThan(0.004);
    expect(maybeChiSquare(by(0))?.smallestEffect(0.004)).toBeCloseTo(
      Math.sqrt(13.316 * (1 / 20_000 + 1 / 2000)) / 2,
      4,
    );
  });

  it('of new categories is a share above the one expected', () => {
    const once = { count: 70, of: 705 };
    const isSignificant = (count: number) => fisherExact(once, { count, of: 100 }).pValue <= 0.004;
    const smallest = moreUnseen(once, { count: 2, of: 100 }).smallestEffect(0.004);
    const count = Math.round((smallest + 70 / 705) * 100);
    expect(count).toBeGreaterThan(10);
    expect([isSignificant(count - 1), isSignificant(count)]).toEqual([false, true]);
  });

  it('is 1 where no number of rows would do', () => {
    expect(fisherExact({ count: 1, of: 2 }, { count: 1, of: 2 }).smallestEffect(0.004)).toBe(1);
  });
});
