/** Numbers of one column in rows one after the other; in a row without one stands the zero with a sign. */
export interface Chunk {
  /** Where it lies in its store. */
  readonly at: number;
  readonly length: number;
}

/** Numbers that are added up. Those that are not below the limit in size are left out; each is divided by the unit. */
export interface AddOptions {
  readonly limit: number;
  readonly unit: number;
}

/** How far numbers lie from a mean. */
export interface Spread {
  /** How many numbers were added up. */
  readonly cells: number;
  /** Sum of squared distances from the mean, and of the distances. */
  readonly squares: number;
  readonly rest: number;
  /** Of all numbers. */
  readonly zeros: number;
  readonly negatives: number;
}

/** Sums over the rows where both columns have a number below the limit, of distances from a mean of each. */
export interface PairSums {
  readonly rows: number;
  readonly a: number;
  readonly b: number;
  readonly aa: number;
  readonly bb: number;
  readonly ab: number;
}

export interface PairOptions {
  readonly limit: number;
  readonly means: readonly [number, number];
}

/** Keeps the numbers of columns, and adds them up in the order of their rows. */
export interface NumberStore {
  /** Undefined when there is no room for more. */
  maybeKeep(words: BigInt64Array): Chunk | undefined;
  /** The numbers of a chunk; valid until the next one is kept. */
  numbersOf(chunk: Chunk): Float64Array;
  addUp(chunks: readonly Chunk[], options: AddOptions): { readonly cells: number; readonly sum: number };
  spread(chunks: readonly Chunk[], options: AddOptions & { readonly mean: number }): Spread;
  /** How many numbers lie up to each of the bounds, in ascending order, and above the one before; none is above the last. */
  countUpTo(chunks: readonly Chunk[], bounds: Float64Array): readonly number[];
  /** Numbers in ascending order; valid until the next are asked for or kept. */
  sorted(numbers: Float64Array): Float64Array;
  /** Of two chunks of the same rows. */
  addPairs(one: Chunk, other: Chunk, options: PairOptions): PairSums;
}

/** Whether a row has no number. */
export function isMissing(value: number): boolean {
  return Object.is(value, -0);
}
