// AssemblyScript: exact nearest neighbours with SIMD. `scripts/compile-kernels.mjs` compiles it into nearest-wasm.ts.
//
// It must agree bit for bit with neighbours.ts, which is its specification: single precision, each squared
// difference rounded, sums in column order, capped at the largest finite float, the lower row first at equal distance.
//
// Rows lie in blocks of 16, inside a block column by column: [block][column][16] f32. What fills up the last block is
// never kept. Each query keeps k distances and row numbers, ascending, in its own slot.

const BLOCK_BYTES: i32 = 64;
const DISTANCE_MAX: f32 = 3.4028234663852886e38;

@inline function keep(distances: usize, numbers: usize, k: i32, distance: f32, row: i32): f32 {
  let place = k - 1;
  while (place > 0 && load<f32>(distances + ((place - 1) << 2)) > distance) {
    store<f32>(distances + (place << 2), load<f32>(distances + ((place - 1) << 2)));
    store<i32>(numbers + (place << 2), load<i32>(numbers + ((place - 1) << 2)));
    place--;
  }
  store<f32>(distances + (place << 2), distance);
  store<i32>(numbers + (place << 2), row);
  return load<f32>(distances + ((k - 1) << 2));
}

// A slot not yet full holds Infinity, so every capped distance enters it.
@inline function cap(distance: f32): f32 {
  return distance < DISTANCE_MAX ? distance : DISTANCE_MAX;
}

function scanLanes(sums: v128, worst: f32, distances: usize, numbers: usize, k: i32, row: i32, rowCount: i32): f32 {
  let distance = cap(f32x4.extract_lane(sums, 0));
  if (distance < worst && row < rowCount) worst = keep(distances, numbers, k, distance, row);
  distance = cap(f32x4.extract_lane(sums, 1));
  if (distance < worst && row + 1 < rowCount) worst = keep(distances, numbers, k, distance, row + 1);
  distance = cap(f32x4.extract_lane(sums, 2));
  if (distance < worst && row + 2 < rowCount) worst = keep(distances, numbers, k, distance, row + 2);
  distance = cap(f32x4.extract_lane(sums, 3));
  if (distance < worst && row + 3 < rowCount) worst = keep(distances, numbers, k, distance, row + 3);
  return worst;
}

// True when a lane may be kept. While the slot is not full even an infinite sum is, capped.
@inline function mayKeep(sums: v128, worst: f32): bool {
  return v128.any_true(f32x4.lt(sums, f32x4.splat(worst))) || worst == Infinity;
}

@inline function scan(sums: v128, worst: f32, distances: usize, numbers: usize, k: i32, row: i32, rowCount: i32): f32 {
  return mayKeep(sums, worst) ? scanLanes(sums, worst, distances, numbers, k, row, rowCount) : worst;
}

/** One query against some blocks. */
function one(rows: usize, start: i32, end: i32, width: i32, rowCount: i32, query: usize, k: i32, distances: usize, numbers: usize): void {
  let worst = load<f32>(distances + ((k - 1) << 2));
  let at = rows + <usize>start * <usize>(width * BLOCK_BYTES);
  for (let block = start; block < end; block++) {
    let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0;
    for (let column = 0; column < width; column++) {
      const q = v128.load32_splat(query + (column << 2));
      let d = f32x4.sub(v128.load(at), q);
      a0 = f32x4.add(a0, f32x4.mul(d, d));
      d = f32x4.sub(v128.load(at, 16), q);
      a1 = f32x4.add(a1, f32x4.mul(d, d));
      d = f32x4.sub(v128.load(at, 32), q);
      a2 = f32x4.add(a2, f32x4.mul(d, d));
      d = f32x4.sub(v128.load(at, 48), q);
      a3 = f32x4.add(a3, f32x4.mul(d, d));
      at += BLOCK_BYTES;
    }
    const row = block << 4;
    worst = scan(a0, worst, distances, numbers, k, row, rowCount);
    worst = scan(a1, worst, distances, numbers, k, row + 4, rowCount);
    worst = scan(a2, worst, distances, numbers, k, row + 8, rowCount);
    worst = scan(a3, worst, distances, numbers, k, row + 12, rowCount);
  }
}

