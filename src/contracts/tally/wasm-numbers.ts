import type { WebAssemblyRuntime } from '#store';
import type { Chunk, NumberStore } from './number-store.ts';
import { countUpTo } from './plain-numbers.ts';
import { openTallyKernel } from './tally-kernel.ts';

// As numbers.as has them.
const RESULTS = 1024;
const RESULTS_MAX = 6;
const BOUNDS = 2048;
const BOUNDS_MAX = 1024;
const FIRSTS = 10_240;
const BUCKETS = 1024;
const FOUND = 14_352;
const CHUNKS = 67_600;

const WORD_BYTES = 8;

/** Addresses of the kernel are whole numbers of 32 bits with a sign; what is sorted needs room behind the numbers. */
const BYTES_MAX = 1.75 * 2 ** 30;

/** In WebAssembly, whose memory holds the numbers, up to so many bytes. */
export function openWasmNumbers(runtime: WebAssemblyRuntime, bytesMax: number = BYTES_MAX): NumberStore {
  const kernel = openTallyKernel(runtime);
  const { memory, exports } = kernel;
  let end = CHUNKS;
  const cleared = (): Float64Array => new Float64Array(memory.buffer, RESULTS, RESULTS_MAX).fill(0);
  const numbersOf = ({ at, length }: Chunk): Float64Array => new Float64Array(memory.buffer, at, length);
  const endOf = ({ at, length }: Chunk): number => at + length * WORD_BYTES;
  return {
    numbersOf,
    maybeKeep: (words) => {
      const chunk = { at: end, length: words.length };
      if (endOf(chunk) > bytesMax) return undefined;
      end = endOf(chunk);
      kernel.reserve(end);
      new BigInt64Array(memory.buffer, chunk.at, chunk.length).set(words);
      return chunk;
    },
    addUp: (chunks, { limit, unit }) => {
      const results = cleared();
      for (const chunk of chunks) exports.addUp(chunk.at, endOf(chunk), limit, unit);
      const [cells = 0, sum = 0] = results;
      return { cells, sum };
    },
    spread: (chunks, { limit, unit, mean }) => {
      const results = cleared();
      for (const chunk of chunks) exports.spread(chunk.at, endOf(chunk), limit, unit, mean);
      const [cells = 0, squares = 0, rest = 0, zeros = 0, negatives = 0] = results;
      return { cells, squares, rest, zeros, negatives };
    },
    countUpTo: (chunks, bounds) => {
      if (bounds.length > BOUNDS_MAX)
        return countUpTo(
          chunks.map((chunk) => ({ values: numbersOf(chunk) })),
          bounds,
        );
      const [min = 0, max = 0] = [bounds[0], bounds.at(-1)];
      // Halved, because the width can exceed the range of a double; there is one bucket where there is no width.
      const width = (BUCKETS - 1) / (max / 2 - min / 2);
      const scale = Number.isFinite(width) ? width : 0;
      new Float64Array(memory.buffer, BOUNDS, bounds.length).set(bounds);
      new Uint32Array(memory.buffer, FIRSTS, BUCKETS + 1).set(firstsOf(bounds, scale));
      const found = new Uint32Array(memory.buffer, FOUND, bounds.length).fill(0);
      for (const chunk of chunks) exports.countUpTo(chunk.at, endOf(chunk), min, scale);
      return [...found];
    },
    sorted: (numbers) => {
      const spare = end + numbers.byteLength;
      kernel.reserve(spare + numbers.byteLength);
      new Float64Array(memory.buffer, end, numbers.length).set(numbers);
      const at = exports.sortNumbers(end, spare, spare);
      return new Float64Array(memory.buffer, at, numbers.length);
    },
    addPairs: (one, other, { limit, means: [meanA, meanB] }) => {
      exports.addPairs(one.at, other.at, endOf(one), limit, meanA, meanB);
      const [rows = 0, a = 0, b = 0, aa = 0, bb = 0, ab = 0] = new Float64Array(memory.buffer, RESULTS, RESULTS_MAX);
      return { rows, a, b, aa, bb, ab };
    },
  };
}

/** By bucket, the first of the bounds that a number of it may lie up to; it lies above all bounds of the buckets before. */
function firstsOf(bounds: Float64Array, scale: number): Uint32Array {
  const [min = 0] = bounds;
  const last = bounds.length - 1;
  const firsts = new Uint32Array(BUCKETS + 1).fill(last);
  firsts[0] = 0;
  if (scale === 0) return firsts;
  const bucketOf = (value: number): number => (value <= min ? 0 : Math.trunc((value / 2 - min / 2) * scale));
  for (let at = last, bucket = BUCKETS; at >= 0; at--)
    for (; bucket > bucketOf(bounds[at] as number); bucket--) firsts[bucket] = Math.min(last, at + 1);
  return firsts;
}
