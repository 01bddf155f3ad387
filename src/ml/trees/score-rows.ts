import type { Matrix } from '../estimators/estimator.ts';
import { nextPlace, type TreeEnsemble } from './ensemble.ts';

/** Rows that go through one tree before the next: they and the tree stay in the cache of the processor. */
const BLOCK_ROWS = 256;

/** What the trees predict: probabilities of each class of each row, or one number a row. */
export function predictTrees(trees: TreeEnsemble, matrix: Matrix): Float64Array {
  return linked(trees, sumLeaves(trees, matrix));
}

/** The sums of the leaves that each row reaches, row-major. Trees are added in their order, however many rows there are. */
export function sumLeaves(trees: TreeEnsemble, { rowCount, columns, values }: Matrix): Float64Array {
  const { outputs, roots, bases } = trees;
  const sums = new Float64Array(rowCount * outputs);
  for (let row = 0; row < rowCount; row += 1) sums.set(bases, row * outputs);
  const width = columns.length;
  for (let first = 0; first < rowCount; first += BLOCK_ROWS) {
    const end = Math.min(first + BLOCK_ROWS, rowCount);
    for (let tree = 0; tree < roots.length; tree += 1)
      addTree(trees, { root: roots[tree]!, values, width, first, end, sums, output: tree % outputs });
  }
  return sums;
}

interface Adding {
  readonly root: number;
  readonly values: Float64Array;
  readonly width: number;
  readonly first: number;
  readonly end: number;
  readonly sums: Float64Array;
  readonly output: number;
}

function addTree(trees: TreeEnsemble, { root, values, width, first, end, sums, output }: Adding): void {
  const { columnOf, thresholds, flags, left, right, leaves, outputs } = trees;
  for (let row = first; row < end; row += 1) {
    const start = row * width;
    let place = root;
    while (place >= 0) {
      const value = values[start + columnOf[place]!]!;
      // The common split here, without a call: a threshold and a number that goes right when it is NaN.
      if (flags[place] === 0) place = value <= thresholds[place]! ? left[place]! : right[place]!;
      else place = nextPlace(trees, place, value);
    }
    const at = row * outputs + output;
    sums[at] = sums[at]! + leaves[~place]!;
  }
}

function linked({ link, outputs }: TreeEnsemble, sums: Float64Array): Float64Array {
  switch (link) {
    case 'identity':
      return sums;
    case 'exponential':
      return sums.map(Math.exp);
    case 'signed-square':
      return sums.map((sum) => Math.sign(sum) * sum * sum);
    case 'sigmoid': {
      const probabilities = new Float64Array(sums.length * 2);
      sums.forEach((sum, row) => {
        const probability = 1 / (1 + Math.exp(-sum));
        probabilities[2 * row] = 1 - probability;
        probabilities[2 * row + 1] = probability;
      });
      return probabilities;
    }
    case 'softmax':
      for (let start = 0; start < sums.length; start += outputs) softmax(sums.subarray(start, start + outputs));
      return sums;
    default:
      return link satisfies never;
  }
}

function softmax(scores: Float64Array): void {
  let most = -Infinity;
  for (const score of scores) most = Math.max(most, score);
  let total = 0;
  for (let index = 0; index < scores.length; index += 1) {
    scores[index] = Math.exp(scores[index]! - most);
    total += scores[index]!;
  }
  for (let index = 0; index < scores.length; index += 1) scores[index] = scores[index]! / total;
}
