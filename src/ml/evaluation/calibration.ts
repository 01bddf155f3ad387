import { z } from 'zod';
import { type ClassifiedRows, predictedClasses } from './classification.ts';
import { fitIsotonic, type IsotonicCurve } from './isotonic.ts';
import type { RegressedRows } from './regression.ts';

const numbers = z.array(z.number());

/** From a probability of the predicted class to the share of test rows with it that were right. */
const curve = z.object({ class: z.string(), confidence: numbers, correct: numbers });

const bin = z.object({
  absolute: z.number(),
  absoluteVariance: z.number(),
  square: z.number(),
  squareVariance: z.number(),
});

/**
 * What the test rows say of a prediction before its label is known. Of classes, a curve for each; of numbers, absolute and
 * squared error of test rows in bins by the predicted number: below the first edge, between edges, from the last edge on.
 */
export const calibrationSchema = z.union([
  z.object({ curves: z.array(curve) }),
  z.object({ edges: numbers, bins: z.array(bin) }),
]);

export type Calibration = z.infer<typeof calibrationSchema>;

/** A class with fewer rows that were predicted as it shares the curve of all classes. */
const CLASS_ROWS_MIN = 50;

/**
 * Calibrates the probability of the predicted class by isotonic regression: B. Zadrozny and C. Elkan, "Transforming
 * classifier scores into accurate multiclass probability estimates" (2002). Two classes share one curve. Of more classes
 * only the probability of the predicted one is stored with a prediction, so each has a curve of the rows predicted as it:
 * C. Gupta and A. Ramdas, "Top-label calibration and multiclass-to-binary reductions" (2022).
 */
export function calibrateClasses(rows: ClassifiedRows, classes: readonly string[]): Calibration {
  const curves = classes.length === 2 ? curvesOfTwo(rows) : curvesOfMany(rows);
  return {
    curves: curves.flatMap(({ xs, ys }, index) =>
      xs.length === 0 ? [] : [{ class: classes[index] ?? '', confidence: [...xs], correct: [...ys] }],
    ),
  };
}

function curvesOfTwo({ actual, probabilities }: ClassifiedRows): readonly IsotonicCurve[] {
  const second = Float64Array.from(actual, (_, row) => probabilities[2 * row + 1]!);
  const { xs, ys } = fitIsotonic(second, actual);
  const first = { xs: xs.map((x) => 1 - x).reverse(), ys: ys.map((y) => 1 - y).reverse() };
  return [fromHalfOn(first), fromHalfOn({ xs, ys })];
}

/** The predicted class of two has at least half of the probability; of the points below only the last one matters. */
function fromHalfOn({ xs, ys }: IsotonicCurve): IsotonicCurve {
  const above = xs.findIndex((x) => x > 0.5);
  const start = above < 0 ? xs.length - 1 : Math.max(0, above - 1);
  return { xs: xs.slice(start), ys: ys.slice(start) };
}

function curvesOfMany(rows: ClassifiedRows): readonly IsotonicCurve[] {
  const { classCount, actual, probabilities } = rows;
  const predicted = predictedClasses(rows);
  const curveOf = (chosen: readonly number[]): IsotonicCurve =>
    fitIsotonic(
      chosen.map((row) => probabilities[row * classCount + predicted[row]!]!),
      chosen.map((row) => (actual[row] === predicted[row] ? 1 : 0)),
    );
  const all = Array.from(predicted.keys());
  return Array.from({ length: classCount }, (_, index) => {
    const own = all.filter((row) => predicted[row] === index);
    return curveOf(own.length >= CLASS_ROWS_MIN ? own : all);
  });
}

const BINS_MAX = 20;
const BIN_ROWS_MIN = 30;

/** Absolute and squared errors of test rows, in bins of equally many rows by the predicted number. */
export function calibrateNumbers({ actual, predicted }: RegressedRows): Calibration {
  const count = Math.max(1, Math.min(BINS_MAX, Math.floor(actual.length / BIN_ROWS_MIN)));
  const sorted = Float64Array.from(predicted).sort();
  const starts = Array.from({ length: count - 1 }, (_, at) => sorted[Math.round(((at + 1) * sorted.length) / count)]!);
  const edges = [...new Set(starts)].filter((edge) => edge > sorted[0]!);
  const errors = Array.from({ length: edges.length + 1 }, (): number[] => []);
  for (const [row, value] of predicted.entries()) {
    const above = edges.findIndex((edge) => value < edge);
    errors[above < 0 ? edges.length : above]?.push(Math.abs(value - actual[row]!));
  }
  return {
    edges,
    bins: errors.map((sizes) => {
      const [absolute, square] = [momentsOf(sizes), momentsOf(sizes.map((size) => size ** 2))];
      return {
        ...{ absolute: absolute.mean, absoluteVariance: absolute.variance },
        ...{ square: square.mean, squareVariance: square.variance },
      };
    }),
  };
}

function momentsOf(values: readonly number[]): { readonly mean: number; readonly variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, variance: squares / Math.max(1, values.length - 1) };
}
