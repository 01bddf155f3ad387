import type { KeyMemory } from './key-memory.ts';

/** Whole numbers of one page share a bit map of this many bytes. */
const PAGE_NUMBERS = 1 << 16;
const PAGE_BYTES = PAGE_NUMBERS / 8;

/** A set of whole numbers that lie close together, such as ids that count up: about an eighth of a byte for each. */
export class DenseNumbers {
  readonly #memory: KeyMemory;
  readonly #pages = new Map<number, Uint8Array>();
  /** The page of the last number, on which the next usually is too. */
  #page: Uint8Array = new Uint8Array(0);
  #index = Number.NaN;
  #count = 0;

  constructor(memory: KeyMemory) {
    this.#memory = memory;
  }

  /** Whether pages take more than a table of words would; few numbers may. */
  get isSparse(): boolean {
    return this.#pages.size * PAGE_BYTES > Math.max(1 << 18, this.#count * 12);
  }

  /** Adds a number; whether it was there. */
  add(value: number): boolean {
    const index = Math.floor(value / PAGE_NUMBERS);
    if (index !== this.#index) this.#turnTo(index);
    const place = value - index * PAGE_NUMBERS;
    const bit = 1 << (place & 7);
    // A page has a byte for each eight of its numbers.
    const byte = this.#page[place >> 3] as number;
    if ((byte & bit) !== 0) return true;
    this.#page[place >> 3] = byte | bit;
    this.#count++;
    return false;
  }

  /** Visits each number, and forgets all. */
  empty(visit: (value: number) => void): void {
    for (const [index, page] of this.#pages) {
      for (const [at, byte] of page.entries()) {
        for (let bits = byte; bits !== 0; bits &= bits - 1) {
          // The sum of the small ones first: the whole may be the largest number that is exact.
          visit(index * PAGE_NUMBERS + (at * 8 + 31 - Math.clz32(bits & -bits)));
        }
      }
    }
    this.#memory.giveBack(this.#pages.size * PAGE_BYTES);
    this.#pages.clear();
    this.#count = 0;
  }

  #turnTo(index: number): void {
    let page = this.#pages.get(index);
    if (page === undefined) {
      this.#memory.take(PAGE_BYTES);
      page = new Uint8Array(PAGE_BYTES);
      this.#pages.set(index, page);
    }
    this.#page = page;
    this.#index = index;
  }
}
