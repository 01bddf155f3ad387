import { type Count, counts } from './counts.ts';

/** One person aboard, as the example's table holds them. */
export interface Person {
  /** 1 to 2201, in an order drawn from the seed. */
  readonly id: number;
  readonly class: Count['class'];
  readonly sex: Count['sex'];
  /** Years, with one decimal below one year; `null` where it is not known. */
  readonly age: number | null;
  readonly survived: 'no' | 'yes';
}

/** A person with the published age group, which the table leaves out. */
export interface CountedPerson extends Person {
  readonly ageGroup: Count['ageGroup'];
}

const CHILD_UNTIL = 15;
const OLDEST = 75;
const SHARE_OF_BABIES = 0.08;
const SHARE_WITHOUT_AGE = 0.12;

// Mean ages of adults by class; the published counts give groups only, and these follow the passenger lists roughly.
const MEAN_ADULT_AGE: Readonly<Record<Count['class'], number>> = { '1st': 39, '2nd': 32, '3rd': 28, crew: 31 };

/** Rebuilds the 2,201 people aboard: the published counts exactly, ages drawn within the group. Equal seeds, equal people. */
export function people(seed: number): readonly Person[] {
  return countedPeople(seed).map(({ ageGroup: _, ...person }) => person);
}

/** The same people as `people`, with the group each age was drawn for. */
export function countedPeople(seed: number): readonly CountedPerson[] {
  const random = randomFrom(seed);
  const inTableOrder = counts.flatMap((count) => [
    ...Array.from({ length: count.died }, () => ({ count, survived: 'no' as const })),
    ...Array.from({ length: count.survived }, () => ({ count, survived: 'yes' as const })),
  ]);
  return shuffled(inTableOrder, random).map(({ count, survived }, index) => ({
    id: index + 1,
    class: count.class,
    sex: count.sex,
    ageGroup: count.ageGroup,
    age: random() < SHARE_WITHOUT_AGE ? null : ageWithin(count, random),
    survived,
  }));
}

function ageWithin(count: Count, random: () => number): number {
  if (count.ageGroup === 'adult') return adultAge(MEAN_ADULT_AGE[count.class], random);
  if (random() < SHARE_OF_BABIES) return Math.ceil(random() * 9) / 10;
  return 1 + Math.floor(random() * (CHILD_UNTIL - 1));
}

// Two exponential waits after the fifteenth birthday: most are young, few are old, and the mean is the wanted one.
function adultAge(mean: number, random: () => number): number {
  const scale = (mean - CHILD_UNTIL) / 2;
  for (;;) {
    const age = CHILD_UNTIL - scale * Math.log((1 - random()) * (1 - random()));
    if (age < OLDEST) return Math.floor(age);
  }
}

function shuffled<Item>(items: readonly Item[], random: () => number): readonly Item[] {
  const drawn = items.map((item) => ({ item, rank: random() }));
  return drawn.sort((a, b) => a.rank - b.rank).map(({ item }) => item);
}

// splitmix32: a whole generator in four lines, the same numbers on every machine.
function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}
