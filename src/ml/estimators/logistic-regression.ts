import { z } from 'zod';
import { MlError } from '../errors.ts';
import type { Estimator, LabelKind, Labels, Model } from './estimator.ts';
import { minimise, type Objective } from './lbfgs.ts';
import { linearModel, readLinear, type SparseRows, toSparse, vectorCount } from './linear.ts';
import { assertTrainable, parseSettings } from './training.ts';

const KIND = 'logistic-regression';

const settingsSchema = z
  .object({
    /** How much large weights cost: the factor of half the sum of their squares, beside the sum of the losses; 1 when absent. */
    penalty: z.number().min(1e-6).max(1e9).default(1),
    /** Ends after so many iterations at the latest; 500 when absent. */
    iterationsMax: z.int().min(1).max(10_000).default(500),
    /** Ends when no component of the gradient, over the number of rows, is larger; 1e-6 when absent. */
    tolerance: z.number().min(1e-12).max(1).default(1e-6),
  })
  .strict();
type LogisticSettings = z.infer<typeof settingsSchema>;
/** Settings of `logisticRegression`. */
export type LogisticRegressionOptions = z.input<typeof settingsSchema>;

/**
 * Logistic regression for two or more classes: the most likely weights under a penalty, found by L-BFGS.
 * Example: `logisticRegression({ penalty: 0.1 })`. Throws when a setting is out of its range.
 */
export function logisticRegression(settings: LogisticRegressionOptions = {}): Estimator<LogisticSettings, Model> {
  const parsed = parseSettings(settingsSchema, { kind: KIND, settings });
  return {
    kind: KIND,
    settings: parsed,
    fit(matrix, labels) {
      assertTrainable(matrix, labels);
      assertClasses(labels.label);
      const size = vectorCount(labels.label) * (matrix.columns.length + 1);
      const { point } = minimise(objectiveOf(toSparse(matrix), { labels, penalty: parsed.penalty }), {
        size,
        iterationsMax: parsed.iterationsMax,
        gradientMax: parsed.tolerance * matrix.rowCount,
      });
      const { label } = labels;
      return linearModel(
        { kind: KIND, settings: parsed, label, columns: matrix.columns, vectors: point },
        probabilities,
      );
    },
    load(payload) {
      const parts = readLinear(payload, KIND);
      assertClasses(parts.label);
      return linearModel(parts, probabilities);
    },
  };
}

function assertClasses(label: LabelKind): void {
  if (label.kind === 'classification') return;
  throw new MlError(
    'training_impossible',
    'Logistic regression predicts classes, and this label is a number. Use "linear-regression" or "knn".',
  );
}

/** A single score is that of the second of two classes; that of the first is 0. */
function probabilities(scores: Float64Array): Float64Array {
  const all = scores.length === 1 ? Float64Array.of(0, scores[0]!) : scores;
  const most = all.reduce((a, b) => Math.max(a, b));
  const exponentials = all.map((score) => Math.exp(score - most));
  const total = exponentials.reduce((a, b) => a + b);
  return exponentials.map((value) => value / total);
}

/** The negative log-likelihood and the penalty, which excludes intercepts. */
function objectiveOf(
  rows: SparseRows,
  { labels, penalty }: { readonly labels: Labels; readonly penalty: number },
): Objective {
  const vectors = vectorCount(labels.label);
  const stride = rows.width + 1;
  const scores = new Float64Array(vectors);
  return (point, gradient) => {
    gradient.fill(0);
    let value = 0;
    for (let row = 0; row < rows.rowCount; row += 1) {
      scoreSparse(scores, { rows, row, point });
      const actual = labels.values[row]!;
      value += vectors === 1 ? binaryLoss(scores, actual) : softmaxLoss(scores, actual);
      for (let vector = 0; vector < vectors; vector += 1) {
        const first = vector * stride;
        // From here on `scores` holds the derivative of the loss by each score.
        const slope = scores[vector]!;
        for (let entry = rows.starts[row]!; entry < rows.starts[row + 1]!; entry += 1) {
          const slot = first + rows.columns[entry]!;
          gradient[slot] = gradient[slot]! + slope * rows.values[entry]!;
        }
        gradient[first + rows.width] = gradient[first + rows.width]! + slope;
      }
    }
    return value + penalise({ point, gradient, stride, penalty });
  };
}

function scoreSparse(
  scores: Float64Array,
  { rows, row, point }: { readonly rows: SparseRows; readonly row: number; readonly point: Float64Array },
): void {
  for (let vector = 0; vector < scores.length; vector += 1) {
    const first = vector * (rows.width + 1);
    let sum = point[first + rows.width]!;
    for (let entry = rows.starts[row]!; entry < rows.starts[row + 1]!; entry += 1) {
      sum += point[first + rows.columns[entry]!]! * rows.values[entry]!;
    }
    scores[vector] = sum;
  }
}

/** Returns the loss of a row and replaces the score by its derivative. */
function binaryLoss(scores: Float64Array, actual: number): number {
  const score = scores[0]!;
  // Written so that no exponent overflows, for any sign of the score.
  const small = Math.exp(-Math.abs(score));
  scores[0] = (score >= 0 ? 1 / (1 + small) : small / (1 + small)) - actual;
  return Math.log1p(small) + Math.max(score, 0) - actual * score;
}

function softmaxLoss(scores: Float64Array, actual: number): number {
  let most = -Infinity;
  for (const score of scores) most = Math.max(most, score);
  const own = scores[actual]! - most;
  let total = 0;
  for (let index = 0; index < scores.length; index += 1) {
    scores[index] = Math.exp(scores[index]! - most);
    total += scores[index]!;
  }
  for (let index = 0; index < scores.length; index += 1) {
    scores[index] = scores[index]! / total - (index === actual ? 1 : 0);
  }
  return Math.log(total) - own;
}

interface Penalty {
  readonly point: Float64Array;
  readonly gradient: Float64Array;
  readonly stride: number;
  readonly penalty: number;
}

function penalise({ point, gradient, stride, penalty }: Penalty): number {
  let squares = 0;
  for (let slot = 0; slot < point.length; slot += 1) {
    if (slot % stride === stride - 1) continue;
    squares += point[slot]! ** 2;
    gradient[slot] = gradient[slot]! + penalty * point[slot]!;
  }
  return (penalty / 2) * squares;
}
