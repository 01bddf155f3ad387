import { z } from 'zod';
import { MlError } from '../errors.ts';
import type { Estimator, LabelKind, Labels, Model } from './estimator.ts';
import { linearModel, readLinear, type SparseRows, toSparse } from './linear.ts';
import { assertTrainable, parseSettings } from './training.ts';

const KIND = 'linear-regression';
/** A pivot this small relative to its column is rounding error: the column depends on others and gets no weight. */
const PIVOT_MIN = 1e-10;
const COLUMNS_MAX = 4000;

const settingsSchema = z
  .object({
    /** How much large weights cost: the factor of the sum of their squares, beside the sum of squared errors; 1 when absent. */
    penalty: z.number().min(0).max(1e9).default(1),
  })
  .strict();
type LinearSettings = z.infer<typeof settingsSchema>;
/** Settings of `linearRegression`. */
export type LinearRegressionOptions = z.input<typeof settingsSchema>;

/**
 * Predicts a number by least squares with a penalty on the weights (ridge), solved exactly through a Cholesky factor.
 * Example: `linearRegression({ penalty: 0.1 })`. Throws when a setting is out of its range.
 */
export function linearRegression(settings: LinearRegressionOptions = {}): Estimator<LinearSettings, Model> {
  const parsed = parseSettings(settingsSchema, { kind: KIND, settings });
  return {
    kind: KIND,
    settings: parsed,
    fit(matrix, labels) {
      assertTrainable(matrix, labels);
      assertNumber(labels.label);
      assertWidth(matrix.columns.length);
      const vectors = solve(toSparse(matrix), { labels, penalty: parsed.penalty });
      const { label } = labels;
      return linearModel({ kind: KIND, settings: parsed, label, columns: matrix.columns, vectors }, (scores) => scores);
    },
    load(payload) {
      const parts = readLinear(payload, KIND);
      assertNumber(parts.label);
      return linearModel(parts, (scores) => scores);
    },
  };
}

function assertNumber(label: LabelKind): void {
  if (label.kind === 'regression') return;
  throw new MlError(
    'training_impossible',
    'Linear regression predicts a number, and this label has classes. Use "logistic-regression" or "knn".',
  );
}

function assertWidth(width: number): void {
  if (width <= COLUMNS_MAX) return;
  throw new MlError(
    'training_impossible',
    `Linear regression solves for at most ${COLUMNS_MAX} columns, got ${width}. Omit or group categories.`,
  );
}

/** Weights and intercept. Columns and labels are centred, so that the intercept is not penalised. */
function solve(
  rows: SparseRows,
  { labels, penalty }: { readonly labels: Labels; readonly penalty: number },
): Float64Array {
  const { width, rowCount } = rows;
  const means = columnMeans(rows);
  const mean = labels.values.reduce((a, b) => a + b) / rowCount;
  const squares = new Float64Array(width * width);
  const products = new Float64Array(width);
  const row = new Float64Array(width);
  for (let index = 0; index < rowCount; index += 1) {
    for (let column = 0; column < width; column += 1) row[column] = -means[column]!;
    for (let entry = rows.starts[index]!; entry < rows.starts[index + 1]!; entry += 1) {
      const column = rows.columns[entry]!;
      row[column] = row[column]! + rows.values[entry]!;
    }
    const answer = labels.values[index]! - mean;
    for (let a = 0; a < width; a += 1) {
      const value = row[a]!;
      products[a] = products[a]! + value * answer;
      for (let b = 0; b <= a; b += 1) squares[a * width + b] = squares[a * width + b]! + value * row[b]!;
    }
  }
  for (let column = 0; column < width; column += 1) squares[column * width + column]! += penalty;
  const weights = solveSymmetric(squares, products);
  const vectors = new Float64Array(width + 1);
  vectors.set(weights);
  vectors[width] = weights.reduce((sum, weight, column) => sum - weight * means[column]!, mean);
  return vectors;
}

function columnMeans({ columns, values, width, rowCount }: SparseRows): Float64Array {
  const sums = new Float64Array(width);
  for (let entry = 0; entry < columns.length; entry += 1) {
    const column = columns[entry]!;
    sums[column] = sums[column]! + values[entry]!;
  }
  return sums.map((sum) => sum / rowCount);
}

/** Solves `matrix · x = right` for a symmetric positive matrix of which the lower half is given, and destroys it. */
function solveSymmetric(matrix: Float64Array, right: Float64Array): Float64Array {
  const size = right.length;
  const solution = right.slice();
  for (let a = 0; a < size; a += 1) {
    const whole = matrix[a * size + a]!;
    for (let b = 0; b <= a; b += 1) {
      let sum = matrix[a * size + b]!;
      for (let c = 0; c < b; c += 1) sum -= matrix[a * size + c]! * matrix[b * size + c]!;
      const pivot = matrix[b * size + b]!;
      if (a === b) matrix[a * size + a] = sum > PIVOT_MIN * whole && whole > 0 ? Math.sqrt(sum) : 0;
      else matrix[a * size + b] = pivot === 0 ? 0 : sum / pivot;
    }
  }
  for (let a = 0; a < size; a += 1) {
    for (let b = 0; b < a; b += 1) solution[a] = solution[a]! - matrix[a * size + b]! * solution[b]!;
    solution[a] = matrix[a * size + a] === 0 ? 0 : solution[a]! / matrix[a * size + a]!;
  }
  for (let a = size - 1; a >= 0; a -= 1) {
    for (let b = a + 1; b < size; b += 1) solution[a] = solution[a]! - matrix[b * size + a]! * solution[b]!;
    solution[a] = matrix[a * size + a] === 0 ? 0 : solution[a]! / matrix[a * size + a]!;
  }
  return solution;
}
