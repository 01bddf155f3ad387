import { type BinRows, type Difference, differenceOf } from '#contracts';
import { kolmogorovTail, logGamma, normalTail } from './probability.ts';

/** How far apart two samples are, and the probability of that by chance. */
export interface TestResult {
  /** From 0, equal, to 1. Independent of the number of rows: the size of the difference, not its significance. */
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
  // Stephens' correction keeps the asymptotic probability valid for few rows.
  return { effect: distance, pValue: kolmogorovTail((size + 0.12 + 0.11 / size) * distance) };
}

/**
 * Two-sample chi-square of the rows of each category. (The one-sample form takes the reference for the truth, and is wrong
 * three times in four at 900 against 3,000 rows.) The effect is half the sum of differences of shares. Undefined when there
 * are fewer than two categories.
 */
export function maybeChiSquare(
  categories: readonly BinRows[],
): (TestResult & Pick<Difference, 'stabilityIndex'>) | undefined {
  if (categories.length < 2) return undefined;
  const [m, n] = [total(categories, 'reference'), total(categories, 'current')];
  const apart = categories.reduce((sum, { reference, current }) => sum + Math.abs(reference / m - current / n), 0);
  const { stabilityIndex, deviations } = differenceOf(categories);
  return { effect: apart / 2, pValue: normalTail(deviations), stabilityIndex };
}

/** A count out of a total. */
export interface Share {
  readonly count: number;
  readonly of: number;
}

/**
 * Fisher's exact test of two shares: valid for any counts, including zero and one. The effect is the difference of the
 * shares.
 */
export function fisherExact(reference: Share, current: Share): TestResult {
  const [hits, rows] = [reference.count + current.count, reference.of + current.of];
  const logChance = (inCurrent: number): number =>
    logChoose(current.of, inCurrent) + logChoose(reference.of, hits - inCurrent) - logChoose(rows, hits);
  const observed = logChance(current.count);
  let pValue = 0;
  for (let count = Math.max(0, hits - reference.of); count <= Math.min(hits, current.of); count += 1) {
    const chance = logChance(count);
    // Equal probabilities may differ in the last digits.
    if (chance <= observed + 1e-9) pValue += Math.exp(chance);
  }
  const effect = Math.abs(reference.count / reference.of - current.count / current.of);
  return { effect, pValue: Math.min(pValue, 1) };
}

/**
 * Whether the current rows have more values that the reference never had than a reference of this size misses by
 * chance. The missed share is about that of the values that the reference has once (Good and Turing).
 */
export function moreUnseen(once: Share, unseen: Share): TestResult {
  const more = unseen.count / unseen.of - once.count / once.of;
  return more > 0 ? { ...fisherExact(once, unseen), effect: more } : { effect: 0, pValue: 1 };
}

function logChoose(all: number, some: number): number {
  return logGamma(all + 1) - logGamma(some + 1) - logGamma(all - some + 1);
}

function total(categories: readonly BinRows[], side: keyof BinRows): number {
  return categories.reduce((sum, rows) => sum + rows[side], 0);
}
