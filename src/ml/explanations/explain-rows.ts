import type { LabelKind, Matrix, Model } from '../estimators/estimator.ts';
import type { FittedFeatures } from '../features/features.ts';
import { columnGroups, toMatrix } from '../features/to-matrix.ts';
import type { FeatureRow } from '../prediction.ts';
import { sampledShapley } from './sampled-shapley.ts';

/** Why a row is predicted as it is: `base` and all contributions add up to `output`. */
export interface Explanation {
  /** What the output is: the number, the probability of the class, or its log-odds against the other classes. */
  readonly of: 'number' | 'probability' | 'log-odds';
  /** The predicted class; absent for a number. */
  readonly class?: string;
  readonly output: number;
  /** The mean output of the rows that are compared with. */
  readonly base: number;
  /** By how much each column that the model reads raises or lowers the output. */
  readonly contributions: Readonly<Record<string, number>>;
  /** Whether these are Shapley values, not an estimate of them from samples. */
  readonly isExact: boolean;
}

export interface ExplainedModel {
  readonly model: Model;
  readonly features: FittedFeatures;
  /** Rows that others are compared with; at least one. */
  readonly background: readonly FeatureRow[];
}

/** Explains predictions by the contributions of columns: by a formula where the estimator has one, else by sampling. */
export function explainRows(
  { model, features, background }: ExplainedModel,
  rows: readonly FeatureRow[],
): Explanation[] {
  const matrix: Matrix = toMatrix(features, rows);
  const named = columnGroups(features);
  const question = { background: toMatrix(features, background), groups: named.map(({ columns }) => columns) };
  const found = model.explain?.(matrix, question) ?? sampledShapley(model, { matrix, ...question });
  const { of, classes, outputs, bases, values, isExact } = found;
  return rows.map((_, row) => ({
    of,
    ...(classes === undefined ? {} : { class: classOf(model.label, classes[row] ?? 0) }),
    output: outputs[row] ?? 0,
    base: bases[row] ?? 0,
    contributions: Object.fromEntries(named.map(({ name }, group) => [name, values[row * named.length + group] ?? 0])),
    isExact,
  }));
}

function classOf(label: LabelKind, index: number): string {
  return label.kind === 'regression' ? '' : (label.classes[index] ?? '');
}
