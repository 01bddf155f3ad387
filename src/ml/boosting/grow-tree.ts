import { BINS, type Histograms, type RowRange } from '../kernels/histograms.ts';
import { type LeafSums, RunningSums, type SplitRules } from '../kernels/thresholds.ts';
import { type Split, splitFinder } from './best-split.ts';
import type { ColumnBins } from './cut-bins.ts';

/** A tree over bins. A place is the number of a split, or `~leaf`. */
export interface GrownTree {
  readonly root: number;
  readonly splits: readonly GrownSplit[];
  readonly leaves: readonly GrownLeaf[];
}

export interface GrownSplit extends Split {
  /** Rows of the training that came here. */
  readonly rowCount: number;
  readonly leftPlace: number;
  readonly rightPlace: number;
}

export interface GrownLeaf extends RowRange {
  /** What the leaf adds to the score. */
  readonly value: number;
}

export interface GrowOptions extends SplitRules {
  readonly leavesMax: number;
  readonly learningRate: number;
  /** The columns that may be split on. */
  readonly columns: readonly number[];
}

interface Leaf {
  readonly rows: RowRange;
  readonly sums: LeafSums;
  /** Where its histogram is. */
  readonly slot: number;
  readonly split: Split | undefined;
  /** Which split it hangs on, and at which side. */
  readonly parent: { readonly split: Mutable<GrownSplit>; readonly side: 'leftPlace' | 'rightPlace' } | undefined;
}

type Mutable<T> = { -readonly [name in keyof T]: T[name] };

/**
 * Grows a tree over the first `rowCount` rows of the order, always at the leaf whose split makes the loss fall most. Of two
 * new leaves only the smaller one is added up; the histogram of the other is what is left of their parent's.
 */
export function growTree(
  histograms: Histograms,
  cut: readonly ColumnBins[],
  { rowCount, ...options }: GrowOptions & { readonly rowCount: number },
): GrownTree {
  const maybeSplit = splitFinder(histograms, { cut, columns: options.columns, rules: options });
  const rows = { from: 0, to: rowCount };
  histograms.build(0, rows);
  const total = totalOf(histograms);
  const leaves: Leaf[] = [{ rows, sums: total, slot: 0, split: maybeSplit({ slot: 0, total }), parent: undefined }];
  const splits: Mutable<GrownSplit>[] = [];
  while (leaves.length < options.leavesMax) {
    const at = bestLeaf(leaves);
    const leaf = leaves[at];
    if (leaf?.split === undefined) break;
    const end = histograms.partition(leaf.split.column, leaf.split.goesLeft, leaf.rows);
    const split = { ...leaf.split, rowCount: leaf.rows.to - leaf.rows.from, leftPlace: 0, rightPlace: 0 };
    if (leaf.parent !== undefined) leaf.parent.split[leaf.parent.side] = splits.length;
    splits.push(split);
    const ranges = [
      { from: leaf.rows.from, to: end },
      { from: end, to: leaf.rows.to },
    ] as const;
    const isLeftSmaller = end - leaf.rows.from <= leaf.rows.to - end;
    const smaller = ranges[isLeftSmaller ? 0 : 1];
    const isLast = leaves.length + 1 === options.leavesMax;
    const spare = leaves.length;
    if (!isLast) {
      histograms.build(spare, smaller);
      histograms.subtract(leaf.slot, spare);
    }
    const child = (side: 'leftPlace' | 'rightPlace'): Leaf => {
      const isLeft = side === 'leftPlace';
      const own = isLeft ? split.left : otherSide(leaf.sums, split.left);
      const slot = isLeft === isLeftSmaller ? spare : leaf.slot;
      return {
        ...{ rows: ranges[isLeft ? 0 : 1], sums: own, slot, parent: { split, side } },
        split: isLast ? undefined : maybeSplit({ slot, total: own }),
      };
    };
    leaves[at] = child('leftPlace');
    leaves.push(child('rightPlace'));
  }
  leaves.forEach(({ parent }, leaf) => {
    if (parent !== undefined) parent.split[parent.side] = ~leaf;
  });
  const grown = leaves.map(({ rows: own, sums: ownSums }) => ({ ...own, value: stepOf(ownSums, options) }));
  return { root: splits.length === 0 ? ~0 : 0, splits, leaves: grown };
}

/** The sums over all rows of slot 0: every row is in one bin of each column. */
function totalOf(histograms: Histograms): LeafSums {
  const sums = {
    gradients: new Float64Array(BINS),
    curvatures: new Float64Array(BINS),
    counts: new Float64Array(BINS),
  };
  histograms.read(0, 0, sums);
  const total = new RunningSums();
  for (let bin = 0; bin < BINS; bin += 1) total.add(sums, bin);
  return total;
}

/** Sums of the rows of a leaf that are not on one side. */
const otherSide = (total: LeafSums, side: LeafSums): LeafSums => ({
  gradient: total.gradient - side.gradient,
  curvature: total.curvature - side.curvature,
  count: total.count - side.count,
});

/** The first of the leaves with the best split; -1 when none has one. */
function bestLeaf(leaves: readonly Leaf[]): number {
  let best = -1;
  leaves.forEach(({ split }, leaf) => {
    if (split !== undefined && split.gain > (leaves[best]?.split?.gain ?? 0)) best = leaf;
  });
  return best;
}

/** The step of Newton, shortened by the learning rate. */
function stepOf(
  { gradient, curvature }: LeafSums,
  { gradientUnit, curvatureUnit, l2, learningRate }: GrowOptions,
): number {
  const step = (gradient * gradientUnit) / (curvature * curvatureUnit + l2);
  return Number.isFinite(step) ? -learningRate * step : 0;
}

/** The leaf that a row reaches, by its bins. */
export function leafOf({ root, splits }: GrownTree, { bins, rowCount }: ColumnsOfBins, row: number): number {
  let place = root;
  while (place >= 0) {
    const { column, goesLeft, leftPlace, rightPlace } = splits[place]!;
    place = goesLeft[bins[column * rowCount + row]!] === 1 ? leftPlace : rightPlace;
  }
  return ~place;
}

interface ColumnsOfBins {
  readonly bins: Uint8Array;
  readonly rowCount: number;
}
