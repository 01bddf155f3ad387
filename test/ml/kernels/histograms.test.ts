import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BINS, type Histograms, MISSING_BIN, plainHistograms } from '../../../src/ml/kernels/histograms.ts';
import { maybeSimdHistograms } from '../../../src/ml/kernels/simd-histograms.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';

interface Case {
  readonly width: number;
  /** Column by column; -1 is what is missing. */
  readonly bins: readonly number[];
  /** Gradients and curvatures, row by row. */
  readonly derivatives: readonly (readonly [number, number])[];
  readonly goesLeft: readonly number[];
  readonly split: number;
  readonly l2: number;
  readonly leafRowsMin: number;
}

const BIN_COUNT = 6;

const cases: fc.Arbitrary<Case> = fc
  .record({ width: fc.integer({ min: 1, max: 9 }), rowCount: fc.integer({ min: 1, max: 60 }) })
  .chain(({ width, rowCount }) =>
    fc.record({
      width: fc.constant(width),
      bins: fc.array(fc.integer({ min: -1, max: BIN_COUNT - 1 }), {
        minLength: width * rowCount,
        maxLength: width * rowCount,
      }),
      derivatives: fc.array(
        // Few rows, so that sums of the largest numbers stay in 53 and 38 bits.
        fc.tuple(fc.integer({ min: -(2 ** 46), max: 2 ** 46 }), fc.integer({ min: 0, max: 2 ** 32 - 1 })),
        { minLength: rowCount, maxLength: rowCount },
      ),
      goesLeft: fc.array(fc.integer({ min: 0, max: 1 }), { minLength: BINS, maxLength: BINS }),
      split: fc.nat({ max: width - 1 }),
      l2: fc.constantFrom(0, 1, 1e-3),
      leafRowsMin: fc.integer({ min: 1, max: 5 }),
    }),
  );

/** Everything that growing a tree asks, of one leaf and of the two that it is parted into. */
function askAll(
  histograms: Histograms,
  { width, bins, derivatives, goesLeft, split, l2, leafRowsMin }: Case,
): unknown[] {
  const rowCount = derivatives.length;
  histograms.bins.set(bins.map((bin) => (bin === -1 ? MISSING_BIN : bin)));
  histograms.sealBins();
  histograms.order.set(derivatives.map((_, row) => rowCount - 1 - row));
  histograms.gradients.set(derivatives.flat());
  histograms.sealGradients();
  histograms.build(0, { from: 0, to: rowCount });
  const end = histograms.partition(split, Uint8Array.from(goesLeft), { from: 0, to: rowCount });
  histograms.build(1, { from: 0, to: end });
  histograms.subtract(0, 1);
  const rules = { gradientUnit: 2 ** -40, curvatureUnit: 2 ** -30, l2, leafRowsMin };
  const binCounts = Int32Array.from({ length: width }, (_, column) => (column % 4 === 3 ? 0 : BIN_COUNT));
  return [0, 1].flatMap((slot): unknown[] => {
    const sums = Array.from({ length: width }, (_, column) => {
      const own = {
        gradients: new Float64Array(BINS),
        curvatures: new Float64Array(BINS),
        counts: new Float64Array(BINS),
      };
      histograms.read(slot, column, own);
      return own;
    });
    const sum = (numbers: Float64Array) => numbers.reduce((total, number) => total + number, 0);
    const { gradients, curvatures, counts } = sums[0]!;
    const total = { gradient: sum(gradients), curvature: sum(curvatures), count: sum(counts) };
    return [sums, histograms.maybeBestThreshold(slot, { total, binCounts, rules }), end, histograms.order.slice()];
  });
}

it('the SIMD histograms are those of plain TypeScript, bit for bit: sums, splits and orders of rows', () => {
  fc.assert(
    fc.property(cases, (each) => {
      const rows = { rowCount: each.derivatives.length, width: each.width };
      const simd = maybeSimdHistograms(rows, 2);
      expect(simd).toBeDefined();
      expect(askAll(simd!, each)).toEqual(askAll(plainHistograms(rows, 2), each));
    }),
    { numRuns: propertyRuns(300) },
  );
});

it('sums of the largest numbers stay exact', () => {
  const rowCount = 1000;
  const largest = [2 ** 42 - 1, 2 ** 28 - 1] as const;
  for (const histograms of [
    maybeSimdHistograms({ rowCount, width: 1 }, 1)!,
    plainHistograms({ rowCount, width: 1 }, 1),
  ]) {
    histograms.sealBins();
    histograms.order.set(Array.from({ length: rowCount }, (_, row) => row));
    histograms.gradients.set(Array.from({ length: rowCount }, () => largest).flat());
    histograms.sealGradients();
    histograms.build(0, { from: 0, to: rowCount });
    const sums = {
      gradients: new Float64Array(BINS),
      curvatures: new Float64Array(BINS),
      counts: new Float64Array(BINS),
    };
    histograms.read(0, 0, sums);
    expect([sums.gradients[0], sums.curvatures[0], sums.counts[0]]).toEqual([
      largest[0] * rowCount,
      largest[1] * rowCount,
      rowCount,
    ]);
  }
});
