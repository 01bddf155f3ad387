import { sampledRows } from '../../kinds/sampled.ts';
import type { KeyMemory } from '../../sweep/key-memory.ts';
import { hasKey } from '../../sweep/keys.ts';

/** The numbers of a column, row by row, in the chunks that they came in; a row without one has the zero with a sign. */
export class KeptNumbers {
  readonly #memory: KeyMemory;
  readonly chunks: Float64Array[] = [];

  constructor(memory: KeyMemory) {
    this.#memory = memory;
  }

  /** @throws KeysTooLargeError when all columns together would take more memory than they may. */
  add(words: BigInt64Array): void {
    this.#memory.take(words.byteLength);
    // A copy: the memory of a block is used for the next.
    this.chunks.push(new Float64Array(words.slice().buffer));
  }

  /** The numbers of these rows, which are in order. */
  at(rows: Uint32Array): Float64Array {
    const found = new Float64Array(rows.length);
    let count = 0;
    let next = 0;
    let first = 0;
    for (const chunk of this.chunks) {
      const halves = new Uint32Array(chunk.buffer, chunk.byteOffset, chunk.length * 2);
      const end = first + chunk.length;
      for (; next < rows.length && (rows[next] as number) < end; next++) {
        const at = (rows[next] as number) - first;
        // Within the chunk.
        if (hasKey(halves[at * 2] as number, halves[at * 2 + 1] as number)) found[count++] = chunk[at] as number;
      }
      first = end;
    }
    return found.subarray(0, count);
  }

  /** All numbers. */
  all(filled: number): Float64Array {
    const found = new Float64Array(filled);
    let count = 0;
    for (const chunk of this.chunks) for (const value of chunk) if (!isMissing(value)) found[count++] = value;
    return found;
  }
}

/** Whether a row has no number. */
export function isMissing(value: number): boolean {
  return Object.is(value, -0);
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
