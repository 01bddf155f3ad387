/*
 * Samples that depend on nothing but a value, or on the number of its row: those whose hash in DuckDB is a multiple of some
 * number. Both are computed here for what never reaches DuckDB, so that a profile is the same whoever counts;
 * test/contracts/sampled.test.ts compares them. The hash mixes 64 bits twice (DuckDB's MurmurHash64); texts are folded eight
 * bytes at a time before.
 */

/** One value in so many is of the sample by which different values are estimated. */
export const SAMPLE_PARTS = 16;

const FACTOR = 0xd6e8feb86659fd93n;
const FACTOR_LOW = 0x6659fd93;
const FACTOR_LOWEST = FACTOR_LOW & 0xffff;
const FACTOR_LOWER = FACTOR_LOW >>> 16;
const FACTOR_HIGH = 0xd6e8feb8;
const SEED = 0xe17a1465n;
const LENGTH_FACTOR = 0xc6a4a7935bd1e995n;
const WORD_BYTES = 8;

// The last hash, its lower half first: both as results of a function would be an object for each value.
const hashed = new Int32Array(2);

/** Whether a value is of the sample, by the halves of its 64 bits in DuckDB. */
export function isSampledWord(wordLow: number, wordHigh: number): boolean {
  hash(wordLow, wordHigh);
  return ((hashed[0] as number) & (SAMPLE_PARTS - 1)) === 0;
}

/** Whether a text is. */
export function isSampledText(text: Uint8Array): boolean {
  let folded = SEED ^ BigInt.asUintN(64, BigInt(text.length) * LENGTH_FACTOR);
  for (let at = 0; at < text.length; at += WORD_BYTES) {
    let word = 0n;
    for (let index = Math.min(at + WORD_BYTES, text.length) - 1; index >= at; index--)
      word = (word << 8n) | BigInt(text[index] ?? 0);
    folded = BigInt.asUintN(64, (folded ^ word) * FACTOR);
  }
  return isSampledWord(Number(folded & 0xffff_ffffn), Number(folded >> 32n));
}

/** The numbers of rows, of so many, that are one in about `stride`, which is below 32,768. */
export function sampledRows(rows: number, stride: number): Uint32Array {
  const sampled = new Uint32Array(rows);
  let count = 0;
  for (let row = 0; row < rows; row++) {
    hash(row, 0);
    const low = hashed[0] as number;
    const high = hashed[1] as number;
    // The remainder of 64 bits, sixteen at a time: a remainder of whole numbers takes a quarter of that of doubles.
    let rest = (high >>> 16) % stride;
    rest = ((rest << 16) | (high & 0xffff)) % stride;
    rest = ((rest << 16) | (low >>> 16)) % stride;
    if (((rest << 16) | (low & 0xffff)) % stride === 0) sampled[count++] = row;
  }
  return sampled.slice(0, count);
}

function hash(low: number, high: number): void {
  multiply(low ^ high, high);
  multiply((hashed[0] as number) ^ (hashed[1] as number), hashed[1] as number);
  hashed[0] = (hashed[0] as number) ^ (hashed[1] as number);
}

/** Multiplies 64 bits by the factor. */
function multiply(low: number, high: number): void {
  const a = low & 0xffff;
  const b = low >>> 16;
  // The upper half of the product of both lower halves, from parts that fit 32 bits without a sign.
  const middle = (Math.imul(b, FACTOR_LOWEST) + (Math.imul(a, FACTOR_LOWEST) >>> 16)) | 0;
  const other = (Math.imul(a, FACTOR_LOWER) + (middle & 0xffff)) | 0;
  const upper = (Math.imul(b, FACTOR_LOWER) + (middle >>> 16) + (other >>> 16)) | 0;
  hashed[1] = upper + Math.imul(low, FACTOR_HIGH) + Math.imul(high, FACTOR_LOW);
  hashed[0] = Math.imul(low, FACTOR_LOW);
}
