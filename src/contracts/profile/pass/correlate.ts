import { type Chunk, isMissing, type NumberStore } from '../../tally/number-store.ts';
import { TAME_MAX } from '../number-summary.ts';

/** A column of numbers, in chunks of the same rows as those of the others. */
export interface CorrelatedNumbers {
  readonly chunks: readonly Chunk[];
  /** About the mean of the numbers that are added up, from which distances are small. */
  readonly mean: number;
}

/** Below this part of the squares, what is left of them may be rounding. */
const DOUBTFUL_SHARE = 1e-9;

/** Pearson's correlation of pairs of columns, over the rows where both have a tame number; undefined where one of them varies not. */
export function correlate(
  store: NumberStore,
  columns: readonly CorrelatedNumbers[],
  pairs: readonly (readonly [number, number])[],
): readonly (number | undefined)[] {
  return pairs.map(([a, b]) => {
    const [one, other] = [columns[a], columns[b]];
    return one === undefined || other === undefined ? undefined : maybeCorrelation(store, one, other);
  });
}

function maybeCorrelation(store: NumberStore, one: CorrelatedNumbers, other: CorrelatedNumbers): number | undefined {
  const sums = sumsFrom(store, one, other);
  if (!sums.isDoubtful) return sums.correlation;
  // Once more, from the means of the rows of the pair.
  const plain = sumsFrom(store, { ...one, mean: 0 }, { ...other, mean: 0 });
  if (!plain.varies) return undefined;
  const [mean, otherMean] = [plain.a / plain.rows, plain.b / plain.rows];
  return sumsFrom(store, { ...one, mean }, { ...other, mean: otherMean }).correlation;
}

function sumsFrom(store: NumberStore, one: CorrelatedNumbers, other: CorrelatedNumbers): Sums {
  const sums = new Sums(store, [one.mean, other.mean]);
  for (const [index, chunk] of one.chunks.entries()) {
    const same = other.chunks[index];
    if (same !== undefined) sums.add(chunk, same);
  }
  return sums;
}

/** Sums over the rows where both have a number. */
class Sums {
  readonly #store: NumberStore;
  readonly #means: readonly [number, number];
  rows = 0;
  a = 0;
  b = 0;
  #aa = 0;
  #bb = 0;
  #ab = 0;
  #first: readonly [number, number] | undefined;
  /** Whether each of both has different numbers. */
  #variesA = false;
  #variesB = false;

  constructor(store: NumberStore, means: readonly [number, number]) {
    this.#store = store;
    this.#means = means;
  }

  get varies(): boolean {
    return this.#variesA && this.#variesB;
  }

  add(one: Chunk, other: Chunk): void {
    const { rows, a, b, aa, bb, ab } = this.#store.addPairs(one, other, { limit: TAME_MAX, means: this.#means });
    if (!this.varies) this.#compare(this.#store.numbersOf(one), this.#store.numbersOf(other));
    this.rows += rows;
    this.a += a;
    this.b += b;
    this.#aa += aa;
    this.#bb += bb;
    this.#ab += ab;
  }

  #compare(one: Float64Array, other: Float64Array): void {
    const [meanA, meanB] = this.#means;
    for (let at = 0; at < one.length && !this.varies; at++) {
      // Both have as many rows.
      const [a, b] = [one[at] as number, other[at] as number];
      if (!isTame(a) || !isTame(b)) continue;
      const [x, y] = [a - meanA, b - meanB];
      this.#first ??= [x, y];
      this.#variesA ||= x !== this.#first[0];
      this.#variesB ||= y !== this.#first[1];
    }
  }

  get isDoubtful(): boolean {
    return this.#varianceA <= this.#aa * DOUBTFUL_SHARE || this.#varianceB <= this.#bb * DOUBTFUL_SHARE || !this.varies;
  }

  get #varianceA(): number {
    return this.#aa - (this.a * this.a) / this.rows;
  }

  get #varianceB(): number {
    return this.#bb - (this.b * this.b) / this.rows;
  }

  get correlation(): number | undefined {
    const size = Math.sqrt(this.#varianceA) * Math.sqrt(this.#varianceB);
    const value = (this.#ab - (this.a * this.b) / this.rows) / size;
    // The squares of tiny numbers are nothing.
    return !Number.isFinite(value) ? undefined : Math.min(1, Math.max(-1, value));
  }
}

function isTame(value: number): boolean {
  return !isMissing(value) && Math.abs(value) < TAME_MAX;
}
