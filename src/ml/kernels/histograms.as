// AssemblyScript: histograms of gradients with SIMD. `scripts/compile-kernels.mjs` compiles it into histograms-wasm.ts.
//
// It must agree bit for bit with plainHistograms in histograms.ts, which is its specification. All sums are of whole
// numbers, so they are exact, and in whatever order rows are added they are the same.
//
// Bins lie twice, a byte each: column by column, for the partition, and row by row, for the histograms. A row has two 64-bit numbers: its gradient, and
// (its second derivative << 24) | 1. A histogram has 256 bins of both for each column, 4 KiB.

const BIN_SHIFT: usize = 4;
const COLUMN_SHIFT: usize = 12;

/** Turns whole numbers in double precision, two for each row, into the form above, where they lie. */
export function seal(gradients: usize, rowCount: i32): void {
  const end = gradients + (<usize>rowCount << BIN_SHIFT);
  for (let at = gradients; at < end; at += 16) {
    store<i64>(at, <i64>load<f64>(at));
    store<i64>(at + 8, (<i64>load<f64>(at + 8) << 24) | 1);
  }
}

/** Copies bins that lie column by column into rows. */
export function transpose(columns: usize, rowCount: i32, width: i32, rows: usize): void {
  // So many rows that they stay in the cache while every column is read.
  for (let first = 0; first < rowCount; first += 512) {
    const end = min(first + 512, rowCount);
    for (let column = 0; column < width; column++) {
      const from = columns + <usize>column * rowCount;
      let to = rows + <usize>first * width + column;
      for (let row = first; row < end; row++) {
        store<u8>(to, load<u8>(from + row));
        to += width;
      }
    }
  }
}

@inline function addTo(column: usize, bin: usize, pair: v128, at: usize): void {
  const place = column + (bin << BIN_SHIFT);
  v128.store(place + at, i64x2.add(v128.load(place + at), pair));
}

/** Adds up the rows `order[from]` to `order[to - 1]`. */
export function build(rows: usize, width: i32, order: usize, from: i32, to: i32, gradients: usize, histogram: usize): void {
  memory.fill(histogram, 0, <usize>width << COLUMN_SHIFT);
  const end = order + (<usize>to << 2);
  const last = histogram + (<usize>width << COLUMN_SHIFT);
  const lastFour = histogram + (<usize>(width & ~3) << COLUMN_SHIFT);
  for (let at = order + (<usize>from << 2); at < end; at += 4) {
    const row = <usize>load<u32>(at);
    const pair = v128.load(gradients + (row << BIN_SHIFT));
    let bin = rows + row * width;
    let column = histogram;
    for (; column < lastFour; column += 16384) {
      addTo(column, load<u8>(bin), pair, 0);
      addTo(column, load<u8>(bin, 1), pair, 4096);
      addTo(column, load<u8>(bin, 2), pair, 8192);
      addTo(column, load<u8>(bin, 3), pair, 12288);
      bin += 4;
    }
    for (; column < last; column += 4096) {
      addTo(column, load<u8>(bin), pair, 0);
      bin += 1;
    }
  }
}

/** Takes one histogram from another: what is left are the rows of the other child. */
export function subtract(from: usize, histogram: usize, width: i32): void {
  const end = <usize>width << COLUMN_SHIFT;
  for (let at: usize = 0; at < end; at += 16)
    v128.store(from + at, i64x2.sub(v128.load(from + at), v128.load(histogram + at)));
}

/** Brings the rows whose bin goes left to the front, all in the order that they had; returns where the others begin. */
export function partition(column: usize, goesLeft: usize, order: usize, spare: usize, from: i32, to: i32): i32 {
  let left = order + (<usize>from << 2);
  let right = spare;
  const end = order + (<usize>to << 2);
  // Without a branch: what goes where is chance, which no processor foresees.
  for (let at = left; at < end; at += 4) {
    const row = load<u32>(at);
    const isLeft = <usize>load<u8>(goesLeft + load<u8>(column + row));
    store<u32>(left, row);
    store<u32>(right, row);
    left += isLeft << 2;
    right += (1 - isLeft) << 2;
  }
  memory.copy(left, spare, right - spare);
  return <i32>((left - order) >> 2);
}

/**
 * The best threshold of all columns of a histogram, as bestOfNumbers in best-split.ts finds it, operation by operation.
 * `binCounts` has the bins of values of each column, 0 for those that are left out. Writes 7 numbers in double precision
 * to `found`: the gain, the column (-1 for none), the bin, 1 where what is missing goes left, and the sums on the left.
 */
export function scan(
  histogram: usize, width: i32, binCounts: usize,
  totalGradient: f64, totalCurvature: f64, totalCount: i64,
  gradientUnit: f64, curvatureUnit: f64, l2: f64, leafRowsMin: i64, curvatureMin: f64, gainMin: f64,
  found: usize
): void {
  const all = totalGradient * gradientUnit;
  const allCurvature = totalCurvature * curvatureUnit;
  const unsplit = all * all / (allCurvature + l2);
  let best = unsplit + gainMin * (1 + unsplit);
  store<f64>(found + 8, -1);
  for (let column = 0; column < width; column++) {
    const binCount = load<i32>(binCounts + (<usize>column << 2));
    const own = histogram + (<usize>column << COLUMN_SHIFT);
    const missing = load<i64>(own + 4080);
    const missingRest = load<i64>(own + 4088);
    const sides = missingRest == 0 ? 1 : 2;
    const end = missingRest == 0 ? binCount - 1 : binCount;
    let gradient: i64 = 0;
    let rest: i64 = 0;
    for (let bin = 0; bin < end; bin++) {
      const place = own + (<usize>bin << BIN_SHIFT);
      const added = load<i64>(place + 8);
      if (added == 0) continue;
      gradient += load<i64>(place);
      rest += added;
      for (let side = 0; side < sides; side++) {
        const leftWhole = side == 0 ? gradient : gradient + missing;
        const leftRest = side == 0 ? rest : rest + missingRest;
        const count = leftRest & 0xffffff;
        if (count < leafRowsMin || totalCount - count < leafRowsMin) continue;
        const left = <f64>leftWhole * gradientUnit;
        const leftCurvature = <f64>(leftRest >> 24) * curvatureUnit;
        const rightCurvature = allCurvature - leftCurvature;
        if (leftCurvature < curvatureMin || rightCurvature < curvatureMin) continue;
        const right = all - left;
        const leftWeight = leftCurvature + l2;
        const rightWeight = rightCurvature + l2;
        const weights = leftWeight * rightWeight;
        const split = left * left * rightWeight + right * right * leftWeight;
        if (!(split > best * weights)) continue;
        best = split / weights;
        store<f64>(found, best - unsplit);
        store<f64>(found + 8, <f64>column);
        store<f64>(found + 16, <f64>bin);
        store<f64>(found + 24, <f64>side);
        store<f64>(found + 32, <f64>leftWhole);
        store<f64>(found + 40, <f64>(leftRest >> 24));
        store<f64>(found + 48, <f64>count);
      }
    }
  }
}
