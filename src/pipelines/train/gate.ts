import type { FeatureRow, Prediction } from '#ml';

/** The quality of a model on the test part: more accuracy is better, and less of the error. */
export interface Score {
  readonly metric: 'accuracy' | 'root mean squared error';
  readonly value: number;
}

export interface GateDecision {
  readonly promote: boolean;
  readonly reason: string;
}

/** Accuracy for classes, the root mean squared error for numbers. */
export function scoreOf(
  predictions: readonly Prediction[],
  options: { readonly rows: readonly FeatureRow[]; readonly label: string },
): Score {
  const { rows, label } = options;
  const isNumeric = typeof predictions[0]?.value === 'number';
  if (!isNumeric) {
    const correct = predictions.filter((prediction, index) => prediction.value === String(rows[index]?.[label]));
    return { metric: 'accuracy', value: correct.length / predictions.length };
  }
  const squares = predictions.map(
    (prediction, index) => (Number(prediction.value) - Number(rows[index]?.[label])) ** 2,
  );
  const meanSquare = squares.reduce((sum, square) => sum + square, 0) / squares.length;
  return { metric: 'root mean squared error', value: Math.sqrt(meanSquare) };
}

/**
 * Whether a new version becomes champion: always when there is none, else unless it is worse on the same rows by more
 * than the tolerance.
 */
export function gate(
  candidate: Score,
  { champion, tolerance }: { readonly champion: Score | undefined; readonly tolerance: number },
): GateDecision {
  if (champion === undefined) return { promote: true, reason: 'there was no champion' };
  const { metric } = candidate;
  const figures = `${metric} ${candidate.value.toFixed(4)} against ${champion.value.toFixed(4)} of the champion on the same test rows`;
  const isWorse =
    metric === 'accuracy'
      ? candidate.value < champion.value - tolerance
      : candidate.value > champion.value + tolerance * champion.value;
  return isWorse
    ? { promote: false, reason: `${figures}: worse by more than the tolerance of ${tolerance}` }
    : { promote: true, reason: figures };
}
