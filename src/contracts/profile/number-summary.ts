import { ALONE_MAX, edgesAround, edgesOf, GRID_PARTS, uppersOf } from '../distribution/number-bins.ts';
import { type NumberSummary, QUANTILES } from './profile.ts';

const HISTOGRAM_PARTS = 30;
/** Sums and squares of larger numbers may exceed the range of a double. */
export const TAME_MAX = 1e150;
/** Divisor of larger numbers before they are summed. */
export const HUGE_UNIT = 1e160;

/** Of all numbers of a column. */
export type FoundNumbers = Pick<NumberSummary, 'min' | 'max' | 'zeros' | 'negatives'> & {
  /** Null when no number is tame. */
  readonly mean: number | null;
  readonly deviation: number | null;
};

/** Of an ordered sample: the values at GRID_PARTS + 1 equal distances, the values behind them, and how many there are. */
export interface FoundQuantiles {
  readonly rows: number;
  readonly grid: readonly number[];
  readonly next: readonly number[];
}

export interface Found {
  readonly numbers: FoundNumbers;
  readonly quantiles: FoundQuantiles;
  /** In units of HUGE_UNIT, of columns that are not tame. */
  readonly huge?: { readonly mean: number; readonly deviation: number | null };
  /** All different values, when they are few. */
  readonly values: readonly number[] | undefined;
}

/** The bounds at which the rows of a column are counted. */
export interface NumberBounds {
  readonly edges: readonly number[];
  readonly parts: readonly number[];
  /** All of them together, in ascending order. */
  readonly uppers: readonly number[];
}

export function isHuge({ min, max }: FoundNumbers): boolean {
  return Math.max(-min, max) >= TAME_MAX;
}

/** Bounds of bins of equally many rows, and of the histogram's parts of equal width. */
export function boundsOf({ numbers: { min, max }, quantiles, values }: Found): NumberBounds {
  const isListed = values !== undefined && values.length <= ALONE_MAX;
  const edges = isListed
    ? edgesAround([...new Set(values)].sort((a, b) => a - b))
    : // The sample need not have the ends.
      edgesOf([min, ...quantiles.grid.slice(1, -1), max]);
  const parts: number[] = [];
  for (let part = 1; part <= HISTOGRAM_PARTS; part += 1) {
    // The width can exceed the range of a double.
    const upper = min * (1 - part / HISTOGRAM_PARTS) + max * (part / HISTOGRAM_PARTS);
    parts.push(part === HISTOGRAM_PARTS ? max : Math.min(max, Math.max(upper, parts.at(-1) ?? min)));
  }
  const uppers = [...new Set([...uppersOf(edges), ...parts])].sort((a, b) => a - b);
  return { edges, parts, uppers };
}

/** The summary, with the rows counted up to each of the bounds and above the one before. */
export function numberSummary(found: Found, bounds: NumberBounds, counts: readonly number[]): NumberSummary {
  const { min, max, zeros, negatives } = found.numbers;
  const below = new Map<number, number>();
  let sum = 0;
  for (const [at, upper] of bounds.uppers.entries()) {
    sum += counts[at] ?? 0;
    below.set(upper, sum);
  }
  const rowsIn = (uppers: readonly number[]): readonly number[] =>
    uppers.map((upper, at) => (below.get(upper) ?? 0) - (at === 0 ? 0 : (below.get(uppers[at - 1] ?? 0) ?? 0)));
  return {
    min,
    max,
    ...moments(found),
    quantiles: QUANTILES.map((share) => quantile(found, share)),
    zeros,
    negatives,
    histogram: rowsIn(bounds.parts),
    bins: { edges: bounds.edges, rows: rowsIn(uppersOf(bounds.edges)) },
  };
}

function moments({ numbers, huge }: Found): Pick<NumberSummary, 'mean' | 'deviation'> {
  const { min, max } = numbers;
  const scaled =
    huge === undefined ? numbers : { mean: huge.mean * HUGE_UNIT, deviation: (huge.deviation ?? 0) * HUGE_UNIT };
  return {
    // Sums are rounded: the mean of equal numbers may differ from them.
    mean: Math.min(max, Math.max(min, scaled.mean ?? 0)),
    deviation: Math.min(Number.MAX_VALUE, scaled.deviation ?? 0),
  };
}

/** Between its neighbours in proportion, as pandas and DuckDB have it. */
function quantile({ quantiles: { rows, grid, next } }: Found, share: number): number {
  const part = Math.round(share * GRID_PARTS);
  const [low, high] = [grid[part] ?? 0, next[part] ?? 0];
  const weight = ((part * (rows - 1)) % GRID_PARTS) / GRID_PARTS;
  return low === high ? low : Math.min(high, Math.max(low, low * (1 - weight) + high * weight));
}
