// AssemblyScript: the values that a column's tests name, in tables of open hashing, and the hashes of keys.

const FACTOR: u64 = 0x9e3779b97f4a7c15;
const LAST_FACTOR: u64 = 0xd6e8feb86659fd93;
const SLOT_BYTES = 32;
const NO_KEY: i64 = i64.MIN_VALUE;

/** Spreads 64 bits over all of them. */
@inline export function mix(value: u64): u64 {
  const first = value * FACTOR;
  const second = (first ^ (first >> 32)) * LAST_FACTOR;
  return second ^ (second >> 32);
}

/** Up to eight bytes of a text, the rest zero. Eight bytes behind its start must be readable. */
@inline function wordAt(start: i32, length: i32): u64 {
  const word = load<u64>(start);
  return length >= 8 ? word : word & (((<u64>1) << (<u64>length << 3)) - 1);
}

/** The upper half of a product depends on all bits; enough for a table whose content the plan alone decides. */
@inline function spread(value: u64): u64 {
  return (value * FACTOR) >> 32;
}

/** The hash of a text, not empty, in a table of texts. */
@inline function hashOfText(start: i32, length: i32): u64 {
  const last = length > 8 ? load<u64>(start + length - 8) * LAST_FACTOR : 0;
  return spread(wordAt(start, length) ^ last ^ <u64>length);
}

/**
 * The number of a text among those of a table, or -1. A slot has: first word u64, length i32 (zero where it is free), number
 * i32, place of the text i32.
 */
export function indexOfText(table: i32, mask: i32, start: i32, length: i32): i32 {
  const word = wordAt(start, length);
  let slot = <i32>hashOfText(start, length) & mask;
  for (;;) {
    const at = table + slot * SLOT_BYTES;
    const found = load<i32>(at, 8);
    if (found == 0) return -1;
    if (found == length && load<u64>(at) == word && (length <= 8 || isSame(load<i32>(at, 16), start, length)))
      return load<i32>(at, 12);
    slot = (slot + 1) & mask;
  }
  return -1;
}

function isSame(a: i32, b: i32, length: i32): bool {
  for (let at = 8; at < length; at++) if (load<u8>(a + at) != load<u8>(b + at)) return false;
  return true;
}

/** The number of 64 bits among those of a table, or -1. A slot has: value i64, whether it is taken i32, number i32. */
export function indexOfBits(table: i32, mask: i32, value: i64): i32 {
  let slot = <i32>spread(value) & mask;
  for (;;) {
    const at = table + slot * SLOT_BYTES;
    if (load<i32>(at, 8) == 0) return -1;
    if (load<i64>(at) == value) return load<i32>(at, 12);
    slot = (slot + 1) & mask;
  }
  return -1;
}

/** Puts a text or 64 bits into a table; of equal ones the first stays. */
export function addText(table: i32, mask: i32, start: i32, length: i32, index: i32): void {
  if (indexOfText(table, mask, start, length) >= 0) return;
  let slot = <i32>hashOfText(start, length) & mask;
  while (load<i32>(table + slot * SLOT_BYTES, 8) != 0) slot = (slot + 1) & mask;
  const at = table + slot * SLOT_BYTES;
  store<u64>(at, wordAt(start, length));
  store<i32>(at, length, 8);
  store<i32>(at, index, 12);
  store<i32>(at, start, 16);
}
export function addBits(table: i32, mask: i32, value: i64, index: i32): void {
  if (indexOfBits(table, mask, value) >= 0) return;
  let slot = <i32>spread(value) & mask;
  while (load<i32>(table + slot * SLOT_BYTES, 8) != 0) slot = (slot + 1) & mask;
  const at = table + slot * SLOT_BYTES;
  store<i64>(at, value);
  store<i32>(at, 1, 8);
  store<i32>(at, index, 12);
}

/** Goes on with the hash of a key: a text. */
@inline export function hashText(hash: u64, start: i32, length: i32): u64 {
  hash = mix(hash ^ <u64>length);
  const end = start + length;
  for (let at = start; at < end; at += 8) hash = mix(hash ^ wordAt(at, end - at));
  return hash;
}

/** A hash that no key lacks. */
@inline export function toKey(hash: u64): i64 {
  return <i64>hash == NO_KEY ? NO_KEY ^ 1 : <i64>hash;
}

const SAMPLE_SEED: u64 = 0xe17a1465;
const SAMPLE_FACTOR: u64 = 0xc6a4a7935bd1e995;
const SAMPLE_MASK: u64 = 15;

/** Whether a text is of the sample that sampled.ts describes: DuckDB's hash of it is a multiple of 16. */
export function isSampledText(start: i32, length: i32): bool {
  let hash = SAMPLE_SEED ^ (<u64>length * SAMPLE_FACTOR);
  const end = start + length;
  for (let at = start; at < end; at += 8) hash = (hash ^ wordAt(at, end - at)) * LAST_FACTOR;
  hash = (hash ^ (hash >> 32)) * LAST_FACTOR;
  hash = (hash ^ (hash >> 32)) * LAST_FACTOR;
  return ((hash ^ (hash >> 32)) & SAMPLE_MASK) == 0;
}

/** The hash of one text whose lowest bit is a mark. */
@inline export function toMarkedKey(hash: u64, isMarked: bool): i64 {
  const key = <i64>((hash & ~(<u64>1)) | <u64>isMarked);
  return key == NO_KEY ? NO_KEY ^ 2 : key;
}
