import type { AddOptions, Chunk, NumberStore, PairOptions, PairSums, Spread } from './number-store.ts';
import { isMissing } from './number-store.ts';

/** Numbers, each with how often it occurs. */
export interface CountedNumbers {
  readonly values: Float64Array;
  /** Each counts once unless set. */
  readonly counts?: Uint32Array;
}

/** In plain TypeScript: what the kernel must equal, and what runs where Node has no WebAssembly. */
export function openPlainNumbers(): NumberStore {
  const kept: Float64Array[] = [];
  const numbersOf = ({ at }: Chunk): Float64Array => kept[at] ?? new Float64Array(0);
  const all = (chunks: readonly Chunk[]) => chunks.map((chunk) => ({ values: numbersOf(chunk) }));
  return {
    maybeKeep: (words) => {
      kept.push(new Float64Array(words.slice().buffer));
      return { at: kept.length - 1, length: words.length };
    },
    numbersOf,
    addUp: (chunks, options) => addUp(all(chunks), options),
    spread: (chunks, options) => spread(all(chunks), options),
    countUpTo: (chunks, bounds) => countUpTo(all(chunks), bounds),
    sorted: (numbers) => numbers.toSorted(),
    addPairs: (one, other, options) => addPairs(numbersOf(one), numbersOf(other), options),
  };
}

export function addUp(
  numbers: readonly CountedNumbers[],
  { limit, unit }: AddOptions,
): { readonly cells: number; readonly sum: number } {
  let cells = 0;
  let sum = 0;
  for (const { values, counts } of numbers)
    for (let at = 0; at < values.length; at++) {
      // Within the lists, here and below.
      const value = values[at] as number;
      if (isMissing(value) || Math.abs(value) >= limit) continue;
      const rows = counts === undefined ? 1 : (counts[at] as number);
      cells += rows;
      sum += (value / unit) * rows;
    }
  return { cells, sum };
}

export function spread(
  numbers: readonly CountedNumbers[],
  { limit, unit, mean }: AddOptions & { readonly mean: number },
): Spread {
  let [cells, squares, rest, zeros, negatives] = [0, 0, 0, 0, 0];
  for (const { values, counts } of numbers)
    for (let at = 0; at < values.length; at++) {
      const value = values[at] as number;
      if (isMissing(value)) continue;
      const rows = counts === undefined ? 1 : (counts[at] as number);
      if (value === 0) zeros += rows;
      if (value < 0) negatives += rows;
      if (Math.abs(value) >= limit) continue;
      cells += rows;
      const distance = value / unit - mean;
      squares += distance * distance * rows;
      rest += distance * rows;
    }
  return { cells, squares, rest, zeros, negatives };
}

export function countUpTo(numbers: readonly CountedNumbers[], bounds: Float64Array): readonly number[] {
  const found = new Float64Array(bounds.length);
  for (const { values, counts } of numbers)
    for (let at = 0; at < values.length; at++) {
      const value = values[at] as number;
      if (isMissing(value)) continue;
      let low = 0;
      let high = bounds.length - 1;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (value <= (bounds[middle] as number)) high = middle;
        else low = middle + 1;
      }
      found[low] = (found[low] as number) + (counts === undefined ? 1 : (counts[at] as number));
    }
  return [...found];
}

function addPairs(one: Float64Array, other: Float64Array, { limit, means: [meanA, meanB] }: PairOptions): PairSums {
  let [rows, a, b, aa, bb, ab] = [0, 0, 0, 0, 0, 0];
  for (let at = 0; at < one.length; at++) {
    const [first, second] = [one[at] as number, other[at] as number];
    if (isMissing(first) || isMissing(second) || Math.abs(first) >= limit || Math.abs(second) >= limit) continue;
    const [x, y] = [first - meanA, second - meanB];
    rows++;
    a += x;
    b += y;
    aa += x * x;
    bb += y * y;
    ab += x * y;
  }
  return { rows, a, b, aa, bb, ab };
}
