import { type BinRows, chiSquareOf, type Difference, differenceOf } from '#contracts';
import { endsOfTies, maybeExactChiSquareTail, maybeExactDistanceTail } from './exact-tests.ts';
import { chiSquareTail, kolmogorovTail, logChoose, normalTail } from './probability.ts';

/** How far apart two samples are, and the probability of that by chance. */
export interface TestResult {
  /** From 0, equal, to 1. Independent of the number of rows: the size of the difference, not its significance. */
  readonly effect: number;
  readonly pValue: number;
}

/**
 * Kolmogorov and Smirnov: the largest distance between two distributions of numbers. Its probability is exact, ties
 * included, unless that would take too long. Both ascending, neither empty.
 */
export function kolmogorovSmirnov(reference: Float64Array, current: Float64Array): TestResult {
  let distance = 0;
  for (const end of endsOfTies(reference, current))
    distance = Math.max(distance, Math.abs(end.reference / reference.length - end.current / current.length));
  return { effect: distance, pValue: distanceTail({ reference, current }, distance) };
}

/** Here the asymptotic probability decides, however long the exact one would take. */
const CERTAIN = 1e-12;

function distanceTail(
  sides: { readonly reference: Float64Array; readonly current: Float64Array },
  distance: number,
): number {
  const [m, n] = [sides.reference.length, sides.current.length];
  const size = Math.sqrt((m * n) / (m + n));
  // Stephens' correction keeps the asymptotic probability valid for few rows.
  const asymptotic = kolmogorovTail((size + 0.12 + 0.11 / size) * distance);
  return asymptotic < CERTAIN ? asymptotic : (maybeExactDistanceTail(sides, distance) ?? asymptotic);
}

/** With fewer rows expected in a category, the usual chi-square is not reliable (Cochran, Biometrics 10, 1954). */
const EXPECTED_MIN = 5;

/**
 * Two-sample chi-square of the rows of each category. (The one-sample form takes the reference for the truth, and is wrong
 * three times in four at 900 against 3,000 rows.) Its probability is exact where few tables are possible, the usual one
 * where every category has rows enough, and from the exact moments otherwise (`differenceOf`). The effect is half the sum
 * of differences of shares. Undefined when there are fewer than two categories.
 */
export function maybeChiSquare(
  categories: readonly BinRows[],
): (TestResult & Pick<Difference, 'stabilityIndex'>) | undefined {
  const filled = categories.filter(({ reference, current }) => reference + current > 0);
  if (filled.length < 2) return undefined;
  const [m, n] = [total(filled, 'reference'), total(filled, 'current')];
  const apart = filled.reduce((sum, { reference, current }) => sum + Math.abs(reference / m - current / n), 0);
  const { stabilityIndex, deviations } = differenceOf(filled);
  const pValue = maybeExactChiSquareTail(filled) ?? maybeUsualTail(filled, { m, n }) ?? normalTail(deviations);
  return { effect: apart / 2, pValue, stabilityIndex };
}

/** As SciPy's `chi2_contingency(correction=False)`; undefined where rows are too few for it. */
function maybeUsualTail(
  categories: readonly BinRows[],
  { m, n }: { readonly m: number; readonly n: number },
): number | undefined {
  const least = Math.min(...categories.map(({ reference, current }) => reference + current));
  if ((least * Math.min(m, n)) / (m + n) < EXPECTED_MIN) return undefined;
  return chiSquareTail(chiSquareOf(categories), categories.length - 1);
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

function total(categories: readonly BinRows[], side: keyof BinRows): number {
  return categories.reduce((sum, rows) => sum + rows[side], 0);
}
