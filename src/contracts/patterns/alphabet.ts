import { type CharacterSet, CODE_POINT_MAX } from './character-set.ts';

const ASCII = 0x80;

/** The code points in classes of those that no set of a pattern tells apart: the symbols that its automaton reads. */
export interface Alphabet {
  /** How many symbols there are. */
  readonly size: number;
  /** First code points of ranges of one symbol each, in order; the first is 0. */
  readonly starts: readonly number[];
  /** The symbol of each range. */
  readonly symbols: readonly number[];
  /** The symbol of each ASCII character. */
  readonly ascii: Uint16Array;
  /** By set: which symbols are in it. */
  readonly members: readonly Uint8Array[];
}

export function alphabetOf(sets: readonly CharacterSet[]): Alphabet {
  const borders = new Set([0]);
  for (const set of sets) {
    for (let at = 0; at < set.length; at += 2) borders.add(set[at] ?? 0).add((set[at + 1] ?? 0) + 1);
  }
  borders.delete(CODE_POINT_MAX + 1);
  const starts = [...borders].sort((a, b) => a - b);
  const placeOf = new Map(starts.map((start, place) => [start, place]));
  let symbols: number[] = starts.map(() => 0);
  for (const set of sets) {
    const isMember = new Uint8Array(starts.length);
    for (let at = 0; at < set.length; at += 2) {
      isMember.fill(1, placeOf.get(set[at] ?? 0), placeOf.get((set[at + 1] ?? 0) + 1) ?? starts.length);
    }
    // A symbol of which the set has a part becomes two.
    const split = new Map<number, number>();
    symbols = symbols.map((symbol, place) => numberOf(split, symbol * 2 + (isMember[place] ?? 0)));
  }
  const numbers = new Map<number, number>();
  symbols = symbols.map((symbol) => numberOf(numbers, symbol));
  const alphabet = { size: numbers.size, starts, symbols };
  const ascii = Uint16Array.from({ length: ASCII }, (_, point) => symbolAt(alphabet, point));
  const members = sets.map((set) => {
    const inSet = new Uint8Array(alphabet.size);
    for (let at = 0; at < set.length; at += 2) {
      const end = placeOf.get((set[at + 1] ?? 0) + 1) ?? starts.length;
      for (let place = placeOf.get(set[at] ?? 0) ?? 0; place < end; place++) inSet[symbols[place] ?? 0] = 1;
    }
    return inSet;
  });
  return { ...alphabet, ascii, members };
}

/** The symbol of a code point. */
export function symbolAt({ starts, symbols }: Pick<Alphabet, 'starts' | 'symbols'>, codePoint: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= codePoint) low = middle;
    else high = middle - 1;
  }
  return symbols[low] ?? 0;
}

/** The number of a value: the next one that is free, when it is new. */
function numberOf(numbers: Map<number, number>, value: number): number {
  const known = numbers.get(value);
  if (known !== undefined) return known;
  numbers.set(value, numbers.size);
  return numbers.size - 1;
}
