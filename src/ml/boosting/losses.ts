import type { LabelKind, Labels } from '../estimators/estimator.ts';
import type { Link } from '../trees/ensemble.ts';

/** What boosting makes smaller. Scores are row-major: `scores[row * outputs + output]`. */
export interface Loss {
  readonly link: Link;
  /** Scores of a row: one, or as many as there are more than two classes. */
  readonly outputs: number;
  /** The constant scores with the smallest loss over these rows. */
  bases(rows: Uint32Array): Float64Array;
  /** What no derivative of these rows is above, whatever its sign. */
  bounds(rows: Uint32Array, scores: Float64Array): Bounds;
  /**
   * Writes the first and second derivative of the loss by one score for each of these rows, `into[2 * row]` and
   * `into[2 * row + 1]`, times the scales, as whole numbers.
   */
  derive(rows: Uint32Array, at: Scored, into: Float64Array): void;
  /** The mean loss of these rows. */
  mean(rows: Uint32Array, scores: Float64Array): number;
}

export interface Bounds {
  readonly gradient: number;
  readonly curvature: number;
}

/** By which factors derivatives become whole numbers. */
export type Scales = Bounds;

interface Scored {
  readonly scores: Float64Array;
  readonly output: number;
  readonly scales: Scales;
}

/** Added and subtracted again, it rounds numbers below 2^51 to whole ones: there are no bits for more. */
const ROUNDING = 1.5 * 2 ** 52;

/** The squared error for numbers, the log-loss for classes. `weightOf` is a factor for each class; all count as one without. */
export function lossOf({ label, values }: Labels, weightOf?: readonly number[]): Loss {
  if (label.kind === 'regression') return squaredError(values);
  const weights = weightOf === undefined ? undefined : Float64Array.from(values, (value) => weightOf[value]!);
  return label.classes.length === 2 ? binaryLogLoss(values, weights) : logLoss(label, values, weights);
}

function squaredError(labels: Float64Array): Loss {
  return {
    link: 'identity',
    outputs: 1,
    bases: (rows) => Float64Array.of(rows.reduce((sum, row) => sum + labels[row]! / rows.length, 0)),
    bounds: (rows, scores) => {
      let gradient = 0;
      for (const row of rows) gradient = Math.max(gradient, Math.abs(scores[row]! - labels[row]!));
      return { gradient, curvature: 1 };
    },
    derive: (rows, { scores, scales }, into) => {
      for (const row of rows) {
        into[2 * row] = (scores[row]! - labels[row]!) * scales.gradient + ROUNDING - ROUNDING;
        into[2 * row + 1] = scales.curvature;
      }
    },
    mean: (rows, scores) => rows.reduce((sum, row) => sum + (scores[row]! - labels[row]!) ** 2 / rows.length, 0),
  };
}

/** Away from certainty, whose logarithm has no bound. */
const SHARE_MIN = 1e-9;
const within = (share: number): number => Math.min(Math.max(share, SHARE_MIN), 1 - SHARE_MIN);

const largestOf = (weights: Float64Array | undefined): number =>
  weights?.reduce((largest, weight) => Math.max(largest, weight), 0) ?? 1;

function binaryLogLoss(labels: Float64Array, weights: Float64Array | undefined): Loss {
  const largest = largestOf(weights);
  const weightOf = (row: number): number => weights?.[row] ?? 1;
  return {
    link: 'sigmoid',
    outputs: 1,
    bases: (rows) => {
      let [sum, total] = [0, 0];
      for (const row of rows) {
        sum += weightOf(row) * labels[row]!;
        total += weightOf(row);
      }
      const share = within(sum / total);
      return Float64Array.of(Math.log(share / (1 - share)));
    },
    bounds: () => ({ gradient: largest, curvature: largest / 4 }),
    derive: (rows, { scores, scales }, into) => {
      const { gradient, curvature } = scales;
      for (const row of rows) {
        const probability = 1 / (1 + Math.exp(-scores[row]!));
        const weight = weightOf(row);
        into[2 * row] = (probability - labels[row]!) * weight * gradient + ROUNDING - ROUNDING;
        into[2 * row + 1] = probability * (1 - probability) * weight * curvature + ROUNDING - ROUNDING;
      }
    },
    mean: (rows, scores) => {
      let [sum, total] = [0, 0];
      for (const row of rows) {
        const signed = labels[row] === 1 ? scores[row]! : -scores[row]!;
        // log(1 + e^-s) without an overflow.
        sum += weightOf(row) * (Math.max(-signed, 0) + Math.log1p(Math.exp(-Math.abs(signed))));
        total += weightOf(row);
      }
      return sum / total;
    },
  };
}

function logLoss(
  { classes }: LabelKind & { kind: 'classification' },
  labels: Float64Array,
  weights: Float64Array | undefined,
): Loss {
  const outputs = classes.length;
  // As in LightGBM: the diagonal of the curvature, corrected for the scores that move together.
  const correction = outputs / (outputs - 1);
  const largest = largestOf(weights);
  const weightOf = (row: number): number => weights?.[row] ?? 1;
  /** The probability of one class, or minus its logarithm. */
  const partsOf = (scores: Float64Array, row: number) => {
    let most = Number.NEGATIVE_INFINITY;
    for (let output = 0; output < outputs; output += 1) most = Math.max(most, scores[row * outputs + output]!);
    let total = 0;
    for (let output = 0; output < outputs; output += 1) total += Math.exp(scores[row * outputs + output]! - most);
    return { most, total };
  };
  return {
    link: 'softmax',
    outputs,
    bases: (rows) => {
      const sums = new Float64Array(outputs);
      for (const row of rows) sums[labels[row]!]! += weightOf(row);
      const total = sums.reduce((sum, own) => sum + own, 0);
      return sums.map((own) => Math.log(within(own / total)));
    },
    bounds: () => ({ gradient: largest, curvature: (largest * correction) / 4 }),
    derive: (rows, { scores, output, scales }, into) => {
      for (const row of rows) {
        const { most, total } = partsOf(scores, row);
        const probability = Math.exp(scores[row * outputs + output]! - most) / total;
        const weight = weightOf(row);
        const error = probability - (labels[row] === output ? 1 : 0);
        const own = correction * probability * (1 - probability);
        into[2 * row] = error * weight * scales.gradient + ROUNDING - ROUNDING;
        into[2 * row + 1] = own * weight * scales.curvature + ROUNDING - ROUNDING;
      }
    },
    mean: (rows, scores) => {
      let [sum, total] = [0, 0];
      for (const row of rows) {
        const parts = partsOf(scores, row);
        sum += weightOf(row) * (parts.most + Math.log(parts.total) - scores[row * outputs + labels[row]!]!);
        total += weightOf(row);
      }
      return sum / total;
    },
  };
}
