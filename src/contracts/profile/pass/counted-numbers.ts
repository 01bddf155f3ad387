import { GRID_PARTS } from '../../distribution/number-bins.ts';
import type { FoundNumbers, FoundQuantiles } from '../number-summary.ts';
import { HUGE_UNIT, TAME_MAX } from '../number-summary.ts';
import { isMissing } from './kept-numbers.ts';

/** Some numbers, each with how often it occurs; in chunks, as they were read. */
export interface NumberChunk {
  readonly values: Float64Array;
  /** Each counts once unless set; a missing one never does. */
  readonly counts?: Uint32Array;
}

/** What numbers are added up by. */
interface Moments {
  readonly mean: number | null;
  /** Of the sample. */
  readonly deviation: number | null;
  /** Sum of squared distances from the mean. */
  readonly squares: number;
}

/** The zeros and negatives among numbers, and the mean and deviation of those that are tame. */
export function foundNumbers(
  chunks: readonly NumberChunk[],
  { min, max, mean }: { readonly min: number; readonly max: number; readonly mean?: number },
): FoundNumbers & { readonly squares: number } {
  const isTame = Math.max(-min, max) < TAME_MAX;
  const sums = momentsOf(chunks, { isTame, unit: 1, ...(mean !== undefined && isTame ? { mean } : {}) });
  let zeros = 0;
  let negatives = 0;
  if (min <= 0)
    for (const { values, counts } of chunks)
      for (let at = 0; at < values.length; at++) {
        // Within the list.
        const value = values[at] as number;
        if (value > 0 || isMissing(value)) continue;
        const rows = counts === undefined ? 1 : (counts[at] as number);
        if (value === 0) zeros += rows;
        else negatives += rows;
      }
  return { min, max, zeros, negatives, ...sums };
}

/** Mean and deviation in units of HUGE_UNIT. */
export function hugeMoments(chunks: readonly NumberChunk[]): {
  readonly mean: number;
  readonly deviation: number | null;
} {
  const { mean, deviation } = momentsOf(chunks, { isTame: true, unit: HUGE_UNIT });
  return { mean: mean ?? 0, deviation };
}

interface MomentsOptions {
  /** Whether no number is too large to be added up. */
  readonly isTame: boolean;
  readonly unit: number;
  /** When it is known. */
  readonly mean?: number;
}

/** In two passes: the second adds up small numbers, and loses little. */
function momentsOf(chunks: readonly NumberChunk[], options: MomentsOptions): Moments {
  const { isTame, unit } = options;
  const isCounted = (value: number): boolean => !isMissing(value) && (isTame || Math.abs(value) < TAME_MAX);
  let cells = 0;
  let sum = 0;
  for (const { values, counts } of chunks)
    for (let at = 0; at < values.length; at++) {
      const value = values[at] as number;
      if (!isCounted(value)) continue;
      const rows = counts === undefined ? 1 : (counts[at] as number);
      cells += rows;
      sum += (value / unit) * rows;
    }
  if (cells === 0) return { mean: null, deviation: null, squares: 0 };
  const mean = options.mean ?? sum / cells;
  let squares = 0;
  let rest = 0;
  for (const { values, counts } of chunks)
    for (let at = 0; at < values.length; at++) {
      const value = values[at] as number;
      if (!isCounted(value)) continue;
      const rows = counts === undefined ? 1 : (counts[at] as number);
      const distance = value / unit - mean;
      squares += distance * distance * rows;
      rest += distance * rows;
    }
  // The mean is rounded; Chan, Golub and LeVeque, "Algorithms for computing the sample variance" (1983).
  const corrected = Math.max(0, squares - (rest * rest) / cells);
  return { mean, deviation: cells > 1 ? Math.sqrt(corrected / (cells - 1)) : null, squares: corrected };
}

/** Where quantiles lie among numbers. */
export function quantilesOf(numbers: Float64Array): FoundQuantiles {
  const sorted = numbers.sort();
  return quantilesBy(sorted.length, (rank) => sorted[rank] ?? 0);
}

/** The same of different numbers in ascending order, each with how often it occurs. */
export function quantilesOfCounted({ values, counts }: Required<NumberChunk>): FoundQuantiles {
  const ends = counts.slice();
  for (let at = 1; at < ends.length; at++) ends[at] = (ends[at] as number) + (ends[at - 1] as number);
  return quantilesBy(ends.at(-1) ?? 0, (rank) => values[ends.findIndex((end) => end > rank)] ?? 0);
}

function quantilesBy(rows: number, numberAt: (rank: number) => number): FoundQuantiles {
  const at = (more: number): readonly number[] =>
    Array.from({ length: GRID_PARTS + 1 }, (_, part) =>
      numberAt(Math.min(rows - 1, more + Math.floor((part * (rows - 1)) / GRID_PARTS))),
    );
  return { rows, grid: at(0), next: at(1) };
}

const BUCKETS = 1024;

/** How many numbers lie up to each of the bounds, in ascending order, and above the one before; none is above the last. */
export function countBetween(chunks: readonly NumberChunk[], uppers: readonly number[]): readonly number[] {
  const bounds = Float64Array.from(uppers);
  const [min, max] = [bounds[0] ?? 0, bounds.at(-1) ?? 0];
  // Halved, because the width can exceed the range of a double; Infinity where there is none.
  const scale = (BUCKETS - 1) / (max / 2 - min / 2);
  const isWide = Number.isFinite(scale);
  const bucketOf = (value: number): number => (value <= min ? 0 : ((value / 2 - min / 2) * scale) | 0);
  // A number of a bucket lies above all bounds of the buckets before.
  const firsts = new Uint16Array(BUCKETS + 1).fill(bounds.length - 1);
  firsts[0] = 0;
  if (isWide)
    for (let at = bounds.length - 1, bucket = BUCKETS; at >= 0; at--)
      for (; bucket > bucketOf(bounds[at] as number); bucket--) firsts[bucket] = Math.min(bounds.length - 1, at + 1);
  const found = new Float64Array(bounds.length);
  for (const { values, counts } of chunks)
    for (let at = 0; at < values.length; at++) {
      const value = values[at] as number;
      if (isMissing(value)) continue;
      const bucket = isWide ? bucketOf(value) : 0;
      let low = firsts[bucket] as number;
      let high = isWide ? (firsts[bucket + 1] as number) : bounds.length - 1;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (value <= (bounds[middle] as number)) high = middle;
        else low = middle + 1;
      }
      found[low] = (found[low] as number) + (counts === undefined ? 1 : (counts[at] as number));
    }
  return [...found];
}
