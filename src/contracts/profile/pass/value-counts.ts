import { SAMPLE_PARTS } from '../../kinds/sampled.ts';
import type { KeyMemory } from '../../sweep/key-memory.ts';
import { hasKey } from '../../sweep/keys.ts';
import { WordTable } from '../../sweep/word-table.ts';
import { openWords } from '../../tally/open-words.ts';
import type { DifferentWords, SampleWay, WordTally } from '../../tally/word-tally.ts';
import { DISTINCT_EXACT_MAX } from '../limits.ts';

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
  readonly #way: SampleWay;
  readonly #tally = openWords();
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

  constructor(memory: KeyMemory, way: SampleWay) {
    this.#memory = memory;
    this.#way = way;
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

  /**
   * Adds the words of a block, by what is known of them; all of them are there where too many differ. Returns the records that
   * have a new one first, while they are few.
   */
  add(words: BigInt64Array, tally: WordTally | undefined): readonly number[] {
    const different = tally?.different;
    const filledBefore = this.filled;
    if (this.isFew) {
      const news: number[] = [];
      if (different === undefined ? this.#addWords(words, news) : this.#addDifferent(different, news)) return news;
      this.#sampleInstead();
    }
    const { filled, sampled } = tally ?? this.tallyOf(words);
    this.filled = filledBefore + filled;
    this.#addSampled(sampled ?? this.#sampledOf(different?.words ?? NO_WORDS));
    return [];
  }

  /** What is known of words where they were not counted before. */
  tallyOf(words: BigInt64Array): WordTally {
    return this.#tally(words, { way: this.#way, isMany: !this.isFew });
  }

  /** False when there are too many. */
  #addDifferent({ words, counts, firsts }: DifferentWords, news: number[]): boolean {
    const halves = halvesOf(words);
    for (let at = 0; at < counts.length; at++) {
      // Both halves and the others are within their lists.
      const number = this.#numberOf(halves[at * 2] as number, halves[at * 2 + 1] as number);
      if (number < 0) return false;
      if (this.#counts[number] === 0) news.push(firsts[at] as number);
      this.#counts[number] = (this.#counts[number] as number) + (counts[at] as number);
      this.filled += counts[at] as number;
    }
    return true;
  }

  /** The same of all words. */
  #addWords(words: BigInt64Array, news: number[]): boolean {
    const halves = halvesOf(words);
    let lastLow = 0;
    let lastHigh = 0;
    let last = -1;
    for (let at = 0; at < halves.length; at += 2) {
      // Both are within the list.
      const low = halves[at] as number;
      const high = halves[at + 1] as number;
      if (!hasKey(low, high)) continue;
      if (last < 0 || low !== lastLow || high !== lastHigh) {
        last = this.#numberOf(low, high);
        if (last < 0) return false;
        lastLow = low;
        lastHigh = high;
        if (this.#counts[last] === 0) news.push(at / 2);
      }
      this.#counts[last] = (this.#counts[last] as number) + 1;
      this.filled++;
    }
    return true;
  }

  /** The number of a word, which is added where it is new; -1 when there are too many. */
  #numberOf(low: number, high: number): number {
    const number = this.#find(low, high);
    if (number < this.#count) return number;
    if (this.#count === DISTINCT_EXACT_MAX) return -1;
    this.#append(low, high);
    return number;
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
    const words = this.words.slice();
    this.#addSampled(this.#sampledOf(new BigInt64Array(words.buffer)));
    this.#slots = new Uint32Array(0);
    this.#words = new Uint32Array(0);
    this.#counts = new Uint32Array(0);
    this.#count = 0;
  }

  #sampledOf(words: BigInt64Array): BigInt64Array {
    return this.#tally(words, { way: this.#way, isMany: true }).sampled ?? NO_WORDS;
  }

  #addSampled(words: BigInt64Array): void {
    const halves = halvesOf(words);
    for (let at = 0; at < halves.length; at += 2)
      // Both are within the list.
      if (this.#sample?.add(halves[at] as number, halves[at + 1] as number) === false) this.#sampled++;
  }
}

const NO_WORDS = new BigInt64Array(0);

/** The lower and the upper half of each word. */
export function halvesOf(words: BigInt64Array): Uint32Array {
  return new Uint32Array(words.buffer, words.byteOffset, words.length * 2);
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
