import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calibrateClasses, calibrateNumbers } from '../../../src/ml/evaluation/calibration.ts';
import { fitIsotonic } from '../../../src/ml/evaluation/isotonic.ts';
import { shareOf } from './share-of.ts';

const points = fc.array(fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: -9, max: 9 })), {
  minLength: 1,
  maxLength: 40,
});
const curveThrough = (given: readonly (readonly [number, number])[]) =>
  fitIsotonic(
    given.map(([x]) => x),
    given.map(([, y]) => y),
  );
const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('isotonic regression', () => {
  it('equals the largest mean from the left of the smallest means to the right, at every point', () => {
    fc.assert(
      fc.property(points, (given) => {
        const curve = curveThrough(given);
        const xs = [...new Set(given.map(([x]) => x))].sort((a, b) => a - b);
        const within = (from: number, to: number) => given.filter(([x]) => x >= from && x <= to).map(([, y]) => y);
        for (const x of xs) {
          const lefts = xs.filter((from) => from <= x);
          const expected = Math.max(
            ...lefts.map((from) => Math.min(...xs.filter((to) => to >= x).map((to) => meanOf(within(from, to))))),
          );
          expect(shareOf(curve, x)).toBeCloseTo(expected, 9);
        }
      }),
    );
  });

  it('never falls, and has the mean of the points', () => {
    fc.assert(
      fc.property(points, (given) => {
        const curve = curveThrough(given);
        expect(curve.ys.every((y, at) => at === 0 || y >= (curve.ys[at - 1] ?? y))).toBe(true);
        expect(curve.xs.every((x, at) => at === 0 || x > (curve.xs[at - 1] ?? -1))).toBe(true);
        expect(meanOf(given.map(([x]) => shareOf(curve, x)))).toBeCloseTo(meanOf(given.map(([, y]) => y)), 9);
      }),
    );
  });

  it('is a straight line between two steps, and flat beyond the first and the last', () => {
    const curve = { xs: [0.5, 0.6, 0.8], ys: [0.2, 0.4, 1] };
    expect([0, 0.5, 0.55, 0.7, 0.8, 9].map((x) => shareOf(curve, x))).toEqual([
      ...[0.2, 0.2],
      ...[expect.closeTo(0.3), expect.closeTo(0.7), 1, 1],
    ]);
  });
});

describe('the calibration of classes', () => {
  it('is one curve of two classes, seen from either: the mean over the test rows is the accuracy', () => {
    const score = fc.integer({ min: 0, max: 20 }).map((step) => step / 20);
    fc.assert(
      fc.property(fc.array(fc.tuple(score, fc.boolean()), { minLength: 1, maxLength: 60 }), (rows) => {
        const calibration = calibrateClasses(
          {
            classCount: 2,
            actual: Float64Array.from(rows, ([, isSecond]) => (isSecond ? 1 : 0)),
            probabilities: Float64Array.from(rows.flatMap(([p]) => [1 - p, p])),
          },
          ['no', 'yes'],
        );
        if (!('curves' in calibration)) throw new Error('Expected curves.');
        const whole = fitIsotonic(
          rows.map(([p]) => p),
          rows.map(([, isSecond]) => (isSecond ? 1 : 0)),
        );
        for (const [p] of rows) {
          const predicted = p > 0.5 ? 'yes' : 'no';
          const curve = calibration.curves.find((each) => each.class === predicted);
          const share = shareOf({ xs: curve?.confidence ?? [], ys: curve?.correct ?? [] }, Math.max(p, 1 - p));
          expect(share).toBeCloseTo(p > 0.5 ? shareOf(whole, p) : 1 - shareOf(whole, p), 9);
        }
      }),
    );
  });

  it('has a curve of each of many classes, and the one of all for a class that is rarely predicted', () => {
    const of = (count: number, probabilities: readonly number[], actual: number) =>
      Array.from({ length: count }, () => ({ probabilities, actual }));
    const rows = [
      ...of(60, [0.6, 0.3, 0.1], 0),
      ...of(20, [0.6, 0.3, 0.1], 1),
      ...of(60, [0.2, 0.6, 0.2], 1),
      ...of(10, [0.2, 0.2, 0.6], 0),
    ];
    const calibration = calibrateClasses(
      {
        classCount: 3,
        actual: Float64Array.from(rows, ({ actual }) => actual),
        probabilities: Float64Array.from(rows.flatMap(({ probabilities }) => probabilities)),
      },
      ['a', 'b', 'c'],
    );
    expect(calibration).toEqual({
      curves: [
        { class: 'a', confidence: [0.6], correct: [0.75] },
        { class: 'b', confidence: [0.6], correct: [1] },
        { class: 'c', confidence: [0.6], correct: [expect.closeTo(120 / 150)] },
      ],
    });
  });
});

describe('the calibration of numbers', () => {
  it('has the errors of test rows by what was predicted, in bins of equally many', () => {
    const calibration = calibrateNumbers({
      predicted: Float64Array.from({ length: 60 }, (_, row) => row),
      actual: Float64Array.from({ length: 60 }, (_, row) => (row < 30 ? row + 1 : row - (row % 2 === 0 ? 2 : 4))),
    });
    expect(calibration).toEqual({
      edges: [30],
      bins: [
        { absolute: 1, absoluteVariance: 0, square: 1, squareVariance: 0 },
        {
          absolute: 3,
          absoluteVariance: expect.closeTo(30 / 29),
          square: 10,
          squareVariance: expect.closeTo(36 * (30 / 29)),
        },
      ],
    });
  });

  it('is one bin where all rows are predicted alike', () => {
    const calibration = calibrateNumbers({
      predicted: new Float64Array(300).fill(7),
      actual: new Float64Array(300).fill(5),
    });
    expect(calibration).toEqual({
      edges: [],
      bins: [{ absolute: 2, absoluteVariance: 0, square: 4, squareVariance: 0 }],
    });
  });
});
