import type { Contributions, ExplainQuestion, Matrix, Model } from '../estimators/estimator.ts';
import { assertColumns } from '../estimators/training.ts';
import type { TreeEnsemble } from './ensemble.ts';
import { predictTrees, sumLeaves } from './score-rows.ts';
import { meanSums, treeExplainer } from './tree-contributions.ts';
import { writeTrees } from './tree-payload.ts';

/** Trees as a model: one way to predict for serving, batch prediction and evaluation. */
export function treeModel(trees: TreeEnsemble): Model {
  return {
    label: trees.label,
    predict(matrix) {
      assertColumns(matrix, trees.columns);
      return predictTrees(trees, matrix);
    },
    ...(isSumExplained(trees) ? { explain: (matrix, question) => explainTrees(trees, { matrix, ...question }) } : {}),
    payload: () => writeTrees(trees),
  };
}

/** The exponential of a sum is no sum of contributions; those of such numbers are sampled. */
const isSumExplained = ({ label, link }: TreeEnsemble): boolean =>
  label.kind === 'classification' || link === 'identity';

/**
 * The Shapley values of the sums, compared with the training rows, which the trees remember in their covers. Of classes
 * the sum of the predicted one is explained, against the others on average.
 */
function explainTrees(
  trees: TreeEnsemble,
  { matrix, groups }: ExplainQuestion & { readonly matrix: Matrix },
): Contributions {
  assertColumns(matrix, trees.columns);
  const { label, outputs } = trees;
  const { rowCount } = matrix;
  const width = matrix.columns.length;
  const groupOf = new Int32Array(width);
  groups.forEach((columns, group) => {
    for (const column of columns) groupOf[column] = group;
  });
  const explain = treeExplainer(trees, { groupOf, groupCount: groups.length });
  const sums = sumLeaves(trees, matrix);
  const means = meanSums(trees);
  const classes = new Int32Array(rowCount);
  const [found, bases] = [new Float64Array(rowCount), new Float64Array(rowCount)];
  const values = new Float64Array(rowCount * groups.length);
  for (let row = 0; row < rowCount; row += 1) {
    const own = sums.subarray(row * outputs, (row + 1) * outputs);
    const explained = label.kind === 'regression' ? 0 : predictedClass(own);
    const weights = weightsOf(trees, explained);
    const contributions = explain(matrix.values.subarray(row * width, (row + 1) * width));
    classes[row] = explained;
    weights.forEach((weight, output) => {
      found[row]! += weight * own[output]!;
      bases[row]! += weight * means[output]!;
      for (let group = 0; group < groups.length; group += 1)
        values[row * groups.length + group]! += weight * contributions[output * groups.length + group]!;
    });
  }
  const about = label.kind === 'regression' ? { of: 'number' as const } : { of: 'log-odds' as const, classes };
  return { ...about, outputs: found, bases, values, isExact: true };
}

/** The first of the most probable classes; the one sum of two classes is that of the second. */
function predictedClass(sums: Float64Array): number {
  if (sums.length === 1) return sums[0]! > 0 ? 1 : 0;
  let best = 0;
  for (let index = 1; index < sums.length; index += 1) if (sums[index]! > sums[best]!) best = index;
  return best;
}

/** By which factor each sum counts in the explained output. */
function weightsOf({ label, outputs }: TreeEnsemble, explained: number): readonly number[] {
  if (label.kind === 'regression') return [1];
  if (outputs === 1) return [explained === 1 ? 1 : -1];
  return Array.from({ length: outputs }, (_, output) => (output === explained ? 1 : -1 / (outputs - 1)));
}
