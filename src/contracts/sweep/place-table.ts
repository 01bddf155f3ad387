import type { KeyMemory } from './key-memory.ts';
import { grown, LOAD_MAX, mixed, PARTS, partOf, SLOTS_MIN, slotOf } from './slots.ts';

/** Of a slot: 32 bits of a hash, and 40 of a place. */
const SLOT_BYTES = 9;
const TWO_32 = 2 ** 32;

interface Part {
  slots: number;
  used: number;
  /** 0 where the slot is free. */
  hashes: Uint32Array;
  low: Uint32Array;
  high: Uint8Array;
}

/**
 * Places by the hash of what stands there: 38 bits of it, which are enough to rule nearly all others out. What is equal
 * is for the caller to see, by looking at the place. Places are below 2^40.
 */
export class PlaceTable {
  readonly #memory: KeyMemory;
  readonly #parts: readonly Part[];
  #part: Part;
  #hash = 0;
  #slot = 0;

  constructor(memory: KeyMemory) {
    this.#memory = memory;
    this.#parts = Array.from({ length: PARTS }, () => ({ slots: SLOTS_MIN, used: 0, ...this.#newSlots(SLOTS_MIN) }));
    // There is one part at least.
    this.#part = this.#parts[0] as Part;
  }

  /** The first place that was added with this hash, given in two halves; -1 when there is none. */
  find(low: number, high: number): number {
    // As many parts as the first bits of a hash can tell.
    this.#part = this.#parts[partOf(mixed(low, high))] as Part;
    this.#hash = low === 0 ? 1 : low;
    this.#slot = slotOf(this.#hash, this.#part.slots);
    return this.#seek();
  }

  /** The next place with the hash that was looked for. */
  next(): number {
    this.#step();
    return this.#seek();
  }

  /** Adds a place under the hash that was looked for last, until there was no place more. */
  add(place: number): void {
    const part = this.#part;
    put(part, this.#slot, { hash: this.#hash, low: place >>> 0, high: Math.floor(place / TWO_32) });
    part.used++;
    if (part.used > part.slots * LOAD_MAX) this.#grow(part);
  }

  #seek(): number {
    const { hashes, low, high } = this.#part;
    for (;;) {
      const found = hashes[this.#slot];
      if (found === 0) return -1;
      // Within the bounds of the part.
      if (found === this.#hash) return (high[this.#slot] as number) * TWO_32 + (low[this.#slot] as number);
      this.#step();
    }
  }

  #step(): void {
    this.#slot = this.#slot + 1 === this.#part.slots ? 0 : this.#slot + 1;
  }

  #newSlots(slots: number): Pick<Part, 'hashes' | 'low' | 'high'> {
    this.#memory.take(slots * SLOT_BYTES);
    return { hashes: new Uint32Array(slots), low: new Uint32Array(slots), high: new Uint8Array(slots) };
  }

  #grow(part: Part): void {
    const old = { ...part };
    const slots = grown(old.slots);
    Object.assign(part, { slots, ...this.#newSlots(slots) });
    for (let from = 0; from < old.slots; from++) {
      // Within the bounds of the old part, for all three.
      const hash = old.hashes[from] as number;
      if (hash === 0) continue;
      let slot = slotOf(hash, slots);
      while (part.hashes[slot] !== 0) slot = slot + 1 === slots ? 0 : slot + 1;
      put(part, slot, { hash, low: old.low[from] as number, high: old.high[from] as number });
    }
    this.#memory.giveBack(old.slots * SLOT_BYTES);
  }
}

function put(
  part: Part,
  slot: number,
  { hash, low, high }: { readonly hash: number; readonly low: number; readonly high: number },
): void {
  part.hashes[slot] = hash;
  part.low[slot] = low;
  part.high[slot] = high;
}
