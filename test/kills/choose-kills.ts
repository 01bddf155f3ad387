import { createHash } from 'node:crypto';
import { inject } from 'vitest';
import { seededRandom } from './seeded-random.ts';

/** Whether this run kills everywhere (`npm run test:full`) or at places drawn by its seed. */
export const killsEverywhere = (): boolean => inject('kills').isEverywhere;

/** How many cases a property is tried with: all of them in a full run, else half; `TEST_TIMES` as many, if it is set. */
export const propertyRuns = (full: number): number => {
  return Math.ceil((killsEverywhere() ? full : full / 2) * Number(process.env.TEST_TIMES ?? 1));
};

/** Random numbers for one test: the seed of the run, which its log names, and the name of the test decide them. */
export function randomFor(test: string): () => number {
  const digest = createHash('sha256')
    .update(`${inject('kills').seed} ${test}`)
    .digest();
  return seededRandom(digest.readUInt32LE());
}

export interface KillChoice<Place> {
  /** Names the test, so that each draws its own. */
  readonly test: string;
  /** How many places are drawn on top of one for each kind. */
  readonly extra: number;
  /** Where a place is one of fault points with a name: `<name> <n>`. */
  readonly pointOf: (place: Place) => string;
  /** Which names this test hits in every run; all when absent. Others are hit in every run by another test, and here when drawn. */
  readonly isOwn?: (name: string) => boolean;
}

/**
 * Where to kill a program that passes these places when it is left alone. In a full run everywhere; else at one place of
 * each name of its own, and at some more: every kind of write is hit in every run, and each place in some run.
 */
export function chooseKills<Place>(
  all: readonly Place[],
  { test, extra, pointOf, isOwn = () => true }: KillChoice<Place>,
): readonly Place[] {
  if (killsEverywhere()) return all;
  const drawn = shuffled(all, randomFor(test));
  const kindOf = (place: Place): string => pointOf(place).replace(/ \d+$/, '');
  const own = drawn.filter((place) => isOwn(kindOf(place)));
  const ofEachKind = new Map(own.map((place) => [kindOf(place), place]));
  const rest = drawn.filter((place) => ofEachKind.get(kindOf(place)) !== place);
  const chosen = new Set([...ofEachKind.values(), ...rest.slice(0, extra)]);
  return all.filter((place) => chosen.has(place));
}

function shuffled<T>(all: readonly T[], random: () => number): readonly T[] {
  return all
    .map((each) => ({ each, order: random() }))
    .sort((one, other) => one.order - other.order)
    .map(({ each }) => each);
}
