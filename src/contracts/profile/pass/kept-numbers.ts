import { sampledRows } from '../../kinds/sampled.ts';
import type { KeyMemory } from '../../sweep/key-memory.ts';
import { KeysTooLargeError } from '../../sweep/keys-too-large-error.ts';
import { type AddOptions, type Chunk, isMissing, type NumberStore, type Spread } from '../../tally/number-store.ts';
import type { ColumnNumbers } from './counted-numbers.ts';

/** Where numbers are kept, and how much memory they may take. */
export interface NumberMemory {
  readonly memory: KeyMemory;
  readonly store: NumberStore;
}

/** The numbers of a column, row by row, in the chunks that they came in. */
export class KeptNumbers implements ColumnNumbers {
  readonly #memory: KeyMemory;
  readonly #store: NumberStore;
  readonly chunks: Chunk[] = [];

  constructor({ memory, store }: NumberMemory) {
    this.#memory = memory;
    this.#store = store;
  }

  /** @throws KeysTooLargeError when all columns together would take more memory than they may. */
  add(words: BigInt64Array): void {
    this.#memory.take(words.byteLength);
    const chunk = this.#store.maybeKeep(words);
    if (chunk === undefined) throw new KeysTooLargeError('Numbers take more memory than a kernel has addresses for.');
    this.chunks.push(chunk);
  }

  addUp(options: AddOptions): ReturnType<NumberStore['addUp']> {
    return this.#store.addUp(this.chunks, options);
  }

  spread(options: AddOptions & { readonly mean: number }): Spread {
    return this.#store.spread(this.chunks, options);
  }

  countUpTo(bounds: Float64Array): readonly number[] {
    return this.#store.countUpTo(this.chunks, bounds);
  }

  /** The numbers of these rows, which are in order. */
  at(rows: Uint32Array): Float64Array {
    const found = new Float64Array(rows.length);
    let count = 0;
    let next = 0;
    let first = 0;
    for (const chunk of this.chunks) {
      const numbers = this.#store.numbersOf(chunk);
      const end = first + chunk.length;
      for (; next < rows.length && (rows[next] as number) < end; next++) {
        // Within the chunk.
        const value = numbers[(rows[next] as number) - first] as number;
        if (!isMissing(value)) found[count++] = value;
      }
      first = end;
    }
    return found.subarray(0, count);
  }

  /** All numbers. */
  all(filled: number): Float64Array {
    const found = new Float64Array(filled);
    let count = 0;
    for (const chunk of this.chunks)
      for (const value of this.#store.numbersOf(chunk)) if (!isMissing(value)) found[count++] = value;
    return found;
  }
}

/** The sampled rows of a file, by stride. */
export class RowSamples {
  readonly #rows: number;
  readonly #byStride = new Map<number, Uint32Array>();

  constructor(rows: number) {
    this.#rows = rows;
  }

  of(stride: number): Uint32Array {
    const known = this.#byStride.get(stride);
    if (known !== undefined) return known;
    const sampled = sampledRows(this.#rows, stride);
    this.#byStride.set(stride, sampled);
    return sampled;
  }
}
