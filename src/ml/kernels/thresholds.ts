/** The sums of one column, bin by bin. All are whole numbers below 2^53, so they are exact. */
export interface BinSums {
  readonly gradients: Float64Array;
  readonly curvatures: Float64Array;
  readonly counts: Float64Array;
}

/** What the rows of a leaf, or of one side of a split, add up to, in whole numbers. */
export interface LeafSums {
  readonly gradient: number;
  readonly curvature: number;
  readonly count: number;
}

/** What decides which splits are allowed and how good they are. */
export interface SplitRules {
  /** Sums of whole numbers times these are the sums of the derivatives. */
  readonly gradientUnit: number;
  readonly curvatureUnit: number;
  readonly l2: number;
  readonly leafRowsMin: number;
}

/** As in LightGBM: a leaf whose curvature is smaller would have any value. */
export const CURVATURE_MIN = 1e-3;
/** Less, times one more than the gain of the leaf as it is, is the rounding of sums. */
export const GAIN_MIN = 1e-10;

type Side = 'left' | 'right';

export interface FoundSplit {
  /** By how much the loss falls, up to a factor. */
  readonly gain: number;
  /** Which bin, or how many categories, is the last on the left. */
  readonly at: number;
  /** Where what is missing goes, or from which end the categories are. */
  readonly side: Side;
  readonly left: LeafSums;
}

/** Compares splits of a leaf; the first of equally good ones counts. The order of operations is that of `scan` in histograms.as. */
export function searchSplits({ gradientUnit, curvatureUnit, l2, leafRowsMin }: SplitRules, total: LeafSums) {
  const totalGradient = total.gradient * gradientUnit;
  const totalCurvature = total.curvature * curvatureUnit;
  const unsplit = (totalGradient * totalGradient) / (totalCurvature + l2);
  let highest = unsplit + GAIN_MIN * (1 + unsplit);
  let best: FoundSplit | undefined;
  return {
    offer(left: LeafSums, at: number, side: Side): void {
      if (left.count < leafRowsMin || total.count - left.count < leafRowsMin) return;
      const leftGradient = left.gradient * gradientUnit;
      const leftCurvature = left.curvature * curvatureUnit;
      const rightCurvature = totalCurvature - leftCurvature;
      if (leftCurvature < CURVATURE_MIN || rightCurvature < CURVATURE_MIN) return;
      const rightGradient = totalGradient - leftGradient;
      const [leftWeight, rightWeight] = [leftCurvature + l2, rightCurvature + l2];
      // Both sides over one denominator: a division takes longer than all the rest, and few splits are better.
      const weights = leftWeight * rightWeight;
      const split = leftGradient * leftGradient * rightWeight + rightGradient * rightGradient * leftWeight;
      if (!(split > highest * weights)) return;
      highest = split / weights;
      best = { gain: highest - unsplit, at, side, left: { ...left } };
    },
    maybeBest: (): FoundSplit | undefined => best,
  };
}

/** Sums that rows are added to. */
export class RunningSums implements LeafSums {
  gradient = 0;
  curvature = 0;
  count = 0;

  add({ gradients, curvatures, counts }: BinSums, bin: number): void {
    this.gradient += gradients[bin]!;
    this.curvature += curvatures[bin]!;
    this.count += counts[bin]!;
  }
}

interface ThresholdQuestion {
  /** Bins of values. */
  readonly binCount: number;
  /** The bin of what is missing. */
  readonly missingBin: number;
  readonly sums: BinSums;
}

/** Offers every threshold of one column. */
export function offerThresholds(
  search: ReturnType<typeof searchSplits>,
  { binCount, missingBin, sums }: ThresholdQuestion,
): void {
  const isAnyMissing = sums.counts[missingBin]! > 0;
  const left = new RunningSums();
  const leftWithMissing = new RunningSums();
  if (isAnyMissing) leftWithMissing.add(sums, missingBin);
  // With missing values, all numbers against what is missing is a split too.
  const end = isAnyMissing ? binCount : binCount - 1;
  for (let bin = 0; bin < end; bin += 1) {
    if (sums.counts[bin] === 0) continue;
    left.add(sums, bin);
    search.offer(left, bin, 'right');
    if (!isAnyMissing) continue;
    leftWithMissing.add(sums, bin);
    search.offer(leftWithMissing, bin, 'left');
  }
}
