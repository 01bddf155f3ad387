import type { CanonicalRecords, NarrowText, RecordKernel } from '../scan/record-kernel.ts';

const LF = 10;
const QUOTE = 34;

/**
 * Copies the cells of some columns, as they stand, row by row: by a kernel, or in plain TypeScript where Node has no compiler for
 * it.
 */
export class NarrowRows {
  /** By place in the file, up to the last that is copied: whether it is. */
  readonly #isKept: readonly boolean[];
  readonly #delimiter: number;
  readonly #isLone: boolean;
  readonly #kernel: RecordKernel | undefined;
  readonly #kept: Uint8Array;
  #bytes: Uint8Array;
  #used = 0;
  #longest = 0;

  /** Positions are in ascending order. */
  constructor(
    positions: readonly number[],
    { delimiter, kernel }: { readonly delimiter: number; readonly kernel: RecordKernel | undefined },
  ) {
    const last = positions.at(-1) ?? 0;
    this.#isKept = Array.from({ length: last + 1 }, (_, at) => positions.includes(at));
    this.#delimiter = delimiter;
    this.#isLone = positions.length === 1;
    this.#kernel = kernel;
    this.#kept = Uint8Array.from(this.#isKept, Number);
    this.#bytes = new Uint8Array(1 << 16);
  }

  /** Adds the cells of canonical records. */
  add(rows: CanonicalRecords): void {
    const { text, starts, records } = rows;
    if (this.#kernel !== undefined) {
      const narrow = this.#kernel.narrow(rows, { kept: this.#kept, delimiter: this.#delimiter });
      this.#reserve(narrow.text.length);
      this.#bytes.set(narrow.text, this.#used);
      this.#used += narrow.text.length;
      this.#longest = Math.max(this.#longest, narrow.longest);
      return;
    }
    const begin = starts[0] ?? 0;
    // Each record may get two quotes.
    this.#reserve((starts[records] ?? begin) - begin + 2 * records);
    // One start more than there are rows; behind each row is its line feed.
    for (let row = 0; row < records; row++) this.#addRow(text, starts[row] as number, (starts[row + 1] as number) - 1);
  }

  /** As the kernel does it. */
  #addRow(text: Uint8Array, start: number, end: number): void {
    const bytes = this.#bytes;
    const isKept = this.#isKept;
    const delimiter = this.#delimiter;
    const from = this.#used;
    let used = from;
    let cell = 0;
    let keeps = isKept[0];
    let isQuoted = false;
    for (let at = start; at < end; at++) {
      const byte = text[at] as number;
      if (byte === QUOTE) isQuoted = !isQuoted;
      else if (byte === delimiter && !isQuoted) {
        if (keeps) bytes[used++] = delimiter;
        if (++cell === isKept.length) break;
        keeps = isKept[cell];
        continue;
      }
      if (keeps) bytes[used++] = byte;
    }
    // Behind the last cell of the file there is no delimiter.
    if (cell === isKept.length) used--;
    if (used === from && this.#isLone) {
      // A lone empty cell would be a blank line.
      bytes[used++] = QUOTE;
      bytes[used++] = QUOTE;
    }
    bytes[used++] = LF;
    this.#used = used;
    if (used - from > this.#longest) this.#longest = used - from;
  }

  /** Gives away what was added. */
  taken(): NarrowText {
    const taken = { text: this.#bytes.slice(0, this.#used), longest: this.#longest };
    this.#used = this.#longest = 0;
    return taken;
  }

  #reserve(sizeBytes: number): void {
    if (this.#used + sizeBytes <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#used + sizeBytes, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = larger;
  }
}
