import { endsOfTies, maybeExactDistanceTail } from './exact-tests.ts';
import { kolmogorovTail, valueOfTail } from './probability.ts';
import type { TestResult } from './test-result.ts';

/** Both ascending, neither empty. */
interface Sides {
  readonly reference: Float64Array;
  readonly current: Float64Array;
}

/**
 * Kolmogorov and Smirnov: the largest distance between two distributions of numbers. Its probability is exact, ties
 * included, unless that would take too long. Both ascending, neither empty.
 */
export function kolmogorovSmirnov(reference: Float64Array, current: Float64Array): TestResult {
  const sides = { reference, current };
  let [effect, values] = [0, 0];
  for (const end of endsOfTies(reference, current)) {
    effect = Math.max(effect, Math.abs(end.reference / reference.length - end.current / current.length));
    values += 1;
  }
  const pValue = distanceTail(sides, effect);
  const hasTies = values < reference.length + current.length;
  return {
    effect,
    pValue,
    smallestEffect: (pValueMax) => smallestDistance(sides, { effect, pValue, pValueMax, hasTies }),
  };
}

/** Here the asymptotic probability decides, however long the exact one would take. */
const CERTAIN = 1e-12;

function distanceTail(sides: Sides, distance: number): number {
  const asymptotic = kolmogorovTail(scaleOf(sides) * distance);
  return asymptotic < CERTAIN ? asymptotic : (maybeExactDistanceTail(sides, distance) ?? asymptotic);
}

/** Stephens' correction keeps the asymptotic probability valid for few rows. */
function scaleOf({ reference, current }: Sides): number {
  const size = Math.sqrt((reference.length * current.length) / (reference.length + current.length));
  return size + 0.12 + 0.11 / size;
}

interface Found {
  readonly effect: number;
  readonly pValue: number;
  readonly pValueMax: number;
  readonly hasTies: boolean;
}

/**
 * Without ties the asymptotic distance is within a hundredth of the exact one. Ties make it too large: one exact
 * probability brings it within a few hundredths.
 */
function smallestDistance(sides: Sides, { effect, pValue, pValueMax, hasTies }: Found): number {
  const wanted = valueOfTail(kolmogorovTail, pValueMax);
  const asymptotic = Math.min(wanted / scaleOf(sides), 1);
  const probability = hasTies ? distanceTail(sides, asymptotic) : pValueMax;
  const distance =
    probability > 0 && probability < 1
      ? Math.min((asymptotic * wanted) / valueOfTail(kolmogorovTail, probability), 1)
      : asymptotic;
  // Distances are whole multiples of this, or more.
  const next = effect + 1 / (sides.reference.length * sides.current.length);
  return pValue <= pValueMax ? Math.min(distance, effect) : Math.max(distance, next);
}
