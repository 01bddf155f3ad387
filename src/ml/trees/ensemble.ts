import type { LabelKind } from '../estimators/estimator.ts';
import { corrupt } from '../estimators/payload.ts';

/** How the sums of a row's leaves become what is predicted. */
export const LINKS = ['identity', 'exponential', 'signed-square', 'sigmoid', 'softmax'] as const;
export type Link = (typeof LINKS)[number];

/** A split by a set of codes instead of a threshold. */
export const CATEGORICAL = 1;
/** NaN goes left; otherwise right. */
export const NAN_LEFT = 2;
/** Zero is missing too, and goes where NaN goes. */
export const ZERO_IS_MISSING = 4;

/** What counts as zero where zero is missing: LightGBM's bound, a single-precision number. */
export const ZERO_MAX = Math.fround(1e-35);

/**
 * Trees of any library in one form. A row starts at the root of each tree. At a split it goes left when its number is at
 * most the threshold, or its code is in the set; what is missing goes where the split says. The sum of the leaves that it
 * reaches, one sum for each output, goes through the link.
 *
 * A place in a tree is one number: a split from 0 on, or `~leaf`. Splits and leaves are counted through all trees.
 */
export interface TreeEnsemble {
  readonly label: LabelKind;
  readonly columns: readonly string[];
  readonly link: Link;
  /** Sums for each row: as many as classes, or one. Tree `t` adds to sum `t % outputs`. */
  readonly outputs: number;
  /** What the sums start from. */
  readonly bases: Float64Array;
  /** Where each tree begins. */
  readonly roots: Int32Array;
  /** Of each split: its column, its threshold or the number of its set, its flags, and the places on both sides. */
  readonly columnOf: Int32Array;
  readonly thresholds: Float64Array;
  readonly flags: Int32Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** Training rows that reached each split and each leaf, as a weight. */
  readonly splitCovers: Float64Array;
  readonly leafCovers: Float64Array;
  readonly leaves: Float64Array;
  /** Set `s` has the bits of `setWords` from `setStarts[s]` to `setStarts[s + 1]`, 32 codes to a word. */
  readonly setStarts: Int32Array;
  readonly setWords: Int32Array;
}

/** Where a number goes at a split. */
export function nextPlace(trees: TreeEnsemble, split: number, value: number): number {
  return goesLeft(trees, split, value) ? trees.left[split]! : trees.right[split]!;
}

function goesLeft(trees: TreeEnsemble, split: number, value: number): boolean {
  const flags = trees.flags[split]!;
  if ((flags & CATEGORICAL) !== 0) return isInSet(trees, trees.thresholds[split]!, value);
  if (Number.isNaN(value)) return (flags & NAN_LEFT) !== 0;
  if ((flags & ZERO_IS_MISSING) !== 0 && value <= ZERO_MAX && value >= -ZERO_MAX) return (flags & NAN_LEFT) !== 0;
  return value <= trees.thresholds[split]!;
}

/** Codes are cut to whole numbers, as LightGBM does; what is no code is in no set. */
function isInSet({ setStarts, setWords }: TreeEnsemble, set: number, value: number): boolean {
  if (!(value > -1)) return false;
  const start = setStarts[set]!;
  const code = Math.trunc(value);
  // Beyond 32 bits the shift would wrap: such a code lies behind every set.
  if (code >= (setStarts[set + 1]! - start) * 32) return false;
  return ((setWords[start + (code >>> 5)]! >>> (code & 31)) & 1) === 1;
}

/** Refuses what no training writes: places that do not exist or are reached twice, and numbers that are not finite. */
export function assertSound(trees: TreeEnsemble): void {
  const { label, outputs, columns, bases, roots, columnOf, thresholds, flags, leaves, setStarts, setWords } = trees;
  const classes = label.kind === 'classification' ? label.classes.length : undefined;
  const expected = trees.link === 'softmax' ? classes : trees.link !== 'sigmoid' || classes === 2 ? 1 : undefined;
  if (outputs !== expected || (classes === undefined) === (trees.link === 'softmax' || trees.link === 'sigmoid'))
    throw corrupt(`the link "${trees.link}" of ${outputs} sums does not give its label`);
  if (bases.length !== outputs || roots.length % outputs !== 0) throw corrupt('its trees do not fit its sums');
  const splits = columnOf.length;
  for (const each of [thresholds, flags, trees.left, trees.right, trees.splitCovers])
    if (each.length !== splits) throw corrupt('its splits are not complete');
  if (trees.leafCovers.length !== leaves.length) throw corrupt('its leaves are not complete');
  if (![bases, leaves].every((numbers) => numbers.every(Number.isFinite))) throw corrupt('a leaf is not finite');
  if (![trees.splitCovers, trees.leafCovers].every((covers) => covers.every((cover) => cover > 0 && cover < Infinity)))
    throw corrupt('a split or a leaf was reached by no row');
  const sets = setStarts.length - 1;
  if (setStarts[0] !== 0 || setStarts[sets] !== setWords.length) throw corrupt('its sets are not complete');
  for (let set = 0; set < sets; set += 1) if (setStarts[set]! > setStarts[set + 1]!) throw corrupt('a set ends early');
  for (let split = 0; split < splits; split += 1) {
    const [column, threshold] = [columnOf[split]!, thresholds[split]!];
    if (column < 0 || column >= columns.length) throw corrupt('a split names a column that does not exist');
    const isSet = (flags[split]! & CATEGORICAL) !== 0;
    if (isSet ? !(Number.isInteger(threshold) && threshold >= 0 && threshold < sets) : Number.isNaN(threshold))
      throw corrupt('a split has no threshold');
  }
  assertTrees(trees);
}

function assertTrees({ roots, left, right, leaves }: TreeEnsemble): void {
  const seen = { splits: new Uint8Array(left.length), leaves: new Uint8Array(leaves.length) };
  const waiting = Array.from(roots);
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    const [kind, at] = place < 0 ? [seen.leaves, ~place] : [seen.splits, place];
    if (at >= kind.length || kind[at] === 1) throw corrupt('a place of its trees does not exist, or is reached twice');
    kind[at] = 1;
    if (place >= 0) waiting.push(left[place]!, right[place]!);
  }
  if (seen.splits.includes(0) || seen.leaves.includes(0)) throw corrupt('a place of its trees is never reached');
}
