import type { LabelKind } from '../estimators/estimator.ts';
import { MISSING_BIN } from '../kernels/histograms.ts';
import { CATEGORICAL, NAN_LEFT, type TreeEnsemble } from '../trees/ensemble.ts';
import type { ColumnBins } from './cut-bins.ts';
import type { GrownSplit, GrownTree } from './grow-tree.ts';
import type { Loss } from './losses.ts';

interface About {
  readonly label: LabelKind;
  readonly columns: readonly string[];
  readonly cut: readonly ColumnBins[];
  readonly bases: Float64Array;
  readonly loss: Loss;
}

/** Trees over bins as trees over the values of rows, which need no bins. */
export function toEnsemble(grown: readonly GrownTree[], { label, columns, cut, bases, loss }: About): TreeEnsemble {
  const setStarts = [0];
  const setWords: number[] = [];
  /** The number of a set of codes. */
  const addSet = (codes: readonly number[]): number => {
    const words = new Int32Array(Math.max(...codes) / 32 + 1);
    for (const code of codes) words[code >>> 5]! |= 1 << (code & 31);
    setWords.push(...words);
    return setStarts.push(setWords.length) - 2;
  };
  const thresholdOf = ({ column, goesLeft, lastLeft }: GrownSplit): number => {
    const own = cut[column]!;
    if (own.kind === 'codes') return addSet([...own.codes].filter((_, bin) => goesLeft[bin] === 1));
    // All numbers against what is missing.
    return own.cuts[lastLeft] ?? Number.POSITIVE_INFINITY;
  };
  const flagsOf = ({ column, goesLeft }: GrownSplit): number =>
    cut[column]!.kind === 'codes' ? CATEGORICAL : goesLeft[MISSING_BIN] === 1 ? NAN_LEFT : 0;
  const firsts = firstsOf(grown);
  const placesOf = (side: 'leftPlace' | 'rightPlace') =>
    Int32Array.from(grown.flatMap(({ splits }, tree) => splits.map((split) => placed(split[side], firsts[tree]!))));
  const splits = grown.flatMap((tree) => tree.splits);
  const leaves = grown.flatMap((tree) => tree.leaves);
  return {
    ...{ label, columns, bases, link: loss.link, outputs: loss.outputs },
    roots: Int32Array.from(grown, ({ root }, tree) => placed(root, firsts[tree]!)),
    columnOf: Int32Array.from(splits, ({ column }) => column),
    thresholds: Float64Array.from(splits, thresholdOf),
    flags: Int32Array.from(splits, flagsOf),
    ...{ left: placesOf('leftPlace'), right: placesOf('rightPlace') },
    splitCovers: Float64Array.from(splits, ({ rowCount }) => rowCount),
    leafCovers: Float64Array.from(leaves, ({ from, to }) => to - from),
    leaves: Float64Array.from(leaves, ({ value }) => value),
    ...{ setStarts: Int32Array.from(setStarts), setWords: Int32Array.from(setWords) },
  };
}

interface First {
  readonly split: number;
  readonly leaf: number;
}

/** How many splits and leaves are before each tree. */
function firstsOf(grown: readonly GrownTree[]): readonly First[] {
  let [split, leaf] = [0, 0];
  return grown.map(({ splits, leaves }) => {
    const first = { split, leaf };
    split += splits.length;
    leaf += leaves.length;
    return first;
  });
}

const placed = (place: number, { split, leaf }: First): number => (place < 0 ? ~(~place + leaf) : place + split);
