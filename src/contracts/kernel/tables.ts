const ALIGN_BYTES = 16;
const FIRST_BYTES = 8192;

/** Memory that is laid out from an address on, before there is any. */
export class Tables {
  readonly #start: number;
  #view = new DataView(new ArrayBuffer(FIRST_BYTES));
  /** Where nothing lies yet. */
  end: number;

  constructor(start: number) {
    this.#start = start;
    this.end = start;
  }

  /** Returns where so many bytes lie, all zero. */
  reserve(sizeBytes: number): number {
    const at = this.end;
    this.end += Math.ceil(sizeBytes / ALIGN_BYTES) * ALIGN_BYTES;
    return at;
  }

  /** Puts whole numbers of 32 bits at an address. */
  ints(at: number, ints: readonly number[]): void {
    const view = this.#viewTo(at + ints.length * 4);
    for (const [index, int] of ints.entries()) view.setInt32(at - this.#start + index * 4, int, true);
  }

  doubles(at: number, doubles: readonly number[]): void {
    const view = this.#viewTo(at + doubles.length * 8);
    for (const [index, double] of doubles.entries()) view.setFloat64(at - this.#start + index * 8, double, true);
  }

  longs(at: number, longs: readonly bigint[]): void {
    const view = this.#viewTo(at + longs.length * 8);
    for (const [index, long] of longs.entries()) view.setBigInt64(at - this.#start + index * 8, long, true);
  }

  bytes(at: number, bytes: Uint8Array): void {
    new Uint8Array(this.#viewTo(at + bytes.length).buffer).set(bytes, at - this.#start);
  }

  /** What was put below an address. */
  image(end: number): Uint8Array {
    return new Uint8Array(this.#viewTo(end).buffer, 0, end - this.#start);
  }

  #viewTo(end: number): DataView {
    const sizeBytes = end - this.#start;
    if (sizeBytes > this.#view.byteLength) {
      const larger = new Uint8Array(Math.max(sizeBytes, 2 * this.#view.byteLength));
      larger.set(new Uint8Array(this.#view.buffer));
      this.#view = new DataView(larger.buffer);
    }
    return this.#view;
  }
}
