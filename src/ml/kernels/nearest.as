// AssemblyScript: exact nearest neighbours with SIMD. `scripts/compile-kernels.mjs` compiles it into nearest-wasm.ts.
//
// It must agree bit for bit with neighbours.ts, which is its specification: single precision, each squared
// difference rounded, sums in column order, capped at the largest finite float, the lower row first at equal distance.
//
// Rows lie in blocks of 16 that are near to each other, inside a block column by column: [block][column][16] f32. `ids`
// has their numbers. What fills up the last block is never kept. Each query keeps k keys, ascending, in its own slot. Boxes around four blocks each lie together: [four][column][low, high][4] f32.

const BLOCK_BYTES: i32 = 64;
const DISTANCE_MAX: f32 = 3.4028234663852886e38;
const EMPTY: u64 = 0x7f800000_7fffffff;

// No distance is negative, so its bits are in the order of the numbers: with the number of the row behind them, one
// comparison tells which of two rows is nearer.
@inline function keyOf(distance: f32, id: u32): u64 {
  return (<u64>reinterpret<u32>(distance) << 32) | <u64>id;
}

@inline function distanceOf(key: u64): f32 {
  return reinterpret<f32>(<u32>(key >> 32));
}

/** Keeps a row that is nearer than the worst, or as near with a lower number; returns the distance of the worst. */
@inline function keep(kept: usize, k: i32, key: u64): f32 {
  const last = kept + (<usize>(k - 1) << 3);
  let place = last;
  if (key >= load<u64>(place)) return distanceOf(load<u64>(last));
  while (place > kept) {
    const before = load<u64>(place - 8);
    if (before < key) break;
    store<u64>(place, before);
    place -= 8;
  }
  store<u64>(place, key);
  return distanceOf(load<u64>(last));
}

function scanLanes(sums: v128, worst: f32, kept: usize, k: i32, ids: usize, row: i32, rowCount: i32): f32 {
  const at = ids + (<usize>row << 2);
  let distance = f32x4.extract_lane(sums, 0);
  if (distance <= worst && row < rowCount) worst = keep(kept, k, keyOf(distance, load<u32>(at)));
  distance = f32x4.extract_lane(sums, 1);
  if (distance <= worst && row + 1 < rowCount) worst = keep(kept, k, keyOf(distance, load<u32>(at, 4)));
  distance = f32x4.extract_lane(sums, 2);
  if (distance <= worst && row + 2 < rowCount) worst = keep(kept, k, keyOf(distance, load<u32>(at, 8)));
  distance = f32x4.extract_lane(sums, 3);
  if (distance <= worst && row + 3 < rowCount) worst = keep(kept, k, keyOf(distance, load<u32>(at, 12)));
  return worst;
}

// A slot that is not full holds Infinity, so every capped distance enters it.
@inline function scan(given: v128, worst: f32, kept: usize, k: i32, ids: usize, row: i32, rowCount: i32): f32 {
  const sums = f32x4.min(given, f32x4.splat(DISTANCE_MAX));
  const mayKeep = v128.any_true(f32x4.le(sums, f32x4.splat(worst)));
  return mayKeep ? scanLanes(sums, worst, kept, k, ids, row, rowCount) : worst;
}

@inline function worstOf(kept: usize, k: i32): f32 {
  return distanceOf(load<u64>(kept + (<usize>(k - 1) << 3)));
}

/** One query against some blocks. */
function one(rows: usize, ids: usize, start: i32, end: i32, width: i32, rowCount: i32, query: usize, k: i32, kept: usize): void {
  let worst = worstOf(kept, k);
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
    worst = scan(a0, worst, kept, k, ids, row, rowCount);
    worst = scan(a1, worst, kept, k, ids, row + 4, rowCount);
    worst = scan(a2, worst, kept, k, ids, row + 8, rowCount);
    worst = scan(a3, worst, kept, k, ids, row + 12, rowCount);
  }
}

/** Two queries that share the loads of each block: sixteen registers hold no more. */
function two(rows: usize, ids: usize, start: i32, end: i32, width: i32, rowCount: i32, query: usize, k: i32, kept: usize): void {
  const other = query + (width << 2), otherKept = kept + (<usize>k << 3);
  let worst = worstOf(kept, k);
  let otherWorst = worstOf(otherKept, k);
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
    worst = scan(a0, worst, kept, k, ids, row, rowCount);
    worst = scan(a1, worst, kept, k, ids, row + 4, rowCount);
    worst = scan(a2, worst, kept, k, ids, row + 8, rowCount);
    worst = scan(a3, worst, kept, k, ids, row + 12, rowCount);
    otherWorst = scan(b0, otherWorst, otherKept, k, ids, row, rowCount);
    otherWorst = scan(b1, otherWorst, otherKept, k, ids, row + 4, rowCount);
    otherWorst = scan(b2, otherWorst, otherKept, k, ids, row + 8, rowCount);
    otherWorst = scan(b3, otherWorst, otherKept, k, ids, row + 12, rowCount);
  }
}

