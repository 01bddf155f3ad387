// AssemblyScript: adds up doubles, in the order in which they stand; the zero with a sign stands for none.

// As wasm-numbers.ts lays them out.
const RESULTS = 1024;
const BOUNDS = 2048;
const FIRSTS = 10240;
const FOUND = 14352;

// Of the radix sort, eleven bits of a number at once.
const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;
const ROUNDS = 6;
/** Where the places of all digits of all rounds lie. */
const PLACES = 18448;

const MISSING: i64 = i64.MIN_VALUE;

@inline function increase(at: i32, by: f64): void {
  store<f64>(at, load<f64>(at) + by);
}

/** Adds up the numbers below a limit, in units: how many there are, and their sum. */
export function addUp(at: i32, end: i32, limit: f64, unit: f64): void {
  let cells: f64 = load<f64>(RESULTS);
  let sum: f64 = load<f64>(RESULTS, 8);
  for (; at < end; at += 8) {
    const value = load<f64>(at);
    if (load<i64>(at) == MISSING || !(abs(value) < limit)) continue;
    cells++;
    sum += value / unit;
  }
  store<f64>(RESULTS, cells);
  store<f64>(RESULTS, sum, 8);
}

/** Adds up the squared distances of the same numbers from a mean, and the distances; and counts all zeros and negatives. */
export function spread(at: i32, end: i32, limit: f64, unit: f64, mean: f64): void {
  let cells: f64 = load<f64>(RESULTS);
  let squares: f64 = load<f64>(RESULTS, 8);
  let rest: f64 = load<f64>(RESULTS, 16);
  let zeros = 0;
  let negatives = 0;
  for (; at < end; at += 8) {
    const value = load<f64>(at);
    if (load<i64>(at) == MISSING) continue;
    zeros += <i32>(value == 0);
    negatives += <i32>(value < 0);
    if (!(abs(value) < limit)) continue;
    cells++;
    const distance = value / unit - mean;
    squares += distance * distance;
    rest += distance;
  }
  store<f64>(RESULTS, cells);
  store<f64>(RESULTS, squares, 8);
  store<f64>(RESULTS, rest, 16);
  increase(RESULTS + 24, <f64>zeros);
  increase(RESULTS + 32, <f64>negatives);
}

/** Adds up the distances of pairs of numbers below a limit from their means, their squares and products. */
export function addPairs(a: i32, b: i32, end: i32, limit: f64, meanA: f64, meanB: f64): void {
  let rows = 0;
  let sumA: f64 = 0;
  let sumB: f64 = 0;
  let squaresA: f64 = 0;
  let squaresB: f64 = 0;
  let products: f64 = 0;
  for (; a < end; a += 8, b += 8) {
    const one = load<f64>(a);
    const other = load<f64>(b);
    const isBoth =
      <i32>(load<i64>(a) != MISSING) & <i32>(load<i64>(b) != MISSING) & <i32>(abs(one) < limit) & <i32>(abs(other) < limit);
    if (isBoth == 0) continue;
    const x = one - meanA;
    const y = other - meanB;
    rows++;
    sumA += x;
    sumB += y;
    squaresA += x * x;
    squaresB += y * y;
    products += x * y;
  }
  store<f64>(RESULTS, <f64>rows);
  store<f64>(RESULTS, sumA, 8);
  store<f64>(RESULTS, sumB, 16);
  store<f64>(RESULTS, squaresA, 24);
  store<f64>(RESULTS, squaresB, 32);
  store<f64>(RESULTS, products, 40);
}

/**
 * Counts numbers by the first of the bounds that they are not above: one from that which `FIRSTS` has for the bucket of the
 * number to that of the next bucket. `scale` makes buckets of distances from the smallest bound.
 */
export function countUpTo(at: i32, end: i32, smallest: f64, scale: f64): void {
  for (; at < end; at += 8) {
    const value = load<f64>(at);
    if (load<i64>(at) == MISSING) continue;
    const bucket = value <= smallest ? 0 : <i32>((value / 2 - smallest / 2) * scale);
    let low = load<i32>(FIRSTS + (bucket << 2));
    let high = load<i32>(FIRSTS + (bucket << 2), 4);
    while (low < high) {
      const middle = (low + high) >> 1;
      const isUpTo = value <= load<f64>(BOUNDS + (middle << 3));
      high = isUpTo ? middle : high;
      low = isUpTo ? low : middle + 1;
    }
    const found = FOUND + (low << 2);
    store<i32>(found, load<i32>(found) + 1);
  }
}

/** The bits of a double so that they compare, without a sign, as the doubles do; and back. */
@inline function toOrdered(bits: u64): u64 {
  return bits ^ (<u64>(<i64>bits >> 63) | 0x8000000000000000);
}

@inline function fromOrdered(bits: u64): u64 {
  return bits ^ (((bits >> 63) - 1) | 0x8000000000000000);
}

/** Puts the numbers from `at` to `end` in ascending order, with as much room from `spare` on; returns where they stand then. */
export function sortNumbers(at: i32, end: i32, spare: i32): i32 {
  const size = end - at;
  memory.fill(PLACES, 0, ROUNDS * DIGITS * 4);
  for (let place = at; place < end; place += 8) {
    const bits = toOrdered(load<u64>(place));
    store<u64>(place, bits);
    for (let round = 0; round < ROUNDS; round++) {
      const count = PLACES + (((round << DIGIT_BITS) + digitOf(bits, round)) << 2);
      store<i32>(count, load<i32>(count) + 1);
    }
  }
  let from = at;
  let to = spare;
  for (let round = 0; round < ROUNDS; round++) {
    const places = PLACES + ((round << DIGIT_BITS) << 2);
    // Numbers often share the digits of this round.
    if (load<i32>(places + (digitOf(load<u64>(from), round) << 2)) == size >> 3) continue;
    let next = to;
    for (let digit = places; digit < places + DIGITS * 4; digit += 4) {
      const count = load<i32>(digit);
      store<i32>(digit, next);
      next += count << 3;
    }
    for (let place = from; place < from + size; place += 8) {
      const bits = load<u64>(place);
      const digit = places + (digitOf(bits, round) << 2);
      const target = load<i32>(digit);
      store<u64>(target, bits);
      store<i32>(digit, target + 8);
    }
    const sorted = to;
    to = from;
    from = sorted;
  }
  for (let place = from; place < from + size; place += 8) store<u64>(place, fromOrdered(load<u64>(place)));
  return from;
}

@inline function digitOf(bits: u64, round: i32): i32 {
  return <i32>(bits >> <u64>(round * DIGIT_BITS)) & (DIGITS - 1);
}
