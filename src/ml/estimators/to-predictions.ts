import type { Prediction } from '../prediction.ts';
import type { LabelKind } from './estimator.ts';

/** The result of `Model.predict` as values: the most probable class (the first of equals) or the number. */
export function toPredictions(label: LabelKind, predicted: Float64Array): Prediction[] {
  if (label.kind === 'regression') return Array.from(predicted, (value) => ({ value }));
  const { classes } = label;
  const predictions: Prediction[] = [];
  for (let start = 0; start < predicted.length; start += classes.length) {
    let best = 0;
    for (let index = 1; index < classes.length; index += 1) {
      if ((predicted[start + index] ?? 0) > (predicted[start + best] ?? 0)) best = index;
    }
    predictions.push({
      value: classes[best] ?? '',
      probability: predicted[start + best] ?? 0,
      probabilities: Object.fromEntries(classes.map((name, index) => [name, predicted[start + index] ?? 0])),
    });
  }
  return predictions;
}
