/*
 * What tables with open addressing share. A table is divided into parts that grow one at a time, and by half, so that
 * little more than its content is held at any time: a doubling of one table would need three times of it.
 */

export const PARTS = 64;
export const SLOTS_MIN = 64;
/** A part grows when more of its slots are taken. */
export const LOAD_MAX = 0.75;
const GROWTH = 1.5;
const PART_BITS = 6;
const TWO_32 = 2 ** 32;

export const grown = (slots: number): number => Math.ceil(slots * GROWTH);

/** The part of a hash of 32 bits, by its first bits. */
export const partOf = (hash: number): number => hash >>> (32 - PART_BITS);

/** The slot of a hash in a part of so many, by its other bits. */
export const slotOf = (hash: number, slots: number): number =>
  Math.floor((((hash << PART_BITS) >>> 0) / TWO_32) * slots);

/** Two halves of a word as a hash of 32 bits, by the finalizer of MurmurHash3. */
export function mixed(low: number, high: number): number {
  let hash = low ^ Math.imul(high, 0x9e37_79b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
