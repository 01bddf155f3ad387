import { nextPlace, type TreeEnsemble } from './ensemble.ts';

/** Which feature each column of the matrix belongs to. */
export interface Grouping {
  readonly groupOf: Int32Array;
  readonly groupCount: number;
}

/**
 * Explains rows by the Shapley values of the sums of the leaves: of output `o` and group `g` at `o * groupCount + g`. What
 * the trees say of a row without some features is the mean over the training rows that a split of such a feature sends
 * either way (TreeSHAP: Lundberg, Erion and Lee, "Consistent individualized feature attribution for tree ensembles", 2018,
 * algorithm 2). Columns of one group come and go together, so the values are exact for groups as well.
 */
export function treeExplainer(
  trees: TreeEnsemble,
  { groupOf, groupCount }: Grouping,
): (row: Float64Array) => Float64Array {
  const { outputs, roots } = trees;
  const deepest = roots.reduce((most, root) => Math.max(most, depthOf(trees, root)), 0);
  const walk = new Walk(trees, { groupOf, size: ((deepest + 2) * (deepest + 3)) / 2 });
  return (row) => {
    const values = new Float64Array(outputs * groupCount);
    for (let tree = 0; tree < roots.length; tree += 1) {
      const first = (tree % outputs) * groupCount;
      walk.explain(roots[tree]!, row, values.subarray(first, first + groupCount));
    }
    return values;
  };
}

/** The means of the sums over the training rows. */
export function meanSums(trees: TreeEnsemble): Float64Array {
  const { bases, roots, outputs, leaves, leafCovers } = trees;
  const means = bases.slice();
  roots.forEach((root, tree) => {
    let [sum, weight] = [0, 0];
    for (const { place } of placesBelow(trees, root)) {
      if (place >= 0) continue;
      sum += leaves[~place]! * leafCovers[~place]!;
      weight += leafCovers[~place]!;
    }
    means[tree % outputs]! += sum / weight;
  });
  return means;
}

function depthOf(trees: TreeEnsemble, root: number): number {
  let deepest = 0;
  for (const { depth } of placesBelow(trees, root)) deepest = Math.max(deepest, depth);
  return deepest;
}

function* placesBelow({ left, right }: TreeEnsemble, root: number) {
  const waiting = [{ place: root, depth: 0 }];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    yield at;
    const { place, depth } = at;
    if (place >= 0) waiting.push({ place: right[place]!, depth: depth + 1 }, { place: left[place]!, depth: depth + 1 });
  }
}

/** The last step to a place: its feature, and the shares of the rows without it and with it that go this way. */
interface Step {
  readonly group: number;
  readonly zero: number;
  readonly one: number;
}

/**
 * The way to a place of a tree, as one step for each feature on it, with the weight of all subsets of each size. Ways lie
 * in one array behind each other: that to a place behind that to the split before it, so that it can be taken back.
 */
class Walk {
  readonly #trees: TreeEnsemble;
  readonly #groupOf: Int32Array;
  readonly #groups: Int32Array;
  readonly #zeros: Float64Array;
  readonly #ones: Float64Array;
  readonly #weights: Float64Array;
  #row: Float64Array = new Float64Array(0);
  #into: Float64Array = new Float64Array(0);

  constructor(trees: TreeEnsemble, { groupOf, size }: { readonly groupOf: Int32Array; readonly size: number }) {
    this.#trees = trees;
    this.#groupOf = groupOf;
    this.#groups = new Int32Array(size);
    this.#zeros = new Float64Array(size);
    this.#ones = new Float64Array(size);
    this.#weights = new Float64Array(size);
  }

  explain(root: number, row: Float64Array, into: Float64Array): void {
    this.#row = row;
    this.#into = into;
    this.#descend(root, { before: 0, length: 0 }, { group: -1, zero: 1, one: 1 });
  }

