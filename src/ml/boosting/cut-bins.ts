import type { Matrix } from '../estimators/estimator.ts';
import { seededRandom } from '../evaluation/random.ts';
import { MISSING_BIN } from '../kernels/histograms.ts';

/** Rows that decide how the numbers of a column are cut. */
const SAMPLED_ROWS = 200_000;
/** The bin of codes that are too rare to have one of their own. */
export const RARE_BIN = MISSING_BIN - 1;

/** How the numbers of one column become bins. */
export type ColumnBins =
  | {
      readonly kind: 'numbers';
      /** Ascending. Bin `b` has the numbers above `cuts[b - 1]`, up to `cuts[b]`; the last all above. */
      readonly cuts: Float64Array;
    }
  | {
      readonly kind: 'codes';
      /** Bin `b` has the code `codes[b]`: the most frequent first. */
      readonly codes: Int32Array;
    };

/** Cuts each column into at most `binsMax` bins. Deterministic: the rows that decide are drawn by the seed. */
export function cutColumns(matrix: Matrix, { binsMax, seed }: { readonly binsMax: number; readonly seed: number }) {
  const rows = sampleRows(matrix.rowCount, seed);
  const { coded = [] } = matrix;
  return matrix.columns.map((_, column): ColumnBins => {
    const values = sampleOf(matrix, { column, rows });
    return coded.includes(column) ? mostFrequentCodes(values, binsMax) : cutNumbers(values, binsMax);
  });
}

/** Numbers of rows, ascending; all when there are few. */
function sampleRows(rowCount: number, seed: number): Uint32Array {
  const wanted = Math.min(rowCount, SAMPLED_ROWS);
  const rows = new Uint32Array(wanted);
  const random = seededRandom(seed);
  // Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S.
  for (let row = 0, taken = 0; taken < wanted; row += 1)
    if (wanted === rowCount || random() * (rowCount - row) < wanted - taken) rows[taken++] = row;
  return rows;
}

/** What is there of a column, ascending. */
function sampleOf(
  { values, columns }: Matrix,
  { column, rows }: { readonly column: number; readonly rows: Uint32Array },
) {
  const found = new Float64Array(rows.length);
  let count = 0;
  for (const row of rows) {
    const value = values[row * columns.length + column]!;
    if (!Number.isNaN(value)) found[count++] = value;
  }
  return found.subarray(0, count).sort();
}

/** Each distinct number and how often it is there, ascending. */
function distinctOf(sorted: Float64Array) {
  const numbers: number[] = [];
  const counts: number[] = [];
  for (const value of sorted) {
    // -0 sorts before 0, and is the same number.
    if (numbers.length > 0 && numbers.at(-1) === value) counts[counts.length - 1]! += 1;
    else {
      numbers.push(value);
      counts.push(1);
    }
  }
  return { numbers, counts };
}

/**
 * A bin for each number where there are few; otherwise bins of about as many rows. A number that alone has as many rows as
 * a bin has one of its own.
 */
function cutNumbers(sorted: Float64Array, binsMax: number): ColumnBins {
  const { numbers, counts } = distinctOf(sorted);
  const cuts: number[] = [];
  let left = sorted.length;
  let own = 0;
  for (let at = 0; at + 1 < numbers.length && cuts.length + 1 < binsMax; at += 1) {
    const isFew = numbers.length <= binsMax;
    const share = left / (binsMax - cuts.length);
    own += counts[at]!;
    if (!isFew && own < share && counts[at + 1]! < share) continue;
    cuts.push(between(numbers[at]!, numbers[at + 1]!));
    left -= own;
    own = 0;
  }
  return { kind: 'numbers', cuts: Float64Array.from(cuts) };
}

/** A number from `low` on and below `high`, in the middle where there is one. */
function between(low: number, high: number): number {
  const middle = low / 2 + high / 2;
  return middle >= low && middle < high ? middle : low;
}

function mostFrequentCodes(sorted: Float64Array, binsMax: number): ColumnBins {
  const { numbers, counts } = distinctOf(sorted);
  const order = numbers.map((_, at) => at).sort((a, b) => counts[b]! - counts[a]! || a - b);
  const most = order.slice(0, Math.min(binsMax, RARE_BIN));
  return { kind: 'codes', codes: Int32Array.from(most, (at) => numbers[at]!) };
}

/** Writes the bin of every number of a matrix, column by column. */
export function writeBins({ values, rowCount, columns }: Matrix, cut: readonly ColumnBins[], into: Uint8Array): void {
  const width = columns.length;
  for (const [column, bins] of cut.entries()) {
    const own = into.subarray(column * rowCount, (column + 1) * rowCount);
    if (bins.kind === 'numbers') {
      const { cuts } = bins;
      for (let row = 0, at = column; row < rowCount; row += 1, at += width) own[row] = binOf(cuts, values[at]!);
    } else {
      const binOfCode = new Map(Array.from(bins.codes, (code, bin) => [code, bin]));
      for (let row = 0, at = column; row < rowCount; row += 1, at += width) {
        const code = values[at]!;
        own[row] = Number.isNaN(code) ? MISSING_BIN : (binOfCode.get(code) ?? RARE_BIN);
      }
    }
  }
}

/** How many cuts are below a number. */
function binOf(cuts: Float64Array, value: number): number {
  if (Number.isNaN(value)) return MISSING_BIN;
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (cuts[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
