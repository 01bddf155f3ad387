import type { Contributions, ExplainQuestion, LabelKind, Matrix } from './estimator.ts';

interface WeightedSums {
  readonly label: LabelKind;
  /** One vector of weights for each score, its intercept last. */
  readonly vectors: Float64Array;
  /** Turns the scores of a row into what is predicted. */
  readonly answer: (scores: Float64Array) => ArrayLike<number>;
  /** The value of a column as the model reads it. */
  readonly bounded: (value: number) => number;
}

/**
 * The exact Shapley values of a weighted sum over a background: each column adds its weight times its distance from the
 * mean of the background (Štrumbelj and Kononenko, "Explaining prediction models and individual predictions with feature
 * contributions", Knowledge and Information Systems 41, 2014; Lundberg and Lee, NeurIPS 2017, corollary 1). Of classes the
 * log-odds of the predicted one are explained, against the others on average, because probabilities are no sums.
 */
export function explainLinear(
  sums: WeightedSums,
  { matrix, background, groups }: ExplainQuestion & { readonly matrix: Matrix },
): Contributions {
  const { label, bounded } = sums;
  const width = matrix.columns.length;
  const means = columnMeans(background, bounded);
  const { rowCount } = matrix;
  const classes = new Int32Array(rowCount);
  const [outputs, bases] = [new Float64Array(rowCount), new Float64Array(rowCount)];
  const values = new Float64Array(rowCount * groups.length);
  const weightsOf = vectorsOfClasses(sums, width);
  for (let row = 0; row < rowCount; row += 1) {
    const given = matrix.values.subarray(row * width, (row + 1) * width).map(bounded);
    const explained = label.kind === 'regression' ? 0 : predictedClass(sums, given);
    const weights = weightsOf(explained);
    classes[row] = explained;
    outputs[row] = scoreOf(weights, given);
    bases[row] = scoreOf(weights, means);
    groups.forEach((columns, group) => {
      let sum = 0;
      for (const column of columns) sum += weights[column]! * (given[column]! - means[column]!);
      values[row * groups.length + group] = sum;
    });
  }
  const about = label.kind === 'regression' ? { of: 'number' as const } : { of: 'log-odds' as const, classes };
  return { ...about, outputs, bases, values, isExact: true };
}

function columnMeans({ columns, rowCount, values }: Matrix, bounded: WeightedSums['bounded']): Float64Array {
  const means = new Float64Array(columns.length);
  values.forEach((value, at) => {
    means[at % columns.length]! += bounded(value) / rowCount;
  });
  return means;
}

function predictedClass({ vectors, answer }: WeightedSums, row: Float64Array): number {
  const stride = row.length + 1;
  const scores = Float64Array.from({ length: vectors.length / stride }, (_, index) =>
    scoreOf(vectors.subarray(index * stride, (index + 1) * stride), row),
  );
  const answers = Array.from(answer(scores));
  return answers.indexOf(Math.max(...answers));
}

/** The weights of the log-odds of a class against the mean of the others; of a number its own. */
function vectorsOfClasses({ label, vectors }: WeightedSums, width: number): (index: number) => Float64Array {
  if (label.kind === 'regression') return () => vectors;
  // The one score of two classes is that of the second.
  if (label.classes.length === 2) return (index) => vectors.map((weight) => (index === 1 ? weight : -weight));
  const stride = width + 1;
  const count = label.classes.length;
  const sums = Float64Array.from({ length: stride }, (_, at) => {
    let sum = 0;
    for (let vector = 0; vector < count; vector += 1) sum += vectors[vector * stride + at]!;
    return sum;
  });
  return (index) =>
    sums.map((sum, at) => {
      const own = vectors[index * stride + at]!;
      return own - (sum - own) / (count - 1);
    });
}

function scoreOf(weights: Float64Array, row: Float64Array): number {
  let sum = weights[row.length]!;
  for (let column = 0; column < row.length; column += 1) sum += weights[column]! * row[column]!;
  return sum;
}
