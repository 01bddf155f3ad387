/** Buffers have lengths that are multiples of this, so that they fit the next block too. */
const STEP_BYTES = 64 * 1024;
/** More are not kept. */
const KEPT_MAX = 16;

/** Buffers for blocks, which are used again: a new one of a megabyte costs more than filling it. */
export class BlockBuffers {
  readonly #free: ArrayBuffer[] = [];

  /** A buffer of so many bytes, of what was given back or new; its content is arbitrary. */
  take(length: number): Buffer {
    const at = this.#free.findIndex(({ byteLength }) => byteLength >= length);
    const [found] = at < 0 ? [] : this.#free.splice(at, 1);
    return Buffer.from(found ?? new ArrayBuffer(Math.ceil(length / STEP_BYTES) * STEP_BYTES), 0, length);
  }

  /** Gives back a buffer that was taken; nobody uses it any more. */
  give({ buffer }: Buffer): void {
    if (buffer instanceof ArrayBuffer && this.#free.length < KEPT_MAX) this.#free.push(buffer);
  }
}
