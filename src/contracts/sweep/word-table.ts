import type { KeyMemory } from './key-memory.ts';
import { grown, LOAD_MAX, mixed, PARTS, partOf, SLOTS_MIN, slotOf } from './slots.ts';

const WORD_BYTES = 8;

interface Part {
  slots: number;
  used: number;
  /** The low and the high half of the word of each slot; both 0 where it is free. */
  halves: Uint32Array;
}

/** A set of words of 64 bits. */
export class WordTable {
  readonly #memory: KeyMemory;
  readonly #parts: readonly Part[];
  /** Whether the word 0 was added, which stands for a free slot. */
  #hasZero = false;

  constructor(memory: KeyMemory) {
    this.#memory = memory;
    this.#parts = Array.from({ length: PARTS }, () => {
      return { slots: SLOTS_MIN, used: 0, halves: this.#newHalves(SLOTS_MIN) };
    });
  }

  /** Adds a word; whether it was there. */
  add(low: number, high: number): boolean {
    if (low === 0 && high === 0) {
      const had = this.#hasZero;
      this.#hasZero = true;
      return had;
    }
    const hash = mixed(low, high);
    // As many parts as the first bits of a hash can tell.
    const part = this.#parts[partOf(hash)] as Part;
    const { halves, slots } = part;
    let slot = slotOf(hash, slots);
    for (;;) {
      const at = slot * 2;
      if (halves[at] === low && halves[at + 1] === high) return true;
      if (halves[at] === 0 && halves[at + 1] === 0) break;
      slot = slot + 1 === slots ? 0 : slot + 1;
    }
    halves[slot * 2] = low;
    halves[slot * 2 + 1] = high;
    part.used++;
    if (part.used > slots * LOAD_MAX) this.#grow(part);
    return false;
  }

  #newHalves(slots: number): Uint32Array {
    this.#memory.take(slots * WORD_BYTES);
    return new Uint32Array(slots * 2);
  }

  #grow(part: Part): void {
    const { halves: old } = part;
    const slots = grown(part.slots);
    const halves = this.#newHalves(slots);
    for (let from = 0; from < old.length; from += 2) {
      // Within the bounds of the old part.
      const low = old[from] as number;
      const high = old[from + 1] as number;
      if (low === 0 && high === 0) continue;
      let slot = slotOf(mixed(low, high), slots);
      while (halves[slot * 2] !== 0 || halves[slot * 2 + 1] !== 0) slot = slot + 1 === slots ? 0 : slot + 1;
      halves[slot * 2] = low;
      halves[slot * 2 + 1] = high;
    }
    this.#memory.giveBack(part.slots * WORD_BYTES);
    part.halves = halves;
    part.slots = slots;
  }
}
