import { CATEGORIES, FOLDS, type Partition, SCRIPTS } from './unicode-tables.ts';

const RADIX = 36;

/** Ranges of code points by the name of their category or script, without the sums of categories such as `L`. */
let groups: ReadonlyMap<string, readonly number[]> | undefined;
/** From a letter to the next one that differs from it in case alone. */
let steps: ReadonlyMap<number, number> | undefined;
let lettersInOrder: readonly number[] | undefined;

/** The ranges of `\p{name}`, in no order where the group is a sum; undefined where RE2 has no group of that name. */
export function maybeGroup(name: string): readonly number[] | undefined {
  if (name === 'Any') return [0, 0x10ffff];
  groups ??= new Map([...unfolded(CATEGORIES), ...unfolded(SCRIPTS)]);
  const exact = groups.get(name);
  if (exact !== undefined || !/^[CLMNPSZ]$/.test(name)) return exact;
  return [...groups]
    .filter(([category]) => category.length === 2 && category.startsWith(name))
    .flatMap(([, set]) => set);
}

/** All letters that differ from this one in case alone, itself included. */
export function circleOf(letter: number): readonly number[] {
  const circle = [letter];
  for (let next = folding().get(letter) ?? letter; next !== letter; next = folding().get(next) ?? letter) {
    circle.push(next);
  }
  return circle;
}

/** The letters within a range that exist in another case. */
export function foldingBetween(from: number, to: number): readonly number[] {
  lettersInOrder ??= [...folding().keys()].sort((a, b) => a - b);
  // A literal is a range of one, by far the most frequent case.
  if (from === to) return folding().has(from) ? [from] : [];
  return lettersInOrder.filter((letter) => letter >= from && letter <= to);
}

function unfolded({ names, runs }: Partition): readonly (readonly [string, readonly number[]])[] {
  const sets = names.split(' ').map((name) => [name, [] as number[]] as const);
  let start = 0;
  for (const run of runs.split(' ')) {
    const [index = '', length = '1'] = run.split('*');
    const end = start + Number.parseInt(length, RADIX);
    if (index !== '-') sets[Number.parseInt(index, RADIX)]?.[1].push(start, end - 1);
    start = end;
  }
  return sets;
}

function folding(): ReadonlyMap<number, number> {
  if (steps !== undefined) return steps;
  const read = new Map<number, number>();
  for (const run of FOLDS.split(' ')) {
    const [first = 0, step = 0, letters = 1, distance = 1] = run.split(',').map((part) => Number.parseInt(part, RADIX));
    for (let index = 0; index < letters; index++) {
      const letter = first + index * distance;
      read.set(letter, letter + step);
    }
  }
  steps = read;
  return read;
}
