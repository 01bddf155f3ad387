import { isSampledWord, SAMPLE_PARTS } from '../../kinds/sampled.ts';
import type { KeyMemory } from '../../sweep/key-memory.ts';
import { hasKey } from '../../sweep/keys.ts';
import { WordTable } from '../../sweep/word-table.ts';
import { DISTINCT_EXACT_MAX } from '../limits.ts';

/**
 * Calls with the halves of each word that is of the sample by which different values are estimated. Each kind has a loop of
 * its own: a loop that calls the test of any kind takes three times as long.
 */
export type EachSampled = (halves: Uint32Array, from: number, onSampled: (low: number, high: number) => void) => void;

const SLOTS_MIN = 16;
/** Of a table, when it grows. */
const LOAD_MAX = 0.5;
const FACTORS = [0x9e3779b1, 0x85ebca6b] as const;

/**
 * Counts the different words of a column: each of them while they are few, then only how many there are, estimated by
 * those that are sampled.
 */
export class ValueCounts {
  readonly #memory: KeyMemory;
  readonly #eachSampled: EachSampled;
  /** By hash, one more than the number of a word; 0 where it is free. */
  #slots = new Uint32Array(SLOTS_MIN);
  /** By number, in the order of their first row. */
  #words = new Uint32Array(SLOTS_MIN);
  #counts = new Uint32Array(SLOTS_MIN / 2);
  #count = 0;
  #sample: WordTable | undefined;
  #sampled = 0;
  /** Words that are not null. */
  filled = 0;

  constructor(memory: KeyMemory, eachSampled: EachSampled) {
    this.#memory = memory;
    this.#eachSampled = eachSampled;
  }

  /** Whether each is counted. */
  get isFew(): boolean {
    return this.#sample === undefined;
  }

  /** How many there are; an estimate unless they are few. */
  get distinct(): number {
    return this.isFew ? this.#count : SAMPLE_PARTS * this.#sampled;
  }

  /** The halves of each word, in the order of their first row. */
  get words(): Uint32Array {
    return this.#words.subarray(0, 2 * this.#count);
  }

  /** How often each occurs. */
  get counts(): Uint32Array {
    return this.#counts.subarray(0, this.#count);
  }

  /** Adds words, by the halves of each. Returns the indexes of those that are new, while they are few. */
  add(halves: Uint32Array): readonly number[] {
    const news: number[] = [];
    let at = 0;
    if (this.isFew) at = this.#addFew(halves, news);
    if (!this.isFew) this.#addMany(halves, at);
    return this.isFew ? news : [];
  }

  /** Returns where it stopped because there are too many. */
  #addFew(halves: Uint32Array, news: number[]): number {
    let lastLow = 0;
    let lastHigh = 0;
    let last = -1;
    for (let at = 0; at < halves.length; at += 2) {
      // Both are within the list.
      const low = halves[at] as number;
      const high = halves[at + 1] as number;
      if (!hasKey(low, high)) continue;
      if (last < 0 || low !== lastLow || high !== lastHigh) {
        last = this.#find(low, high);
        lastLow = low;
        lastHigh = high;
        if (last === this.#count) {
          if (this.#count === DISTINCT_EXACT_MAX) {
            this.#sampleInstead();
            return at;
          }
          this.#append(low, high);
          news.push(at / 2);
        }
      }
      this.#counts[last] = (this.#counts[last] as number) + 1;
      this.filled++;
    }
    return halves.length;
  }

  /** The number of a word; that of the next new one when it is new. */
  #find(low: number, high: number): number {
    const mask = this.#slots.length - 1;
    let slot = slotOf(low, high, mask);
    for (;;) {
      const number = (this.#slots[slot] as number) - 1;
      if (number < 0) return this.#count;
      if (this.#words[number * 2] === low && this.#words[number * 2 + 1] === high) return number;
      slot = (slot + 1) & mask;
    }
  }

  #append(low: number, high: number): void {
    if (this.#count + 1 > this.#slots.length * LOAD_MAX) this.#grow();
    this.#words[this.#count * 2] = low;
    this.#words[this.#count * 2 + 1] = high;
    this.#put(this.#count++);
  }

  #put(number: number): void {
    const mask = this.#slots.length - 1;
    let slot = slotOf(this.#words[number * 2] as number, this.#words[number * 2 + 1] as number, mask);
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = number + 1;
  }

  #grow(): void {
    const slots = this.#slots.length * 2;
    this.#slots = new Uint32Array(slots);
    this.#words = grown(this.#words, slots);
    this.#counts = grown(this.#counts, slots / 2);
    for (let number = 0; number < this.#count; number++) this.#put(number);
  }

  #sampleInstead(): void {
    this.#sample = new WordTable(this.#memory);
    this.#sampleFrom(this.words, 0);
    this.#slots = new Uint32Array(0);
    this.#words = new Uint32Array(0);
    this.#counts = new Uint32Array(0);
    this.#count = 0;
  }

  #addMany(halves: Uint32Array, from: number): void {
    let filled = 0;
    for (let at = from; at < halves.length; at += 2) {
      if (hasKey(halves[at] as number, halves[at + 1] as number)) filled++;
    }
    this.filled += filled;
    this.#sampleFrom(halves, from);
  }

  #sampleFrom(halves: Uint32Array, from: number): void {
    this.#eachSampled(halves, from, (low, high) => {
      if (hasKey(low, high) && this.#sample?.add(low, high) === false) this.#sampled++;
    });
  }
}

function slotOf(low: number, high: number, mask: number): number {
  const mixed = Math.imul(low, FACTORS[0]) ^ Math.imul(high, FACTORS[1]);
  return (mixed ^ (mixed >>> 15)) & mask;
}

function grown(numbers: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(length);
  larger.set(numbers);
  return larger;
}

/** Of the words of texts, the kernel marks those that are sampled. */
export const eachMarked: EachSampled = (halves, from, onSampled) => {
  for (let at = from; at < halves.length; at += 2) {
    // Both halves are within the list, here and below.
    const low = halves[at] as number;
    if ((low & 1) === 1) onSampled(low, halves[at + 1] as number);
  }
};

/** Of words that are values of DuckDB as they are: doubles and microseconds. */
export const eachSampledValue: EachSampled = (halves, from, onSampled) => {
  for (let at = from; at < halves.length; at += 2) {
    const low = halves[at] as number;
    const high = halves[at + 1] as number;
    if (isSampledWord(low, high)) onSampled(low, high);
  }
};

const HALF = 2 ** 32;
const number = new Float64Array(1);
const halvesOfNumber = new Uint32Array(number.buffer);

/** Of doubles that are whole numbers, which DuckDB has as such. */
export const eachSampledInteger: EachSampled = (halves, from, onSampled) => {
  for (let at = from; at < halves.length; at += 2) {
    const low = halves[at] as number;
    const high = halves[at + 1] as number;
    halvesOfNumber[0] = low;
    halvesOfNumber[1] = high;
    const value = number[0] as number;
    if (isSampledWord(value >>> 0, Math.floor(value / HALF))) onSampled(low, high);
  }
};

/** Of days, which have 32 bits in DuckDB. */
export const eachSampledDay: EachSampled = (halves, from, onSampled) => {
  for (let at = from; at < halves.length; at += 2) {
    const low = halves[at] as number;
    if (isSampledWord(low, 0)) onSampled(low, halves[at + 1] as number);
  }
};