/** Two queries that share the loads of each block: sixteen registers hold no more. */
function two(rows: usize, start: i32, end: i32, width: i32, rowCount: i32, query: usize, k: i32, distances: usize, numbers: usize): void {
  const other = query + (width << 2), otherDistances = distances + (k << 2), otherNumbers = numbers + (k << 2);
  let worst = load<f32>(distances + ((k - 1) << 2));
  let otherWorst = load<f32>(otherDistances + ((k - 1) << 2));
  let at = rows + <usize>start * <usize>(width * BLOCK_BYTES);
  for (let block = start; block < end; block++) {
    let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
    for (let column = 0; column < width; column++) {
      const p = v128.load32_splat(query + (column << 2));
      const q = v128.load32_splat(other + (column << 2));
      let x = v128.load(at);
      let d = f32x4.sub(x, p);
      a0 = f32x4.add(a0, f32x4.mul(d, d));
      d = f32x4.sub(x, q);
      b0 = f32x4.add(b0, f32x4.mul(d, d));
      x = v128.load(at, 16);
      d = f32x4.sub(x, p);
      a1 = f32x4.add(a1, f32x4.mul(d, d));
      d = f32x4.sub(x, q);
      b1 = f32x4.add(b1, f32x4.mul(d, d));
      x = v128.load(at, 32);
      d = f32x4.sub(x, p);
      a2 = f32x4.add(a2, f32x4.mul(d, d));
      d = f32x4.sub(x, q);
      b2 = f32x4.add(b2, f32x4.mul(d, d));
      x = v128.load(at, 48);
      d = f32x4.sub(x, p);
      a3 = f32x4.add(a3, f32x4.mul(d, d));
      d = f32x4.sub(x, q);
      b3 = f32x4.add(b3, f32x4.mul(d, d));
      at += BLOCK_BYTES;
    }
    const row = block << 4;
    worst = scan(a0, worst, distances, numbers, k, row, rowCount);
    worst = scan(a1, worst, distances, numbers, k, row + 4, rowCount);
    worst = scan(a2, worst, distances, numbers, k, row + 8, rowCount);
    worst = scan(a3, worst, distances, numbers, k, row + 12, rowCount);
    otherWorst = scan(b0, otherWorst, otherDistances, otherNumbers, k, row, rowCount);
    otherWorst = scan(b1, otherWorst, otherDistances, otherNumbers, k, row + 4, rowCount);
    otherWorst = scan(b2, otherWorst, otherDistances, otherNumbers, k, row + 8, rowCount);
    otherWorst = scan(b3, otherWorst, otherDistances, otherNumbers, k, row + 12, rowCount);
  }
}

/** All queries against all rows, some blocks at a time, so that these stay in the nearest cache while every query passes. */
export function nearest(
  rows: usize, rowCount: i32, width: i32, queries: usize, queryCount: i32, k: i32, distances: usize, numbers: usize, tile: i32,
): void {
  const blocks = (rowCount + 15) >> 4;
  for (let slot = 0; slot < queryCount * k; slot++) store<f32>(distances + (slot << 2), Infinity);
  for (let start = 0; start < blocks; start += tile) {
    const end = min(start + tile, blocks);
    let query = 0;
    for (; query + 1 < queryCount; query += 2) {
      two(rows, start, end, width, rowCount, queries + ((query * width) << 2), k, distances + ((query * k) << 2), numbers + ((query * k) << 2));
    }
    if (query < queryCount) {
      one(rows, start, end, width, rowCount, queries + ((query * width) << 2), k, distances + ((query * k) << 2), numbers + ((query * k) << 2));
    }
  }
}
