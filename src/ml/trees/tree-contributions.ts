import { nextPlace, type TreeEnsemble } from './ensemble.ts';

/** What is explained: a row of the matrix, and which feature each of its columns belongs to. */
export interface ContributionQuestion {
  readonly row: Float64Array;
  readonly groupOf: Int32Array;
  readonly groupCount: number;
}

/**
 * The Shapley values of the sums of the leaves: of output `o` and group `g` at `o * groupCount + g`. What the trees say
 * of a row without some features is the mean over the training rows that a split of such a feature sends either way
 * (TreeSHAP: Lundberg, Erion and Lee, "Consistent individualized feature attribution for tree ensembles", 2018, algorithm
 * 2). Columns of one group come and go together, so the values are exact for groups as well.
 */
export function contributionsOf(trees: TreeEnsemble, question: ContributionQuestion): Float64Array {
  const { outputs, roots } = trees;
  const values = new Float64Array(outputs * question.groupCount);
  roots.forEach((root, tree) => {
    const first = (tree % outputs) * question.groupCount;
    const into = values.subarray(first, first + question.groupCount);
    const walk = { trees, question, into };
    descend(walk, { place: root, path: [], zero: 1, one: 1, group: -1 });
  });
  return values;
}

/** The means of the sums over the training rows. */
export function meanSums(trees: TreeEnsemble): Float64Array {
  const { bases, roots, outputs, leaves, leafCovers } = trees;
  const means = bases.slice();
  roots.forEach((root, tree) => {
    let [sum, weight] = [0, 0];
    for (const leaf of leavesBelow(trees, root)) {
      sum += leaves[leaf]! * leafCovers[leaf]!;
      weight += leafCovers[leaf]!;
    }
    means[tree % outputs]! += sum / weight;
  });
  return means;
}

function* leavesBelow({ left, right }: TreeEnsemble, root: number): Generator<number> {
  const waiting = [root];
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop())
    if (place < 0) yield ~place;
    else waiting.push(right[place]!, left[place]!);
}

/** A feature on the way to a place: the shares of the rows without it and with it that go this way, and their weight. */
interface Step {
  readonly group: number;
  readonly zero: number;
  readonly one: number;
  weight: number;
}

interface Walk {
  readonly trees: TreeEnsemble;
  readonly question: ContributionQuestion;
  readonly into: Float64Array;
}

interface Arrival {
  readonly place: number;
  readonly path: readonly Step[];
  readonly zero: number;
  readonly one: number;
  readonly group: number;
}

function descend(walk: Walk, { place, path: before, ...step }: Arrival): void {
  const { trees, question, into } = walk;
  const path = extended(before, step);
  if (place < 0) {
    const leaf = trees.leaves[~place]!;
    for (let at = 1; at < path.length; at += 1) {
      const { group, zero, one } = path[at]!;
      into[group]! += unwoundSum(path, at) * (one - zero) * leaf;
    }
    return;
  }
  const column = trees.columnOf[place]!;
  const group = question.groupOf[column]!;
  const hot = nextPlace(trees, place, question.row[column]!);
  const cold = hot === trees.left[place] ? trees.right[place]! : trees.left[place]!;
  const known = path.findIndex((each) => each.group === group);
  const { zero, one } = known === -1 ? { zero: 1, one: 1 } : path[known]!;
  const rest = known === -1 ? path : unwound(path, known);
  const share = (side: number): number => (coverOf(trees, side) / coverOf(trees, place)) * zero;
  descend(walk, { place: hot, path: rest, zero: share(hot), one, group });
  descend(walk, { place: cold, path: rest, zero: share(cold), one: 0, group });
}

const coverOf = ({ splitCovers, leafCovers }: TreeEnsemble, place: number): number =>
  place < 0 ? leafCovers[~place]! : splitCovers[place]!;

/** The path with one more feature: each weight is that of all subsets of one size. */
function extended(path: readonly Step[], step: Omit<Step, 'weight'>): readonly Step[] {
  const depth = path.length;
  const longer = [...path.map((each) => ({ ...each })), { ...step, weight: depth === 0 ? 1 : 0 }];
  for (let at = depth - 1; at >= 0; at -= 1) {
    const weight = longer[at]!.weight;
    longer[at + 1]!.weight += (step.one * weight * (at + 1)) / (depth + 1);
    longer[at]!.weight = (step.zero * weight * (depth - at)) / (depth + 1);
  }
  return longer;
}

/** The path as it would be without one of its features. */
function unwound(path: readonly Step[], without: number): readonly Step[] {
  const depth = path.length - 1;
  const { zero, one } = path[without]!;
  const weights = path.map(({ weight }) => weight);
  let next = weights[depth]!;
  for (let at = depth - 1; at >= 0; at -= 1) {
    if (one === 0) weights[at] = (weights[at]! * (depth + 1)) / (zero * (depth - at));
    else {
      const weight = weights[at]!;
      weights[at] = (next * (depth + 1)) / ((at + 1) * one);
      next = weight - (weights[at]! * zero * (depth - at)) / (depth + 1);
    }
  }
  return path.toSpliced(without, 1).map((each, at) => ({ ...each, weight: weights[at]! }));
}

/** The sum of the weights of the path as it would be without one of its features. */
function unwoundSum(path: readonly Step[], without: number): number {
  const depth = path.length - 1;
  const { zero, one } = path[without]!;
  let next = path[depth]!.weight;
  let total = 0;
  for (let at = depth - 1; at >= 0; at -= 1) {
    if (one === 0) total += (path[at]!.weight / zero / (depth - at)) * (depth + 1);
    else {
      const weight = (next * (depth + 1)) / ((at + 1) * one);
      total += weight;
      next = path[at]!.weight - (weight * zero * (depth - at)) / (depth + 1);
    }
  }
  return total;
}
