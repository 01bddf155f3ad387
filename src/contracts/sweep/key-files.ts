import path from 'node:path';
import type { KernelPlan } from '../kernel/plan.ts';
import { ByteWriter } from '../scan/byte-writer.ts';
import { isExact } from './keys.ts';

const WORD_BYTES = 8;

/** The file of the words of a key, by its place in the plan: one for each row, `NO_KEY` where it has none or an earlier row has it. */
export const wordsFile = (folder: string, index: number): string => path.join(folder, `key-${index}`);
/** The file of where each row stands, as a double; of no meaning for rows whose keys are all repeated. */
export const placesFile = (folder: string): string => path.join(folder, 'places');

/** Writes down the keys of the rows of a file, which are compared with those of others when all are known. */
export class KeyFiles {
  readonly #words: readonly ByteWriter[];
  readonly #places: ByteWriter | undefined;
  #ofBlock = new Float64Array(0);

  constructor(folder: string, { keys }: Pick<KernelPlan, 'keys'>) {
    this.#words = keys.map((_, index) => new ByteWriter(wordsFile(folder, index)));
    if (keys.some((key) => !isExact(key))) this.#places = new ByteWriter(placesFile(folder));
  }

  /** Notes where a row of the block stands, before the block is added. */
  notePlace(row: number, place: number): void {
    if (row >= this.#ofBlock.length) {
      const larger = new Float64Array(Math.max(row + 1, this.#ofBlock.length * 2));
      larger.set(this.#ofBlock);
      this.#ofBlock = larger;
    }
    this.#ofBlock[row] = place;
  }

  /** Adds the words of a block, by key. */
  add(keys: readonly BigInt64Array[], records: number): void {
    for (const [index, writer] of this.#words.entries()) {
      const words = keys[index];
      if (words !== undefined) writer.append(bytesOf(words, records));
    }
    if (this.#places === undefined) return;
    if (this.#ofBlock.length < records) this.notePlace(records - 1, 0);
    this.#places.append(bytesOf(this.#ofBlock, records));
  }

  async flush(): Promise<void> {
    for (const writer of this.#writers()) await writer.flush();
  }

  async close(): Promise<void> {
    for (const writer of this.#writers()) await writer.close();
  }

  async abandon(): Promise<void> {
    for (const writer of this.#writers()) await writer.abandon();
  }

  #writers(): readonly ByteWriter[] {
    return this.#places === undefined ? this.#words : [...this.#words, this.#places];
  }
}

function bytesOf({ buffer, byteOffset }: BigInt64Array | Float64Array, records: number): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, records * WORD_BYTES);
}
