import {
  type BinSums,
  type FoundSplit,
  type LeafSums,
  offerThresholds,
  type SplitRules,
  searchSplits,
} from './thresholds.ts';

/** Bins of a column: 255 of values and, the last, of what is missing. */
export const BINS = 256;
/** The bin of what is missing. */
export const MISSING_BIN = BINS - 1;
/** Rows are counted in 24 bits. */
export const HISTOGRAM_ROWS_MAX = 2 ** 24 - 1;

/** Rows of a training whose numbers are cut into bins. */
export interface BinnedRows {
  readonly rowCount: number;
  readonly width: number;
}

/** A leaf while a tree grows: rows `order[from]` to `order[to - 1]`. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

export interface ThresholdSearch {
  readonly total: LeafSums;
  /** The bins of values of each column; 0 for those that are left out. */
  readonly binCounts: Int32Array;
  readonly rules: SplitRules;
}

export interface FoundThreshold extends FoundSplit {
  readonly column: number;
  /** Whether a row of the leaf lacks a value of the column. */
  readonly isAnyMissing: boolean;
}

/**
 * What growing a tree asks of the rows again and again. The SIMD kernel does the same as plain TypeScript, to the bit.
 * Its views stay valid as long as it is used.
 */
export interface Histograms {
  /** Column by column: the bin of column `c` of row `r` is `bins[c * rowCount + r]`. */
  readonly bins: Uint8Array;
  /** Says that the bins are written, once, before anything is built. */
  sealBins(): void;
  /** Numbers of rows; every leaf is a range of it. */
  readonly order: Uint32Array;
  /**
   * Of row `r`, `gradients[2 * r]` and `gradients[2 * r + 1]`: the first and second derivative of the loss, as whole
   * numbers that sum up to less than 2^53 and 2^38. `sealGradients` reads them; afterwards they are no numbers any more.
   */
  readonly gradients: Float64Array;
  /** Says that the gradients of a tree are written. */
  sealGradients(): void;
  /** Adds up rows into the histogram of a slot. */
  build(slot: number, rows: RowRange): void;
  /** Takes the histogram of another slot from that of a slot. */
  subtract(slot: number, other: number): void;
  /** The sums of one column in a slot. */
  read(slot: number, column: number, into: BinSums): void;
  /** The best threshold of all columns in a slot, the first of equally good ones; undefined when there is none. */
  maybeBestThreshold(slot: number, search: ThresholdSearch): FoundThreshold | undefined;
  /**
   * Brings the rows of a range whose bin `b` has `goesLeft[b] === 1` to its front, all in the order that they had.
   * Returns where the others begin.
   */
  partition(column: number, goesLeft: Uint8Array, rows: RowRange): number;
}

/** The specification of the kernel, which is used where WebAssembly is not there. */
export function plainHistograms({ rowCount, width }: BinnedRows, slots: number): Histograms {
  const bins = new Uint8Array(rowCount * width);
  const order = new Uint32Array(rowCount);
  const gradients = new Float64Array(rowCount * 2);
  const spare = new Uint32Array(rowCount);
  const perSlot = width * BINS * 3;
  const sums = new Float64Array(perSlot * slots);
  const own = { gradients: new Float64Array(BINS), curvatures: new Float64Array(BINS), counts: new Float64Array(BINS) };
  const read: Histograms['read'] = (slot, column, into) => {
    for (let bin = 0, place = slot * perSlot + column * BINS * 3; bin < BINS; bin += 1, place += 3) {
      into.gradients[bin] = sums[place]!;
      into.curvatures[bin] = sums[place + 1]!;
      into.counts[bin] = sums[place + 2]!;
    }
  };
  return {
    bins,
    order,
    gradients,
    sealBins: () => {},
    sealGradients: () => {},
    build: (slot, { from, to }) => {
      const start = slot * perSlot;
      sums.fill(0, start, start + perSlot);
      for (let at = from; at < to; at += 1) {
        const row = order[at]!;
        const [gradient, curvature] = [gradients[2 * row]!, gradients[2 * row + 1]!];
        for (let column = 0; column < width; column += 1) {
          const place = start + (column * BINS + bins[column * rowCount + row]!) * 3;
          sums[place]! += gradient;
          sums[place + 1]! += curvature;
          sums[place + 2]! += 1;
        }
      }
    },
    subtract: (slot, other) => {
      for (let at = 0; at < perSlot; at += 1) sums[slot * perSlot + at]! -= sums[other * perSlot + at]!;
    },
    read,
    maybeBestThreshold: (slot, { total, binCounts, rules }) => {
      const search = searchSplits(rules, total);
      let best: FoundThreshold | undefined;
      for (const [column, binCount] of binCounts.entries()) {
        const before = search.maybeBest();
        read(slot, column, own);
        offerThresholds(search, { binCount, missingBin: MISSING_BIN, sums: own });
        const found = search.maybeBest();
        if (found !== undefined && found !== before)
          best = { ...found, column, isAnyMissing: own.counts[MISSING_BIN]! > 0 };
      }
      return best;
    },
    partition: (column, goesLeft, { from, to }) => {
      let left = from;
      let right = 0;
      for (let at = from; at < to; at += 1) {
        const row = order[at]!;
        if (goesLeft[bins[column * rowCount + row]!] === 1) order[left++] = row;
        else spare[right++] = row;
      }
      order.set(spare.subarray(0, right), left);
      return left;
    },
  };
}
