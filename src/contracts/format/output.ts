/** Bytes that grow: written by hot loops, read as `bytes` up to `used`. */
export class Output<Bytes extends Uint8Array = Uint8Array> {
  readonly #allocate: (size: number) => Bytes;
  bytes: Bytes;
  used = 0;

  constructor(allocate: (size: number) => Bytes, sizeBytes = 1 << 16) {
    this.#allocate = allocate;
    this.bytes = allocate(sizeBytes);
  }

  /** Makes room for so many more bytes; the loops that follow write without looking. */
  reserve(more: number): void {
    const needed = this.used + more;
    if (needed <= this.bytes.length) return;
    const larger = this.#allocate(Math.max(needed, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, this.used));
    this.bytes = larger;
  }

  put(byte: number): void {
    this.bytes[this.used++] = byte;
  }

  /** A number of so many digits, with zeros before it. */
  putDigits(value: number, digits: number): void {
    let rest = value;
    for (let at = this.used + digits - 1; at >= this.used; at--) {
      this.bytes[at] = 48 + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    this.used += digits;
  }

  copy(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; at++) this.bytes[this.used++] = bytes[at] ?? 0;
  }
}

/** Whether `bytes` hold the sequence at this place. */
export function isAt(bytes: Uint8Array, at: number, sequence: Uint8Array): boolean {
  for (let index = 0; index < sequence.length; index++) if (bytes[at + index] !== sequence[index]) return false;
  return true;
}
