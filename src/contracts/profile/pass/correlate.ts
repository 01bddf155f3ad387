import { TAME_MAX } from '../number-summary.ts';
import { isMissing } from './kept-numbers.ts';

/** A column of numbers, in chunks of the same rows as those of the others. */
export interface CorrelatedNumbers {
  readonly chunks: readonly Float64Array[];
  /** About the mean of the numbers that are added up, from which distances are small. */
  readonly mean: number;
}

/** Below this part of the squares, what is left of them may be rounding. */
const DOUBTFUL_SHARE = 1e-9;

/** Pearson's correlation of pairs of columns, over the rows where both have a tame number; undefined where one of them varies not. */
export function correlate(
  columns: readonly CorrelatedNumbers[],
  pairs: readonly (readonly [number, number])[],
): readonly (number | undefined)[] {
  const sums = pairs.map(() => new PairSums());
  const used = [...new Set(pairs.flat())];
  const [first] = columns;
  for (const index of first?.chunks.keys() ?? []) {
    const distances = new Map(used.map((column) => [column, distancesOf(columns[column], index)]));
    for (const [at, [a, b]] of pairs.entries()) {
      const [one, other] = [distances.get(a), distances.get(b)];
      if (one !== undefined && other !== undefined) sums[at]?.add(one, other);
    }
  }
  return pairs.map(([a, b], at) => {
    const [one, other, sum] = [columns[a], columns[b], sums[at]];
    if (one === undefined || other === undefined || sum === undefined) return undefined;
    return sum.isDoubtful ? againFrom(one, other) : sum.correlation;
  });
}

/** Distances of numbers from their mean; NaN where there is none. */
function distancesOf(column: CorrelatedNumbers | undefined, index: number): Float64Array {
  const { chunks = [], mean = 0 } = column ?? {};
  return distancesFrom(chunks[index] ?? new Float64Array(0), mean);
}

function distancesFrom(chunk: Float64Array, mean: number): Float64Array {
  const distances = new Float64Array(chunk.length);
  for (let at = 0; at < chunk.length; at++) {
    // Within the chunk.
    const value = chunk[at] as number;
    distances[at] = isMissing(value) || Math.abs(value) >= TAME_MAX ? Number.NaN : value - mean;
  }
  return distances;
}

/** Once more, from the means of the rows of the pair. */
function againFrom(one: CorrelatedNumbers, other: CorrelatedNumbers): number | undefined {
  const plain = sumsFrom(one, other, [0, 0]);
  if (!plain.varies) return undefined;
  return sumsFrom(one, other, [plain.a / plain.rows, plain.b / plain.rows]).correlation;
}

function sumsFrom(
  one: CorrelatedNumbers,
  other: CorrelatedNumbers,
  [meanOfOne, meanOfOther]: readonly [number, number],
): PairSums {
  const sums = new PairSums();
  for (const [index, chunk] of one.chunks.entries())
    sums.add(distancesFrom(chunk, meanOfOne), distancesFrom(other.chunks[index] ?? new Float64Array(0), meanOfOther));
  return sums;
}

/** Sums over the rows where both have a number. */
class PairSums {
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

  get varies(): boolean {
    return this.#variesA && this.#variesB;
  }

  add(one: Float64Array, other: Float64Array): void {
    let rows = 0;
    let a = 0;
    let b = 0;
    let aa = 0;
    let bb = 0;
    let ab = 0;
    for (let at = 0; at < one.length; at++) {
      // Both have as many rows.
      const x = one[at] as number;
      const y = other[at] as number;
      const product = x * y;
      // NaN where either is.
      if (Number.isNaN(product)) continue;
      rows++;
      a += x;
      b += y;
      aa += x * x;
      bb += y * y;
      ab += product;
    }
    if (!this.varies) this.#compare(one, other);
    this.rows += rows;
    this.a += a;
    this.b += b;
    this.#aa += aa;
    this.#bb += bb;
    this.#ab += ab;
  }

  #compare(one: Float64Array, other: Float64Array): void {
    for (let at = 0; at < one.length && !this.varies; at++) {
      const [x, y] = [one[at] as number, other[at] as number];
      if (Number.isNaN(x) || Number.isNaN(y)) continue;
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
