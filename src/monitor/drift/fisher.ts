import type { TestResult } from './test-result.ts';

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
  const difference = shareOf(current) - shareOf(reference);
  const pValue = fisherProbability(reference, current);
  return {
    effect: Math.abs(difference),
    pValue,
    smallestEffect: (pValueMax) => {
      const count = maybeNearestCount(reference, current, pValueMax);
      return count === undefined ? 1 : Math.abs(count / current.of - shareOf(reference));
    },
  };
}

/**
 * Whether the current rows have more values that the reference never had than a reference of this size misses by
 * chance. The missed share is about that of the values that the reference has once (Good and Turing).
 */
export function moreUnseen(once: Share, unseen: Share): TestResult {
  const found = fisherExact(once, unseen);
  if (shareOf(unseen) > shareOf(once)) return found;
  const expected = { count: Math.min(Math.ceil(shareOf(once) * unseen.of), unseen.of), of: unseen.of };
  const { smallestEffect } = fisherExact(once, expected);
  return { effect: 0, pValue: 1, smallestEffect };
}

/**
 * The count nearest to the share of the reference, on the side where the current one is, that is significant. Undefined
 * where none is.
 */
function maybeNearestCount(reference: Share, current: Share, pValueMax: number): number | undefined {
  const isSignificant = (count: number): boolean =>
    fisherProbability(reference, { count, of: current.of }) <= pValueMax;
  const difference = shareOf(current) - shareOf(reference);
  const isLess = difference < 0 || (difference === 0 && shareOf(reference) > 1 / 2);
  let [near, far] = [Math.round(shareOf(reference) * current.of), isLess ? 0 : current.of];
  if (isSignificant(current.count)) far = current.count;
  else near = current.count;
  if (!isSignificant(far)) return undefined;
  while (Math.abs(far - near) > 1) {
    const middle = Math.floor((near + far) / 2);
    if (isSignificant(middle)) far = middle;
    else near = middle;
  }
  return far;
}

function shareOf({ count, of }: Share): number {
  return count / of;
}

/** Equal probabilities may differ in the last digits. */
const ROUNDING = 1e-9;

/**
 * The probability of all tables with these totals that are at most as probable as the given one. Each table follows from
 * its neighbour, from the most probable one outwards, so that no digits are lost in large factorials.
 */
function fisherProbability(reference: Share, current: Share): number {
  const hits = reference.count + current.count;
  const [first, last] = [Math.max(0, hits - reference.of), Math.min(hits, current.of)];
  const mode = Math.min(last, Math.floor(((hits + 1) * (current.of + 1)) / (reference.of + current.of + 2)));
  const stepUp = (count: number): number =>
    ((current.of - count) * (hits - count)) / ((count + 1) * (reference.of - hits + count + 1));
  const [up, down] = [[1], [1]];
  for (let count = mode; count < last && up.at(-1) !== 0; count += 1) up.push((up.at(-1) ?? 0) * stepUp(count));
  for (let count = mode - 1; count >= first && down.at(-1) !== 0; count -= 1)
    down.push((down.at(-1) ?? 0) / stepUp(count));
  const terms = [...up, ...down.slice(1)];
  const observed = (current.count >= mode ? up[current.count - mode] : down[mode - current.count]) ?? 0;
  let [all, outside] = [0, 0];
  for (const term of terms) {
    all += term;
    if (term <= observed * (1 + ROUNDING)) outside += term;
  }
  return outside / all;
}
