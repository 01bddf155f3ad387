import { KeysTooLargeError } from './keys-too-large-error.ts';

/** Memory that the tables of all keys of a file may take together. Beyond it keys are compared on disk. */
export const KEY_BYTES_MAX = 320 * 2 ** 20;

/** Counts the memory of tables, so that they stay below a bound. */
export class KeyMemory {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** @throws KeysTooLargeError when it would be more than the bound. */
  take(bytes: number): void {
    if (this.#bytes + bytes > this.#bytesMax)
      throw new KeysTooLargeError(`Keys take more than ${this.#bytesMax} bytes.`);
    this.#bytes += bytes;
  }

  giveBack(bytes: number): void {
    this.#bytes -= bytes;
  }
}