  /** `before` is where the way to the split before this place begins, and `length` its length. */
  #descend(place: number, { before, length }: { readonly before: number; readonly length: number }, step: Step): void {
    const start = before + length;
    this.#copy(before, start, length);
    this.#extend(start, length, step);
    if (place < 0) {
      this.#addLeaf(start, length, this.#trees.leaves[~place]!);
      return;
    }
    const { columnOf, left, right } = this.#trees;
    const column = columnOf[place]!;
    const group = this.#groupOf[column]!;
    const hot = nextPlace(this.#trees, place, this.#row[column]!);
    const cold = hot === left[place] ? right[place]! : left[place]!;
    let [zero, one, last] = [1, 1, length];
    const known = this.#groups.subarray(start, start + length + 1).indexOf(group);
    if (known !== -1) {
      zero = this.#zeros[start + known]!;
      one = this.#ones[start + known]!;
      this.#unwind(start, last, known);
      last -= 1;
    }
    const share = zero / this.#coverOf(place);
    const way = { before: start, length: last + 1 };
    this.#descend(hot, way, { group, zero: this.#coverOf(hot) * share, one });
    this.#descend(cold, way, { group, zero: this.#coverOf(cold) * share, one: 0 });
  }

  #coverOf(place: number): number {
    return place < 0 ? this.#trees.leafCovers[~place]! : this.#trees.splitCovers[place]!;
  }

  #copy(from: number, to: number, length: number): void {
    for (const each of [this.#groups, this.#zeros, this.#ones, this.#weights]) each.copyWithin(to, from, from + length);
  }

  /** Adds a step behind the last one. */
  #extend(start: number, last: number, { group, zero, one }: Step): void {
    const weights = this.#weights;
    this.#groups[start + last] = group;
    this.#zeros[start + last] = zero;
    this.#ones[start + last] = one;
    weights[start + last] = last === 0 ? 1 : 0;
    for (let at = last - 1; at >= 0; at -= 1) {
      const weight = weights[start + at]!;
      weights[start + at + 1]! += (one * weight * (at + 1)) / (last + 1);
      weights[start + at] = (zero * weight * (last - at)) / (last + 1);
    }
  }

  /** Takes a step out, as if it had never been there. */
  #unwind(start: number, last: number, without: number): void {
    const weights = this.#weights;
    const [zero, one] = [this.#zeros[start + without]!, this.#ones[start + without]!];
    let next = weights[start + last]!;
    for (let at = last - 1; at >= 0; at -= 1) {
      const weight = weights[start + at]!;
      if (one === 0) {
        weights[start + at] = (weight * (last + 1)) / (zero * (last - at));
        continue;
      }
      weights[start + at] = (next * (last + 1)) / ((at + 1) * one);
      next = weight - (weights[start + at]! * zero * (last - at)) / (last + 1);
    }
    const [from, end] = [start + without + 1, start + last + 1];
    for (const each of [this.#groups, this.#zeros, this.#ones]) each.copyWithin(from - 1, from, end);
  }

  #addLeaf(start: number, last: number, leaf: number): void {
    for (let at = 1; at <= last; at += 1) {
      const part = this.#ones[start + at]! - this.#zeros[start + at]!;
      this.#into[this.#groups[start + at]!]! += this.#unwoundSum(start, last, at) * part * leaf;
    }
  }

  /** The sum of the weights as they would be without a step. */
  #unwoundSum(start: number, last: number, without: number): number {
    const weights = this.#weights;
    const [zero, one] = [this.#zeros[start + without]!, this.#ones[start + without]!];
    let next = weights[start + last]!;
    let total = 0;
    for (let at = last - 1; at >= 0; at -= 1) {
      const weight = weights[start + at]!;
      if (one === 0) {
        total += (weight * (last + 1)) / (zero * (last - at));
        continue;
      }
      const unwound = (next * (last + 1)) / ((at + 1) * one);
      total += unwound;
      next = weight - (unwound * zero * (last - at)) / (last + 1);
    }
    return total;
  }
}
