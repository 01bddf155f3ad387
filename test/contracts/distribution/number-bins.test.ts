import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  binsOfSorted,
  comparedBins,
  countUpTo,
  edgesOf,
  justBelow,
  rowsUpTo,
  uppersOf,
} from '../../../src/contracts/distribution/number-bins.ts';

// Adding zero makes one zero of two.
const sorted = (values: readonly number[]): Float64Array => Float64Array.from(values, (value) => value + 0).sort();
const sum = (rows: readonly number[]): number => rows.reduce((all, count) => all + count, 0);

/** Numbers as columns have them: few values, many values, and values that fill much of a column among many. */
const columns = fc
  .record({
    spread: fc.constantFrom(1, 3, 40, 500, 1e6, 1e300),
    heavy: fc.array(fc.integer({ min: -5, max: 50 }), { maxLength: 3 }),
    rows: fc.array(fc.tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.nat(5)), { minLength: 1, maxLength: 600 }),
  })
  .map(({ spread, heavy, rows }) =>
    sorted(
      rows.map(([value, choice]) => heavy[choice] ?? (spread < 1e5 ? Math.round(value * spread) : value * spread)),
    ),
  );

describe('bins of numbers', () => {
  it('hold every row once, each between its edges', () => {
    fc.assert(
      fc.property(columns, (values) => {
        for (const bins of [binsOfSorted(values), comparedBins(binsOfSorted(values))]) {
          expect(sum(bins.rows)).toBe(values.length);
          expect([bins.edges[0], bins.edges.at(-1)]).toEqual([values[0], values.at(-1)]);
          const uppers = uppersOf(bins.edges);
          let below = 0;
          for (const [bin, rows] of bins.rows.entries()) {
            below += rows;
            expect(countUpTo(values, uppers[bin] ?? 0)).toBe(below);
          }
        }
      }),
      { seed: 3, numRuns: 200 },
    );
  });

  it('give a bin of its own to each of few values, and to a value that fills much of the column', () => {
    expect(binsOfSorted(sorted([0, 1, 1, 0, 0]))).toEqual({ edges: [0, 0, 1, 1], rows: [3, 0, 2] });
    const half = sorted(Array.from({ length: 1000 }, (_, at) => (at % 2 === 0 ? 300.5 : at)));
    const { edges, rows } = comparedBins(binsOfSorted(half));
    const alone = edges.findIndex((edge, at) => edge === edges[at + 1]);
    expect([edges[alone], rows[alone]]).toEqual([300.5, 500]);
  });

  it('compare by about ten bins, however many values there are', () => {
    const even = comparedBins(binsOfSorted(sorted(Array.from({ length: 5000 }, (_, at) => at / 7))));
    expect(even.rows).toHaveLength(10);
    for (const rows of even.rows) expect(Math.abs(rows - 500)).toBeLessThanOrEqual(50);
    // A hundred values of one per cent each: none is heavy, and none is split.
    const lattice = comparedBins(binsOfSorted(sorted(Array.from({ length: 5000 }, (_, at) => at % 100))));
    expect(lattice.rows).toEqual(new Array(10).fill(500));
  });

  it('say exactly how many rows lie up to an edge, and within a hundredth elsewhere', () => {
    fc.assert(
      fc.property(columns, fc.double({ min: -1, max: 1, noNaN: true }), (values, at) => {
        const bins = binsOfSorted(values);
        for (const upper of uppersOf(bins.edges)) expect(rowsUpTo(bins, upper)).toBe(countUpTo(values, upper));
        const value = at * Math.max(Math.abs(values[0] ?? 0), Math.abs(values.at(-1) ?? 0));
        const largest = Math.max(...bins.rows.filter((_, bin) => bins.edges[bin] !== bins.edges[bin + 1]), 0);
        expect(Math.abs(rowsUpTo(bins, value) - countUpTo(values, value))).toBeLessThanOrEqual(largest);
      }),
      { seed: 5, numRuns: 200 },
    );
  });

  it('keep an edge at most twice', () => {
    expect(edgesOf([0, 0, 0, 1, 2, 2])).toEqual([0, 0, 1, 2, 2]);
  });

  it('end just below a value that stands alone', () => {
    for (const value of [1, -1, 0, 1e300, -1e-300, 5e-324]) {
      expect(justBelow(value)).toBeLessThan(value);
      expect((justBelow(value) + value) / 2 === value || (justBelow(value) + value) / 2 === justBelow(value)).toBe(
        true,
      );
    }
  });
});
