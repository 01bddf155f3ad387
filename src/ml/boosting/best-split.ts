import { BINS, type Histograms, MISSING_BIN } from '../kernels/histograms.ts';
import { type BinSums, type LeafSums, RunningSums, type SplitRules, searchSplits } from '../kernels/thresholds.ts';
import { type ColumnBins, RARE_BIN } from './cut-bins.ts';

export interface Split {
  /** By how much the loss falls, up to a factor. */
  readonly gain: number;
  readonly column: number;
  /** For each bin, 1 when it goes left. */
  readonly goesLeft: Uint8Array;
  /** Of numbers, the last bin on the left. */
  readonly lastLeft: number;
  readonly left: LeafSums;
}

/** As in LightGBM: a category is judged with so many rows of no effect, so that few rows do not decide. */
const CATEGORY_SMOOTHING = 10;
/** Above so many categories there are many sets to choose from, and the choice is penalised. */
const FEW_CATEGORIES = 4;

interface LeafQuestion {
  readonly slot: number;
  readonly total: LeafSums;
}

/** Looks for the best split of a leaf by some of the columns. */
export function splitFinder(
  histograms: Histograms,
  {
    cut,
    columns,
    rules,
  }: { readonly cut: readonly ColumnBins[]; readonly columns: readonly number[]; readonly rules: SplitRules },
) {
  const binCounts = new Int32Array(cut.length);
  const coded: { readonly column: number; readonly codeCount: number }[] = [];
  for (const column of columns) {
    const bins = cut[column]!;
    if (bins.kind === 'numbers') binCounts[column] = bins.cuts.length + 1;
    else coded.push({ column, codeCount: bins.codes.length });
  }
  const sums = {
    gradients: new Float64Array(BINS),
    curvatures: new Float64Array(BINS),
    counts: new Float64Array(BINS),
  };
  /** Undefined when no split is allowed or makes the loss fall. The first of equally good ones counts, numbers before categories. */
  return ({ slot, total }: LeafQuestion): Split | undefined => {
    let best = maybeThreshold(histograms, { slot, total, binCounts, rules });
    for (const { column, codeCount } of coded) {
      histograms.read(slot, column, sums);
      const found = maybeBestSet(rules, { column, codeCount, sums, total });
      if (found !== undefined && found.gain > (best?.gain ?? 0)) best = found;
    }
    return best;
  };
}

interface ThresholdQuestion extends LeafQuestion {
  readonly binCounts: Int32Array;
  readonly rules: SplitRules;
}

function maybeThreshold(
  histograms: Histograms,
  { slot, total, binCounts, rules }: ThresholdQuestion,
): Split | undefined {
  const found = histograms.maybeBestThreshold(slot, { total, binCounts, rules });
  if (found === undefined) return undefined;
  const { gain, column, at, left, side, isAnyMissing } = found;
  const goesLeft = new Uint8Array(BINS).fill(1, 0, at + 1);
  // What no row of the training lacks goes where most rows go.
  const isMissingLeft = isAnyMissing ? side === 'left' : left.count * 2 > total.count;
  goesLeft[MISSING_BIN] = isMissingLeft ? 1 : 0;
  return { gain, column, goesLeft, lastLeft: at, left };
}

interface SetQuestion {
  readonly column: number;
  readonly codeCount: number;
  readonly sums: BinSums;
  readonly total: LeafSums;
}

/**
 * Sets of categories: ordered by what they add to the loss, the best set is the first so many of them (Fisher, "On grouping
 * for maximum homogeneity", 1958). What is missing or rare goes right, as does what was never seen.
 */
function maybeBestSet(rules: SplitRules, { column, codeCount, sums, total }: SetQuestion): Split | undefined {
  const { gradients, curvatures, counts } = sums;
  const isFew = codeCount <= FEW_CATEGORIES;
  const slope = (bin: number): number =>
    (gradients[bin]! * rules.gradientUnit) / (curvatures[bin]! * rules.curvatureUnit + CATEGORY_SMOOTHING);
  const ascending = Array.from({ length: Math.min(codeCount, RARE_BIN) }, (_, bin) => bin)
    .filter((bin) => counts[bin]! >= (isFew ? 1 : CATEGORY_SMOOTHING))
    .sort((a, b) => slope(a) - slope(b) || a - b);
  const search = searchSplits({ ...rules, l2: rules.l2 + (isFew ? 0 : CATEGORY_SMOOTHING) }, total);
  // From both ends, because what is not among them always stands on the right.
  const orders = { right: ascending, left: ascending.toReversed() };
  for (const side of ['right', 'left'] as const) {
    const left = new RunningSums();
    for (const [at, bin] of orders[side].entries()) {
      left.add(sums, bin);
      search.offer(left, at, side);
    }
  }
  const best = search.maybeBest();
  if (best === undefined) return undefined;
  const goesLeft = new Uint8Array(BINS);
  for (const bin of orders[best.side].slice(0, best.at + 1)) goesLeft[bin] = 1;
  return { gain: best.gain, column, goesLeft, lastLeft: -1, left: best.left };
}
