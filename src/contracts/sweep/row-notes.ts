import { ByteWriter } from '../scan/byte-writer.ts';

/** Writes down which rows violate what: a line for each, its number from 0 and its masks of so many bits. */
export class RowNotes {
  readonly #writer: ByteWriter;
  readonly #masks: Uint32Array;
  readonly #maskBits: number;

  constructor(path: string, { bits, maskBits }: { readonly bits: number; readonly maskBits: number }) {
    this.#writer = new ByteWriter(path);
    this.#masks = new Uint32Array(Math.ceil(bits / maskBits));
    this.#maskBits = maskBits;
  }

  note(row: number, bits: readonly number[]): void {
    const masks = this.#masks.fill(0);
    for (const bit of bits) {
      const mask = Math.floor(bit / this.#maskBits);
      masks[mask] = (masks[mask] ?? 0) | (1 << (bit % this.#maskBits));
    }
    this.#writer.appendText(`${row},${masks.join(',')}\n`);
  }

  flush(): Promise<void> {
    return this.#writer.flush();
  }

  close(): Promise<void> {
    return this.#writer.close();
  }

  abandon(): Promise<void> {
    return this.#writer.abandon();
  }
}
