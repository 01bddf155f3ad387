// AssemblyScript: counts the different words of a list, or tells those of them that are sampled.

const NO_KEY: i64 = i64.MIN_VALUE;
const FACTOR: u64 = 0x9e3779b97f4a7c15;
const SAMPLE_FACTOR: u64 = 0xd6e8feb86659fd93;
const SAMPLE_MASK: u64 = 15;

// As wasm-words.ts lays them out.
const DIFFERENT_MAX = 4096;
const RESULTS = 1024;
const SLOTS = 2048;
const WORDS = 34816;
const COUNTS = 67584;
const FIRSTS = 83968;

// How words are sampled.
const MARKED = 0;
const WHOLE = 1;
const DAY = 2;

/** Notes the smallest and the largest word, and how many there are: all, and different or sampled ones. */
@inline function finish(least: i64, most: i64, filled: i32, found: i32): void {
  store<i64>(RESULTS, least);
  store<i64>(RESULTS, most, 8);
  store<i32>(RESULTS, filled, 16);
  store<i32>(RESULTS, found, 20);
}

/**
 * Counts the different ones of the words from `at` to `end`, in the order in which they come first; whether they are few
 * enough. There are as many slots as `slotBits` can tell.
 */
export function countWords(at: i32, end: i32, slotBits: i32): bool {
  memory.fill(SLOTS, 0, 4 << slotBits);
  let least = i64.MAX_VALUE;
  let most = i64.MIN_VALUE;
  let filled = 0;
  let different = 0;
  let last = -1;
  let lastWord = NO_KEY;
  for (let from = at; at < end; at += 8) {
    const word = load<i64>(at);
    if (word == NO_KEY) continue;
    filled++;
    if (word != lastWord) {
      lastWord = word;
      let slot = <i32>((<u64>word * FACTOR) >> <u64>(64 - slotBits));
      for (;;) {
        last = load<i32>(SLOTS + (slot << 2)) - 1;
        if (last < 0 || load<i64>(WORDS + (last << 3)) == word) break;
        slot = (slot + 1) & ((1 << slotBits) - 1);
      }
      if (last < 0) {
        if (different == DIFFERENT_MAX) return false;
        last = different++;
        store<i32>(SLOTS + (slot << 2), different);
        store<i64>(WORDS + (last << 3), word);
        store<i32>(COUNTS + (last << 2), 0);
        store<i32>(FIRSTS + (last << 2), (at - from) >> 3);
        least = min<i64>(least, word);
        most = max<i64>(most, word);
      }
    }
    const count = COUNTS + (last << 2);
    store<i32>(count, load<i32>(count) + 1);
  }
  finish(least, most, filled, different);
  return true;
}

/** Writes those of the words from `at` to `end` that are of the sample that sampled.ts describes. */
export function sampleWords(at: i32, end: i32, way: i32, to: i32): void {
  let least = i64.MAX_VALUE;
  let most = i64.MIN_VALUE;
  let filled = 0;
  const first = to;
  for (; at < end; at += 8) {
    const word = load<i64>(at);
    if (word == NO_KEY) continue;
    filled++;
    least = min<i64>(least, word);
    most = max<i64>(most, word);
    // Behind each other without a branch, as nobody can foresee which are.
    store<i64>(to, word);
    to += <i32>isSampled(word, way) << 3;
  }
  finish(least, most, filled, (to - first) >> 3);
}

@inline function isSampled(word: u64, way: i32): bool {
  if (way == MARKED) return (word & 1) == 1;
  const value = way == WHOLE ? <u64>(<i64>reinterpret<f64>(word)) : way == DAY ? word & 0xffffffff : word;
  let hash = (value ^ (value >> 32)) * SAMPLE_FACTOR;
  hash = (hash ^ (hash >> 32)) * SAMPLE_FACTOR;
  return ((hash ^ (hash >> 32)) & SAMPLE_MASK) == 0;
}
