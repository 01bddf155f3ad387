import type { Labels } from '../estimators/estimator.ts';
import type { FeatureRow, Prediction } from '../prediction.ts';
import { seededRandom } from './random.ts';

export interface ImportanceOptions {
  /** Rows that the model has not seen, and their labels. */
  readonly rows: readonly FeatureRow[];
  readonly labels: Labels;
  /** The columns that the model reads. */
  readonly columns: readonly string[];
  /** Seeds the permutations. */
  readonly seed: number;
}

/** Predictions in all, over all columns: a second or two with the slowest estimator on 40,000 rows. */
const PREDICTIONS_MAX = 20_000;
const ROWS_MIN = 50;
const ROWS_MAX = 1_000;
const REPEATS = 3;

/**
 * How much of the model's error is due to each column: by how much the mean squared error grows when the values of the
 * column are permuted over the rows (Breiman, Machine Learning 45, 2001), as shares that add up to 1. For classes the error
 * is that of the probabilities (Brier). All are 0 when no permutation makes the model worse.
 */
export function permutationImportance(
  predict: (rows: readonly FeatureRow[]) => readonly Prediction[],
  { rows: all, labels, columns, seed }: ImportanceOptions,
): Readonly<Record<string, number>> {
  const count = Math.min(
    all.length,
    Math.max(ROWS_MIN, Math.min(ROWS_MAX, Math.floor(PREDICTIONS_MAX / (columns.length * REPEATS)))),
  );
  const rows = all.slice(0, count);
  const random = seededRandom(seed);
  const error = (of: readonly FeatureRow[]): number => meanSquaredError(predict(of), labels);
  const usual = error(rows);
  const growth = columns.map((column) => {
    let sum = 0;
    for (let repeat = 0; repeat < REPEATS; repeat += 1) sum += error(permuted(rows, { column, random })) - usual;
    return Math.max(0, sum / REPEATS);
  });
  const total = growth.reduce((sum, each) => sum + each, 0);
  return Object.fromEntries(columns.map((column, at) => [column, total > 0 ? (growth[at] ?? 0) / total : 0]));
}

/** The same rows, the values of one column in another order (Fisher and Yates). */
function permuted(
  rows: readonly FeatureRow[],
  { column, random }: { readonly column: string; readonly random: () => number },
): readonly FeatureRow[] {
  const values = rows.map((row) => (Object.hasOwn(row, column) ? (row[column] ?? null) : null));
  for (let last = values.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [values[last], values[other]] = [values[other] ?? null, values[last] ?? null];
  }
  return rows.map((row, index) => ({ ...row, [column]: values[index] ?? null }));
}

function meanSquaredError(predictions: readonly Prediction[], { label, values }: Labels): number {
  const errors = predictions.map(({ value, probabilities }, row) => {
    const actual = values[row] ?? 0;
    if (label.kind === 'regression') return (Number(value) - actual) ** 2;
    return label.classes.reduce((sum, name, index) => {
      return sum + ((probabilities?.[name] ?? 0) - (index === actual ? 1 : 0)) ** 2;
    }, 0);
  });
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}
