import { MlError } from '../errors.ts';
import type { Labels, Matrix, Model } from '../estimators/estimator.ts';
import { cellOf } from '../features/cell.ts';
import type { FeatureRow } from '../prediction.ts';
import { calibrateClasses, calibrateNumbers } from './calibration.ts';
import { classCounts, classificationStatistics, confusionOf, predictedClasses } from './classification.ts';
import type { Evaluation, Metrics, Slice } from './evaluation.ts';
import { bootstrapIntervals, type Statistics, wilsonInterval } from './intervals.ts';
import { numberDistribution } from './number-distribution.ts';
import { regressionStatistics } from './regression.ts';

export interface TestPart {
  readonly matrix: Matrix;
  readonly labels: Labels;
  /** The rows of the matrix and the categorical columns to evaluate by slice. */
  readonly slices?: { readonly rows: readonly FeatureRow[]; readonly columns: readonly string[] };
  /** Seeds the resampling of the confidence intervals. */
  readonly seed?: number;
}

const SLICES_PER_COLUMN_MAX = 50;

/** Evaluates a model on the test part: metrics with 95 % confidence intervals, per class and per slice. */
export function evaluate(model: Model, part: TestPart): Evaluation {
  const { matrix, labels } = part;
  if (matrix.rowCount === 0 || labels.values.length !== matrix.rowCount) {
    throw new MlError(
      'training_impossible',
      `Evaluation needs at least one row and a label for each; got ${matrix.rowCount} rows and ${labels.values.length} labels.`,
    );
  }
  const predicted = model.predict(matrix);
  const all = Array.from(labels.values.keys());
  const slices = slicesOf(part, { predicted });
  return model.label.kind === 'classification'
    ? { ...evaluateClasses(part, { predicted, classes: model.label.classes }), slices }
    : {
        kind: 'regression',
        rows: all.length,
        metrics: measure(part, { predicted, rows: all }),
        distribution: numberDistribution({ actual: labels.values, predicted }),
        calibration: calibrateNumbers({ actual: labels.values, predicted }),
        slices,
      };
}

function evaluateClasses(
  part: TestPart,
  { predicted, classes }: { predicted: Float64Array; classes: readonly string[] },
): Omit<Evaluation, 'slices'> {
  const rows = { classCount: classes.length, actual: part.labels.values, probabilities: predicted };
  const rowCount = rows.actual.length;
  const counts = confusionOf(rows, { predicted: predictedClasses(rows), weights: new Float64Array(rowCount).fill(1) });
  return {
    kind: 'classification',
    rows: rowCount,
    metrics: measure(part, { predicted, rows: Array.from(rows.actual.keys()) }),
    classes: classCounts(counts, classes.length).map((report, index) => ({ class: classes[index] ?? '', ...report })),
    confusion: classes.map((_, index) =>
      Array.from(counts.subarray(index * classes.length, (index + 1) * classes.length)),
    ),
    calibration: calibrateClasses(rows, classes),
  };
}

interface Subset {
  readonly predicted: Float64Array;
  readonly rows: readonly number[];
}

function measure(part: TestPart, subset: Subset): Metrics {
  const rowCount = subset.rows.length;
  const statistics = statisticsOf(part, subset);
  const values = statistics(new Float64Array(rowCount).fill(1));
  const intervals = bootstrapIntervals(statistics, { rowCount, seed: part.seed ?? 0 });
  const metrics: Record<string, Metrics[string]> = {};
  for (const [name, value] of values) {
    if (!Number.isFinite(value)) continue;
    const interval = name === 'accuracy' ? wilsonInterval(Math.round(value * rowCount), rowCount) : intervals.get(name);
    metrics[name] = { value, ...(isFiniteInterval(interval) ? interval : {}) };
  }
  return metrics;
}

function isFiniteInterval(
  interval: { low: number; high: number } | undefined,
): interval is { low: number; high: number } {
  return interval !== undefined && Number.isFinite(interval.low) && Number.isFinite(interval.high);
}

function statisticsOf({ labels }: TestPart, { predicted, rows }: Subset): Statistics {
  const actual = Float64Array.from(rows, (row) => labels.values[row]!);
  const width = predicted.length / labels.values.length;
  const chosen = new Float64Array(rows.length * width);
  rows.forEach((row, index) => {
    chosen.set(predicted.subarray(row * width, (row + 1) * width), index * width);
  });
  return labels.label.kind === 'classification'
    ? classificationStatistics({ classCount: width, actual, probabilities: chosen })
    : regressionStatistics({ actual, predicted: chosen });
}

function slicesOf(part: TestPart, { predicted }: { predicted: Float64Array }): Slice[] {
  const slices: Slice[] = [];
  for (const column of part.slices?.columns ?? []) {
    const groups = new Map<string, number[]>();
    part.slices?.rows.forEach((row, index) => {
      const value = cellOf(row, column);
      const name = value === null || value === undefined ? '(missing)' : String(value);
      const group = groups.get(name) ?? [];
      group.push(index);
      groups.set(name, group);
    });
    const largest = [...groups].sort(([a, rowsA], [b, rowsB]) => rowsB.length - rowsA.length || (a < b ? -1 : 1));
    for (const [value, rows] of largest.slice(0, SLICES_PER_COLUMN_MAX)) {
      slices.push({ column, value, rows: rows.length, metrics: measure(part, { predicted, rows }) });
    }
  }
  return slices;
}
