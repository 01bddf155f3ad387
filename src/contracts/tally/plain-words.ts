import { NO_KEY } from '../kernel/key-value.ts';
import { isSampledWord } from '../kinds/sampled.ts';
import { DIFFERENT_MAX, type SampleWay, type TallyWords } from './word-tally.ts';

/** In plain TypeScript: what the kernel must equal, and what runs where Node has no WebAssembly. */
export const tallyPlainly: TallyWords = (words, { way, isMany }) => {
  const filled = words.filter((word) => word !== NO_KEY);
  const [first] = filled;
  let ends = first === undefined ? undefined : { min: first, max: first };
  const places = new Map<bigint, number>();
  const counts: number[] = [];
  const firsts: number[] = [];
  for (const [record, word] of words.entries()) {
    if (word === NO_KEY) continue;
    if (ends !== undefined && word < ends.min) ends = { ...ends, min: word };
    if (ends !== undefined && word > ends.max) ends = { ...ends, max: word };
    const place = places.get(word) ?? places.size;
    places.set(word, place);
    if (place === counts.length) firsts.push(record);
    counts[place] = (counts[place] ?? 0) + 1;
  }
  const found = { filled: filled.length, ends };
  if (isMany || places.size > DIFFERENT_MAX)
    return { ...found, different: undefined, sampled: filled.filter((word) => isSampled(word, way)) };
  const different = {
    words: BigInt64Array.from(places.keys()),
    counts: Uint32Array.from(counts),
    firsts: Uint32Array.from(firsts),
  };
  return { ...found, different, sampled: undefined };
};

const view = new DataView(new ArrayBuffer(8));

/** Whether a word is of the sample, which is by the value that DuckDB has of it. */
export function isSampled(word: bigint, way: SampleWay): boolean {
  if (way === 'marked') return (word & 1n) === 1n;
  let value = word;
  if (way === 'whole') {
    view.setBigInt64(0, word);
    value = BigInt(view.getFloat64(0));
  }
  const low = Number(BigInt.asUintN(32, value));
  // A day has 32 bits there.
  return isSampledWord(low, way === 'day' ? 0 : Number(BigInt.asUintN(32, value >> 32n)));
}
