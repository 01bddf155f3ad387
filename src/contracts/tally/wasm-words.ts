import type { WebAssemblyRuntime } from '#store';
import { openTallyKernel, type TallyKernel } from './tally-kernel.ts';
import type { SampleWay, TallyWords, WordTally } from './word-tally.ts';

// As words.as has them.
const RESULTS = 1024;
const WORDS = 34_816;
const COUNTS = 67_584;
const FIRSTS = 83_968;
const INPUT = 100_352;
const WAYS: readonly SampleWay[] = ['marked', 'whole', 'day', 'value'];

const SLOT_BITS_MIN = 4;
const SLOT_BITS_MAX = 13;
const WORD_BYTES = 8;
/** A larger memory, which a block of very short records needs, is not kept. */
const KEPT_BYTES_MAX = 16 << 20;

/** One for each thread: what is in its memory is read before the next call. */
let kept: TallyKernel | undefined;

/** In WebAssembly. */
export function openWasmWords(runtime: WebAssemblyRuntime): TallyWords {
  return (words, { way, isMany }) => {
    const kernel = kept ?? openTallyKernel(runtime);
    const { memory, exports } = kernel;
    const end = INPUT + words.length * WORD_BYTES;
    kernel.reserve(end + (words.length + 1) * WORD_BYTES);
    new BigInt64Array(memory.buffer, INPUT, words.length).set(words);
    const isFew = !isMany && exports.countWords(INPUT, end, slotBitsFor(words.length)) !== 0;
    if (!isFew) exports.sampleWords(INPUT, end, WAYS.indexOf(way), end);
    kept = memory.buffer.byteLength <= KEPT_BYTES_MAX ? kernel : undefined;
    return found(memory.buffer, { isFew, end });
  };
}

/** Twice as many slots as there may be different words; few are cleared faster. */
function slotBitsFor(words: number): number {
  return Math.max(SLOT_BITS_MIN, Math.min(SLOT_BITS_MAX, 33 - Math.clz32(words)));
}

function found(buffer: ArrayBuffer, { isFew, end }: { readonly isFew: boolean; readonly end: number }): WordTally {
  const [min = 0n, max = 0n] = new BigInt64Array(buffer, RESULTS, 2);
  const [filled = 0, count = 0] = new Int32Array(buffer, RESULTS + 16, 2);
  const ends = filled === 0 ? undefined : { min, max };
  if (!isFew) return { filled, ends, different: undefined, sampled: new BigInt64Array(buffer, end, count).slice() };
  const different = {
    words: new BigInt64Array(buffer, WORDS, count).slice(),
    counts: new Uint32Array(buffer, COUNTS, count).slice(),
    firsts: new Uint32Array(buffer, FIRSTS, count).slice(),
  };
  return { filled, ends, different, sampled: undefined };
}
