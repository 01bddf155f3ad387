import type { Metrics } from '../evaluation/evaluation.ts';
import { type Interval, intervalOf, meanInterval, wilsonInterval } from '../evaluation/intervals.ts';

/** Sums over predictions of one version: of those with a label, or of those without. */
export interface Sums {
  readonly version: number;
  readonly isLabelled: boolean;
  readonly number: number;
  readonly classes: number;
  readonly correct: number;
  readonly errors: number;
  readonly error: number;
  readonly absolute: number;
  readonly square: number;
  readonly fourth: number;
  readonly estimated: number;
  readonly correctExpected: number;
  readonly correctVariance: number;
  readonly absoluteExpected: number;
  readonly absoluteVariance: number;
  readonly squareExpected: number;
  readonly squareVariance: number;
}

type Summed = Exclude<keyof Sums, 'version' | 'isLabelled'>;

/** SQL of the fields of `Sums` over rows of `performance_quarters`, without its keys. */
export const SUMS_SQL = `sum(number)::float8 as number,
  coalesce(sum(number) filter (where actual is not null), 0)::float8 as classes,
  coalesce(sum(number) filter (where actual = predicted), 0)::float8 as correct, sum(errors)::float8 as errors,
  ${Object.entries({
    error: 'error',
    absolute: 'absolute',
    square: 'square',
    fourth: 'fourth',
    correctExpected: 'correct_expected',
    correctVariance: 'correct_variance',
    absoluteExpected: 'absolute_expected',
    absoluteVariance: 'absolute_variance',
    squareExpected: 'square_expected',
    squareVariance: 'square_variance',
  })
    .map(([name, column]) => `coalesce(sum(${column}), 0) as "${name}"`)
    .join(', ')},
  sum(estimated)::float8 as estimated`;

/** Metrics with 95 % intervals from labels: accuracy of classes; RMSE, MAE and mean error of numbers. Empty without labels. */
export function realisedMetrics(sums: readonly Sums[]): Metrics {
  const total = totalOf(sums);
  const [classes, correct, count] = [total('classes'), total('correct'), total('errors')];
  if (classes > 0) return { accuracy: { value: correct / classes, ...wilsonInterval(correct, classes) } };
  if (count === 0) return {};
  const meanOf = (sum: number, squares: number) => {
    const mean = sum / count;
    // The sample's variance from its sums; a hair below zero where all values are equal.
    const variance = count < 2 ? null : Math.max(0, squares - count * mean ** 2) / (count - 1);
    return { mean, interval: meanInterval({ mean, variance, count }) };
  };
  const [square, size] = [meanOf(total('square'), total('fourth')), meanOf(total('absolute'), total('square'))];
  const bias = meanOf(total('error'), total('square'));
  return {
    rmse: { value: Math.sqrt(square.mean), ...notNegative(square.interval, Math.sqrt) },
    mae: { value: size.mean, ...notNegative(size.interval) },
    mean_error: { value: bias.mean, ...bias.interval },
  };
}

/** Predictions with an estimate, and what is expected of them: accuracy of classes, RMSE and MAE of numbers. */
export interface Estimate {
  readonly predictions: number;
  readonly metrics: Metrics;
}

/**
 * What the metrics of predictions should be, from their probabilities or values alone; the realised metric lies within
 * the interval in 95 of 100 cases where labels depend on rows as they did in the test rows. `rows` is the number of test
 * rows of each version.
 */
export function estimateOf(sums: readonly Sums[], rows: ReadonlyMap<number, number>): Estimate | undefined {
  const known = sums.filter(({ version, estimated }) => estimated > 0 && (rows.get(version) ?? 0) > 0);
  const total = totalOf(known);
  const predictions = total('estimated');
  if (predictions === 0) return undefined;
  const metricOf = (mean: Summed, variance: Summed): Interval & { readonly value: number } => {
    const value = total(mean) / predictions;
    return { value, ...intervalOf(value, deviationOf(known, { predictions, variance, rows })) };
  };
  if (known.some(({ correctExpected, correctVariance }) => correctExpected > 0 || correctVariance > 0)) {
    const { value, low, high } = metricOf('correctExpected', 'correctVariance');
    return { predictions, metrics: { accuracy: { value, low: Math.max(0, low), high: Math.min(1, high) } } };
  }
  const [square, size] = [
    metricOf('squareExpected', 'squareVariance'),
    metricOf('absoluteExpected', 'absoluteVariance'),
  ];
  return {
    predictions,
    metrics: {
      rmse: { value: Math.sqrt(square.value), ...notNegative(square, Math.sqrt) },
      mae: { value: size.value, ...notNegative(size) },
    },
  };
}

interface Spread {
  readonly predictions: number;
  readonly variance: Summed;
  readonly rows: ReadonlyMap<number, number>;
}

/**
 * Standard deviation of realised minus estimated mean: labels vary around what is expected of them, and what is expected was
 * itself measured on so many test rows, which vary as much.
 */
function deviationOf(sums: readonly Sums[], { predictions, variance, rows }: Spread): number {
  const versions = [...new Set(sums.map(({ version }) => version))];
  const squares = versions.map((version) => {
    const total = totalOf(sums.filter((each) => each.version === version));
    return (total(variance) / predictions ** 2) * (1 + total('estimated') / (rows.get(version) ?? 1));
  });
  return Math.sqrt(squares.reduce((all, square) => all + square, 0));
}

/** Adds up a field. */
function totalOf(sums: readonly Sums[]): (field: Summed) => number {
  return (field) => sums.reduce((total, { [field]: value }) => total + value, 0);
}

/** The bounds of what is never below zero. */
function notNegative(interval: Interval | undefined, of = (bound: number): number => bound): Partial<Interval> {
  if (interval === undefined) return {};
  return { low: of(Math.max(0, interval.low)), high: of(interval.high) };
}
