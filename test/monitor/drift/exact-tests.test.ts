import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maybeChiSquare } from '../../../src/monitor/drift/chi-square.ts';
import { maybeExactChiSquareTail, maybeExactDistanceTail } from '../../../src/monitor/drift/exact-tests.ts';
import { fisherExact } from '../../../src/monitor/drift/fisher.ts';
import { kolmogorovSmirnov } from '../../../src/monitor/drift/kolmogorov-smirnov.ts';

/** Numbers spread evenly, the same in every language. */
const spread = (count: number, { step, shift = 0 }: { readonly step: number; readonly shift?: number }) =>
  Float64Array.from({ length: count }, (_, at) => (((at + 1) * step) % 1) + shift).sort();
const inBins = ([reference, current]: readonly [readonly number[], readonly number[]]) =>
  reference.map((rows, at) => ({ reference: rows, current: current[at] ?? 0 }));

/** Every choice of `some` of the places from 0 to `all`. */
function* choices(all: number, some: number, first = 0): Generator<readonly number[]> {
  if (some === 0) yield [];
  else
    for (let at = first; at <= all - some; at += 1)
      for (const rest of choices(all, some - 1, at + 1)) yield [at, ...rest];
}

/** The share of all divisions of the values in which `apart` is as large as in the one given. */
function shareOfDivisions<T>(
  { reference, current }: { readonly reference: readonly T[]; readonly current: readonly T[] },
  apart: (reference: readonly T[], current: readonly T[]) => number,
): number {
  const all = [...reference, ...current];
  const observed = apart(reference, current);
  let [as, tried] = [0, 0];
  for (const chosen of choices(all.length, current.length)) {
    const isChosen = new Set(chosen);
    const [one, other] = [all.filter((_, at) => !isChosen.has(at)), all.filter((_, at) => isChosen.has(at))];
    tried += 1;
    if (apart(one, other) >= observed - 1e-9) as += 1;
  }
  return as / tried;
}

describe('the exact probability of a distance', () => {
  // ks_2samp(method='exact') of SciPy 1.17.1.
  it.each([
    [7, 5, 0.2, 0.6388888888888888],
    [30, 30, 0.1, 0.9988393756362763],
    [100, 40, 0.15, 0.349817735774034],
    [700, 50, 0.12, 0.19808784502869245],
    [700, 100, 0.1, 0.22758366734114652],
    [1000, 999, 0.03, 0.6668334336238564],
    [3000, 100, 0.13, 0.040204995842456494],
  ])('equals that of SciPy for %i numbers against %i, moved by %f', (m, n, shift, expected) => {
    const reference = spread(m, { step: 0.6180339887498949 });
    const current = spread(n, { step: 0.41421356237309515, shift });
    expect(Math.abs(kolmogorovSmirnov(reference, current).pValue - expected)).toBeLessThan(1e-9);
  });

  it('is the share of all divisions of the values, with any ties', () => {
    const few = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 6 });
    const apart = (one: readonly number[], other: readonly number[]) => {
      const share = (values: readonly number[], at: number) =>
        values.filter((value) => value <= at).length / values.length;
      return Math.max(...[...one, ...other].map((at) => Math.abs(share(one, at) - share(other, at))));
    };
    fc.assert(
      fc.property(few, few, (reference, current) => {
        const sides = { reference: Float64Array.from(reference).sort(), current: Float64Array.from(current).sort() };
        const found = maybeExactDistanceTail(sides, apart(reference, current));
        expect(found).toBeCloseTo(shareOfDivisions({ reference, current }, apart), 12);
      }),
      { seed: 11, numRuns: 60 },
    );
  });

  it('is not counted where that takes too long', () => {
    const [one, other] = [spread(9000, { step: 0.618 }), spread(9000, { step: 0.414 })];
    expect(maybeExactDistanceTail({ reference: one, current: other }, 0.9)).toBeUndefined();
    expect(kolmogorovSmirnov(one, other).pValue).toBeGreaterThan(0.5);
  });
});

describe('the exact probability of a table', () => {
  it('is the share of all divisions of the rows', () => {
    const few = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 6 });
    const counted = (values: readonly number[]) =>
      [0, 1, 2, 3].map((name) => values.filter((value) => value === name).length);
    const chiSquare = (one: readonly number[], other: readonly number[]) => {
      const [a, b] = [counted(one), counted(other)];
      const share = other.length / (one.length + other.length);
      return a.reduce((sum, rows, at) => {
        const all = rows + (b[at] ?? 0);
        return all === 0 ? sum : sum + ((b[at] ?? 0) - all * share) ** 2 / all;
      }, 0);
    };
    fc.assert(
      fc.property(few, few, (reference, current) => {
        const categories = inBins([counted(reference), counted(current)]).filter(
          (bin) => bin.reference + bin.current > 0,
        );
        const found = maybeExactChiSquareTail(categories, 10_000);
        expect(found).toBeCloseTo(shareOfDivisions({ reference, current }, chiSquare), 10);
      }),
      { seed: 12, numRuns: 60 },
    );
  });

  it('is not counted where there are too many tables', () => {
    const many = inBins([new Array<number>(30).fill(40), new Array<number>(30).fill(4)]);
    expect(maybeExactChiSquareTail(many, 200_000)).toBeUndefined();
    expect(maybeChiSquare(many)?.pValue).toBeGreaterThan(0.9);
  });
});

describe('the usual probabilities', () => {
  // chi2_contingency(correction=False) of SciPy 1.17.1, where tables are too many to count.
  it.each([
    [[500, 300, 200, 100], [140, 110, 90, 50], 0.0032867268158309863],
    [[5, 9, 12, 30, 44], [50, 41, 40, 60, 78], 0.0010855223171647925],
  ] as const)('of chi-square equal those of SciPy: %j against %j', (reference, current, expected) => {
    const found = maybeChiSquare(inBins([reference, current]))?.pValue ?? 0;
    expect(Math.abs(found - expected)).toBeLessThan(1e-9);
  });

  // fisher_exact of SciPy 1.17.1.
  it.each([
    [[3, 1], [1, 3], 0.48571428571428565],
    [[0, 700], [3, 97], 0.0019020486133983266],
    [[20, 680], [9, 91], 0.0060812731642670755],
    [[300, 400], [30, 70], 0.01664389158596541],
    [[1, 29], [8, 22], 0.025690734963116434],
  ] as const)('of Fisher equal those of SciPy: %j against %j', (reference, current, expected) => {
    const share = ([count, others]: readonly [number, number]) => ({ count, of: count + others });
    expect(Math.abs(fisherExact(share(reference), share(current)).pValue - expected)).toBeLessThan(1e-9);
  });
});
