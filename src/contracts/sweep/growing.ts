/** A list of numbers that grows. `taken` gives what is in it and empties it; its memory stays for what comes next. */
export class NumberList {
  #numbers: Uint32Array;
  length = 0;

  constructor(capacity: number) {
    this.#numbers = new Uint32Array(capacity);
  }

  push(value: number): void {
    this.#reserve(1);
    this.#numbers[this.length++] = value;
  }

  /** Appends the first `count` of these numbers, each larger by `shift`. */
  append(values: Uint32Array, { count = values.length, shift = 0 } = {}): void {
    this.#reserve(count);
    this.#numbers.set(count === values.length ? values : values.subarray(0, count), this.length);
    const end = this.length + count;
    if (shift !== 0)
      for (let at = this.length; at < end; at++) this.#numbers[at] = (this.#numbers[at] as number) + shift;
    this.length = end;
  }

  taken(): Uint32Array {
    const taken = this.#numbers.slice(0, this.length);
    this.length = 0;
    return taken;
  }

  #reserve(count: number): void {
    if (this.length + count <= this.#numbers.length) return;
    const larger = new Uint32Array(Math.max(this.length + count, this.#numbers.length * 2));
    larger.set(this.#numbers);
    this.#numbers = larger;
  }
}

/** The same for keys. */
export class KeyList {
  #keys = new BigInt64Array(0);
  length = 0;

  append(keys: BigInt64Array): void {
    if (this.length + keys.length > this.#keys.length) {
      const larger = new BigInt64Array(Math.max(this.length + keys.length, this.#keys.length * 2));
      larger.set(this.#keys);
      this.#keys = larger;
    }
    this.#keys.set(keys, this.length);
    this.length += keys.length;
  }

  taken(): BigInt64Array {
    const taken = this.#keys.slice(0, this.length);
    this.length = 0;
    return taken;
  }

  /** The keys as they are until more are appended. */
  get words(): BigInt64Array {
    return this.#keys.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }
}

/** The same for bytes. */
export class ByteList {
  #bytes: Uint8Array;
  length = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }

  append(bytes: Uint8Array): void {
    if (this.length + bytes.length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.length + bytes.length, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  taken(): Uint8Array {
    const taken = this.#bytes.slice(0, this.length);
    this.length = 0;
    return taken;
  }

  /** The bytes as they are until more are appended. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }
}
