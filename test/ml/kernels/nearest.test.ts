import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { maybeSimdSearcher, searcherOf } from '../../../src/ml/kernels/nearest.ts';
import { findNeighbours, type Search, type SearchSpace } from '../../../src/ml/kernels/neighbours.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';

// Few distinct values make ties; the largest ones make sums overflow.
const value = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: -2, max: 2 }) },
  { weight: 2, arbitrary: fc.float({ noNaN: true, noDefaultInfinity: true, min: -9, max: 9 }) },
  { weight: 1, arbitrary: fc.constantFrom(1e18, -1e18, 1e-40, -0) },
);

interface Case {
  readonly space: SearchSpace;
  readonly search: Search;
}

function cases(options: { rowsMax: number; widthMax: number; queriesMax: number }): fc.Arbitrary<Case> {
  const numbers = (length: number) =>
    fc.array(value, { minLength: length, maxLength: length }).map((values) => Float32Array.from(values));
  return fc
    .record({
      rowCount: fc.integer({ min: 1, max: options.rowsMax }),
      width: fc.integer({ min: 1, max: options.widthMax }),
      queryCount: fc.integer({ min: 0, max: options.queriesMax }),
      k: fc.nat(),
    })
    .chain(({ rowCount, width, queryCount, k }) =>
      fc.record({
        space: numbers(rowCount * width).map((rows) => ({ rows, rowCount, width })),
        search: numbers(queryCount * width).map((queries) => ({ queries, queryCount, k: 1 + (k % rowCount) })),
      }),
    );
}

describe('the SIMD search', () => {
  it('finds what plain TypeScript finds, bit for bit', () => {
    fc.assert(
      fc.property(cases({ rowsMax: 70, widthMax: 6, queriesMax: 5 }), ({ space, search }) => {
        const simd = maybeSimdSearcher(space);
        expect(simd?.(search)).toEqual(findNeighbours(space, search));
        // By boxes at first, and without them from then on when most blocks had neighbours.
        expect(simd?.(search)).toEqual(findNeighbours(space, search));
      }),
      { numRuns: propertyRuns(400) },
    );
  });

  it('does so over many blocks, tiles and chunks of queries, with any k', () => {
    const rows = Float32Array.from(
      { length: 5000 * 9 },
      (_, index) => Math.sin(index * 12.9898) * 4 + ((index * 7) % 5),
    );
    const space = { rows, rowCount: 5000, width: 9 };
    const simd = maybeSimdSearcher(space);
    for (const [queryCount, k] of [
      [600, 3],
      [1, 5000],
      [257, 40],
      [2, 1],
    ] as const) {
      const search = { queries: rows.slice(90, 90 + queryCount * 9).map((number) => number + 0.5), queryCount, k };
      expect(simd?.(search)).toEqual(findNeighbours(space, search));
    }
  });

  it('does so among rows in clusters and among many equal ones, whose boxes hide most blocks', () => {
    const [width, rowCount] = [5, 3000];
    const clusters = Float32Array.from({ length: rowCount * width }, (_, at) => {
      const [row, column] = [Math.floor(at / width), at % width];
      return (row % 7) * 10 + Math.sin(row * 0.7 + column) * (row % 3);
    });
    const space = { rows: clusters, rowCount, width };
    const simd = maybeSimdSearcher(space);
    for (const k of [1, 17, 450]) {
      const search = { queries: clusters.slice(0, 300 * width).map((number) => number + 0.25), queryCount: 300, k };
      expect(simd?.(search)).toEqual(findNeighbours(space, search));
    }
  });

  it('keeps a distance that overflows, at the largest number, lowest row first', () => {
    const width = 400;
    const space = { rows: new Float32Array(20 * width).fill(-1e18), rowCount: 20, width };
    const search = { queries: new Float32Array(width).fill(1e18), queryCount: 1, k: 18 };
    const found = maybeSimdSearcher(space)?.(search);
    expect(found).toEqual(findNeighbours(space, search));
    expect([...(found?.rowNumbers ?? [])]).toEqual(Array.from({ length: 18 }, (_, row) => row));
    expect(found?.distances.every((distance) => distance === Math.fround(3.4028234663852886e38))).toBe(true);
  });
});

describe('a searcher', () => {
  const runtime = Reflect.get(globalThis, 'WebAssembly');
  const { Memory } = runtime;
  afterEach(() => {
    runtime.Memory = Memory;
  });

  it('finds the same where there is no memory left for SIMD', () => {
    const rows = Float32Array.from({ length: 6000 }, (_, index) => (index * 37) % 101);
    const space = { rows, rowCount: 3000, width: 2 };
    const search = { queries: Float32Array.of(3, 4, 50, 60), queryCount: 2, k: 7 };
    const expected = searcherOf(space)(search);
    let asked = 0;
    runtime.Memory = class {
      constructor() {
        asked += 1;
        throw new RangeError('could not allocate memory');
      }
    };
    const searcher = searcherOf(space);
    expect(searcher(search)).toEqual(expected);
    expect(searcher(search)).toEqual(expected);
    expect(asked).toBe(1);
  });
});
