import { chiSquareTail, chiSquareThreshold, kolmogorovTail, logGamma } from './probability.ts';

/** How far apart two samples are, and how often chance alone puts them so far apart. */
export interface TestResult {
  /** From 0, the same, to 1. Does not grow with the number of rows, so that it says how much, not how surely. */
  readonly effect: number;
  readonly pValue: number;
}

/** Kolmogorov and Smirnov: the largest distance between two distributions of numbers. Both sorted, neither empty. */
export function kolmogorovSmirnov(reference: Float64Array, current: Float64Array): TestResult {
  let [inReference, inCurrent, distance] = [0, 0, 0];
  while (inReference < reference.length && inCurrent < current.length) {
    const value = Math.min(reference[inReference] ?? 0, current[inCurrent] ?? 0);
    while (reference[inReference] === value) inReference += 1;
    while (current[inCurrent] === value) inCurrent += 1;
    distance = Math.max(distance, Math.abs(inReference / reference.length - inCurrent / current.length));
  }
  const size = Math.sqrt((reference.length * current.length) / (reference.length + current.length));
  // Stephens' correction keeps the asymptotic chance right down to a few rows.
  return { effect: distance, pValue: kolmogorovTail((size + 0.12 + 0.11 / size) * distance) };
}

/** Counts of the same categories in two samples. */
export interface CategoryCounts {
  readonly reference: readonly number[];
  readonly current: readonly number[];
}

const EXPECTED_MIN = 5;

/**
 * Two-sample chi-square. (The one-sample form takes the reference for the truth, and is wrong three times in four at
 * 900 against 3,000 rows.) Rare categories are counted together, since the approximation fails below five expected rows.
 * The effect is half the sum of differences of shares. Undefined when fewer than two categories are left.
 */
export function maybeChiSquare(counts: CategoryCounts): TestResult | undefined {
  const { reference, current } = withoutRare(counts);
  const degrees = reference.length - 1;
  if (degrees < 1) return undefined;
  const [m, n] = [total(reference), total(current)];
  let [statistic, difference] = [0, 0];
  for (const [index, inReference] of reference.entries()) {
    const inCurrent = current[index] ?? 0;
    const share = (inReference + inCurrent) / (m + n);
    statistic += (inReference - share * m) ** 2 / (share * m) + (inCurrent - share * n) ** 2 / (share * n);
    difference += Math.abs(inReference / m - inCurrent / n) / 2;
  }
  return { effect: difference, pValue: chiSquareTail(statistic, degrees) };
}

function withoutRare({ reference, current }: CategoryCounts): CategoryCounts {
  const [m, n] = [total(reference), total(current)];
  const expected = (index: number) => (((reference[index] ?? 0) + (current[index] ?? 0)) * Math.min(m, n)) / (m + n);
  const kept = [...reference.keys()].filter((index) => expected(index) >= EXPECTED_MIN);
  const pick = (counts: readonly number[]) => kept.map((index) => counts[index] ?? 0);
  const [keptReference, keptCurrent] = [pick(reference), pick(current)];
  const [restReference, restCurrent] = [m - total(keptReference), n - total(keptCurrent)];
  const isRestCommon = ((restReference + restCurrent) * Math.min(m, n)) / (m + n) >= EXPECTED_MIN;
  if (isRestCommon || kept.length === 0) {
    return { reference: [...keptReference, restReference], current: [...keptCurrent, restCurrent] };
  }
  // What is rare even together goes to the last kept category: left out, its rows would be lost from the shares.
  return { reference: plusLast(keptReference, restReference), current: plusLast(keptCurrent, restCurrent) };
}

function plusLast(counts: readonly number[], more: number): readonly number[] {
  return counts.map((count, index) => (index === counts.length - 1 ? count + more : count));
}

/** How many of how many. */
export interface Share {
  readonly count: number;
  readonly of: number;
}

/** Fisher's exact test of two shares: right for any counts, none and one included. The effect is the difference of the shares. */
export function fisherExact(reference: Share, current: Share): TestResult {
  const [hits, rows] = [reference.count + current.count, reference.of + current.of];
  const logChance = (inCurrent: number): number =>
    logChoose(current.of, inCurrent) + logChoose(reference.of, hits - inCurrent) - logChoose(rows, hits);
  const observed = logChance(current.count);
  let pValue = 0;
  for (let count = Math.max(0, hits - reference.of); count <= Math.min(hits, current.of); count += 1) {
    const chance = logChance(count);
    // Equal chances differ in the last digits.
    if (chance <= observed + 1e-9) pValue += Math.exp(chance);
  }
  const effect = Math.abs(reference.count / reference.of - current.count / current.of);
  return { effect, pValue: Math.min(pValue, 1) };
}

function logChoose(all: number, some: number): number {
  return logGamma(all + 1) - logGamma(some + 1) - logGamma(all - some + 1);
}

/** A population stability index and what it exceeds by chance alone with these numbers of rows. */
export interface StabilityIndex {
  readonly value: number;
  readonly threshold: number;
  readonly bins: number;
}

const BINS_MAX = 10;
const ROWS_PER_BIN = 10;

/**
 * Population stability index over quantile bins of the reference, with its threshold for (m, n): without drift the index
 * is near chi-square times (1/m + 1/n), so that the usual 0.1 and 0.25 say nothing about windows of 100 rows. Both sorted.
 * Undefined when there are too few rows, or too few different values, for two bins.
 */
export function maybeStabilityIndex(
  { reference, current }: { readonly reference: Float64Array; readonly current: Float64Array },
  falseAlarmRate: number,
): StabilityIndex | undefined {
  const [m, n] = [reference.length, current.length];
  const edges = quantileEdges(reference, Math.min(BINS_MAX, Math.floor(Math.min(m, n) / ROWS_PER_BIN)));
  if (edges.length === 0) return undefined;
  const inReference = countsBetween(reference, edges);
  const inCurrent = countsBetween(current, edges);
  const value = inReference.reduce((sum, count, bin) => {
    // Half a row more in each bin: an empty one would make the index infinite.
    const [before, now] = [(count + 0.5) / m, ((inCurrent[bin] ?? 0) + 0.5) / n];
    return sum + (now - before) * Math.log(now / before);
  }, 0);
  const threshold = chiSquareThreshold(falseAlarmRate, edges.length) * (1 / m + 1 / n);
  return { value, threshold, bins: edges.length + 1 };
}

function quantileEdges(sorted: Float64Array, bins: number): readonly number[] {
  const edges = Array.from({ length: Math.max(bins - 1, 0) }, (_, index) => {
    return sorted[Math.ceil(((index + 1) * sorted.length) / bins) - 1] ?? 0;
  });
  // A value that fills several bins is one edge; an edge at the end would leave a bin empty.
  return [...new Set(edges)].filter((edge) => edge < (sorted.at(-1) ?? edge));
}

/** Rows up to each edge, and after the last. */
function countsBetween(sorted: Float64Array, edges: readonly number[]): readonly number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  let bin = 0;
  for (const value of sorted) {
    while (bin < edges.length && value > (edges[bin] ?? 0)) bin += 1;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