/** The squared distance from a query to the box around each block; no row in it is nearer. Returns the nearest block. */
function measureBoxes(boxes: usize, blocks: i32, width: i32, query: usize, bounds: usize): i32 {
  let home = 0;
  let least: f32 = Infinity;
  let at = boxes;
  for (let block = 0; block < blocks; block += 4) {
    let sum = f32x4.splat(0);
    for (let column = 0; column < width; column++) {
      const q = v128.load32_splat(query + (column << 2));
      const d = f32x4.max(f32x4.max(f32x4.sub(v128.load(at), q), f32x4.sub(q, v128.load(at, 16))), f32x4.splat(0));
      sum = f32x4.add(sum, f32x4.mul(d, d));
      at += 32;
    }
    sum = f32x4.min(sum, f32x4.splat(DISTANCE_MAX));
    v128.store(bounds + (block << 2), sum);
    if (v128.any_true(f32x4.lt(sum, f32x4.splat(least)))) {
      for (let lane = 0; lane < 4 && block + lane < blocks; lane++) {
        const bound = load<f32>(bounds + ((block + lane) << 2));
        if (bound < least) {
          least = bound;
          home = block + lane;
        }
      }
    }
  }
  return home;
}

/**
 * All queries, each against the blocks that may have a neighbour: from the nearest one outwards, in both directions of
 * their order. Rounding keeps the order of numbers, so a box is never farther than a row in it. Returns how many blocks
 * were scanned.
 */
export function nearest(
  rows: usize, ids: usize, boxes: usize, bounds: usize, rowCount: i32, width: i32,
  queries: usize, queryCount: i32, k: i32, kept: usize,
): i32 {
  const blocks = (rowCount + 15) >> 4;
  let scanned = 0;
  for (let slot = 0; slot < queryCount * k; slot++) store<u64>(kept + (<usize>slot << 3), EMPTY);
  for (let index = 0; index < queryCount; index++) {
    const query = queries + ((index * width) << 2);
    const own = kept + (<usize>(index * k) << 3);
    let high = measureBoxes(boxes, blocks, width, query, bounds) & ~3;
    let low = high - 4;
    while (high < blocks || low >= 0) {
      if (high < blocks) scanned += scanFour(rows, ids, bounds, high, blocks, width, rowCount, query, k, own);
      if (low >= 0) scanned += scanFour(rows, ids, bounds, low, blocks, width, rowCount, query, k, own);
      high += 4;
      low -= 4;
    }
  }
  return scanned;
}

/** Of four blocks those that may have a neighbour; returns how many were scanned. */
@inline function scanFour(rows: usize, ids: usize, bounds: usize, first: i32, blocks: i32, width: i32, rowCount: i32, query: usize, k: i32, kept: usize): i32 {
  if (!v128.any_true(f32x4.le(v128.load(bounds + (first << 2)), f32x4.splat(worstOf(kept, k))))) return 0;
  let scanned = 0;
  const end = min(first + 4, blocks);
  for (let block = first; block < end; block++) {
    if (load<f32>(bounds + (block << 2)) > worstOf(kept, k)) continue;
    one(rows, ids, block, block + 1, width, rowCount, query, k, kept);
    scanned++;
  }
  return scanned;
}

/** All queries against all rows, some blocks at a time, so that these stay in the nearest cache while every query passes. */
export function nearestOfAll(
  rows: usize, ids: usize, rowCount: i32, width: i32, queries: usize, queryCount: i32, k: i32, kept: usize, tile: i32,
): void {
  const blocks = (rowCount + 15) >> 4;
  for (let slot = 0; slot < queryCount * k; slot++) store<u64>(kept + (<usize>slot << 3), EMPTY);
  for (let start = 0; start < blocks; start += tile) {
    const end = min(start + tile, blocks);
    let query = 0;
    for (; query + 1 < queryCount; query += 2) {
      two(rows, ids, start, end, width, rowCount, queries + ((query * width) << 2), k, kept + (<usize>(query * k) << 3));
    }
    if (query < queryCount) {
      one(rows, ids, start, end, width, rowCount, queries + ((query * width) << 2), k, kept + (<usize>(query * k) << 3));
    }
  }
}
