import { GRID_PARTS } from '../../distribution/number-bins.ts';
import type { AddOptions, NumberStore, Spread } from '../../tally/number-store.ts';
import { addUp, type CountedNumbers, countUpTo, spread } from '../../tally/plain-numbers.ts';
import { type FoundNumbers, type FoundQuantiles, HUGE_UNIT, TAME_MAX } from '../number-summary.ts';

/** The numbers of a column, which are added up. */
export interface ColumnNumbers {
  addUp(options: AddOptions): ReturnType<NumberStore['addUp']>;
  spread(options: AddOptions & { readonly mean: number }): Spread;
  countUpTo(bounds: Float64Array): readonly number[];
}

/** Different numbers, each with how often it occurs. */
export function numbersOfCounted(counted: Required<CountedNumbers>): ColumnNumbers {
  return {
    addUp: (options) => addUp([counted], options),
    spread: (options) => spread([counted], options),
    countUpTo: (bounds) => countUpTo([counted], bounds),
  };
}

interface Ends {
  readonly min: number;
  readonly max: number;
  /** When it is known. */
  readonly mean?: number;
}

/** The zeros and negatives among numbers, and the mean and deviation of those that are tame. */
export function foundNumbers(numbers: ColumnNumbers, { min, max, mean }: Ends): FoundNumbers {
  const isTame = Math.max(-min, max) < TAME_MAX;
  const adding = { limit: isTame ? Number.POSITIVE_INFINITY : TAME_MAX, unit: 1 };
  return { min, max, ...momentsOf(numbers, { ...adding, mean: isTame ? mean : undefined }) };
}

/** Mean and deviation in units of HUGE_UNIT. */
export function hugeMoments(numbers: ColumnNumbers): { readonly mean: number; readonly deviation: number | null } {
  const adding = { limit: Number.POSITIVE_INFINITY, unit: HUGE_UNIT, mean: undefined };
  const { mean, deviation } = momentsOf(numbers, adding);
  return { mean: mean ?? 0, deviation };
}

/** In two passes: the second adds up small numbers, and loses little. */
function momentsOf(
  numbers: ColumnNumbers,
  { mean: known, ...adding }: AddOptions & { readonly mean: number | undefined },
): Pick<FoundNumbers, 'mean' | 'deviation' | 'zeros' | 'negatives'> {
  const { cells: summands, sum } = known === undefined ? numbers.addUp(adding) : { cells: 1, sum: known };
  const mean = sum / Math.max(1, summands);
  const { cells, squares, rest, zeros, negatives } = numbers.spread({ ...adding, mean });
  if (cells === 0) return { mean: null, deviation: null, zeros, negatives };
  // The mean is rounded; Chan, Golub and LeVeque, "Algorithms for computing the sample variance" (1983).
  const corrected = Math.max(0, squares - (rest * rest) / cells);
  return { mean, deviation: cells > 1 ? Math.sqrt(corrected / (cells - 1)) : null, zeros, negatives };
}

/** Where quantiles lie among numbers in ascending order. */
export function quantilesOf(sorted: Float64Array): FoundQuantiles {
  return quantilesBy(sorted.length, (rank) => sorted[rank] ?? 0);
}

/** The same of different numbers in ascending order, each with how often it occurs. */
export function quantilesOfCounted({ values, counts }: Required<CountedNumbers>): FoundQuantiles {
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
