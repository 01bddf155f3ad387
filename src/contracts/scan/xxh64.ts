/*
 * XXH64 of Yann Collet with the seed 0, which Zstandard puts behind its frames: four lanes of 64 bits, each of which takes 8
 * of 32 bytes. In halves of 32 bits, as numbers of JavaScript are exact in no more than 53, and BigInt takes fifty times as
 * long. https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
 */

/** A number of 64 bits as two of 32, the lower one first. */
type Word = readonly [low: number, high: number];

const PRIMES = [
  [0x85ebca87, 0x9e3779b1],
  [0x27d4eb4f, 0xc2b2ae3d],
  [0x9e3779f9, 0x165667b1],
  [0xc2b2ae63, 0x85ebca77],
  [0x165667c5, 0x27d4eb2f],
] as const satisfies readonly Word[];
const [P1, P2, P3, P4, P5] = PRIMES;

const STRIPE_BYTES = 32;
const LANES = 4;

/** The hash of bytes that come one after the other. */
export class Xxh64 {
  /** Lower and upper half of each lane. */
  readonly #lanes = Int32Array.of(...add(P1, P2), ...P2, 0, 0, ...negated(P1));
  readonly #kept = new Uint8Array(STRIPE_BYTES);
  #keptBytes = 0;
  #bytes = 0;

  update(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    let at = 0;
    if (this.#keptBytes > 0) {
      at = Math.min(STRIPE_BYTES - this.#keptBytes, bytes.length);
      this.#kept.set(bytes.subarray(0, at), this.#keptBytes);
      this.#keptBytes += at;
      if (this.#keptBytes < STRIPE_BYTES) return;
      this.#stripe(this.#kept, 0);
    }
    for (; at + STRIPE_BYTES <= bytes.length; at += STRIPE_BYTES) this.#stripe(bytes, at);
    this.#keptBytes = bytes.length - at;
    this.#kept.set(bytes.subarray(at));
  }

  /** The lower 32 bits of the hash of all bytes so far. */
  get low32(): number {
    let hash = this.#bytes < STRIPE_BYTES ? P5 : this.#joined();
    hash = add(hash, [this.#bytes | 0, Math.floor(this.#bytes / 2 ** 32)]);
    let at = 0;
    for (; at + 8 <= this.#keptBytes; at += 8) {
      const word: Word = [int32At(this.#kept, at), int32At(this.#kept, at + 4)];
      hash = add(times(rotated(xor(hash, round([0, 0], word)), 27), P1), P4);
    }
    if (at + 4 <= this.#keptBytes) {
      hash = add(times(rotated(xor(hash, times([int32At(this.#kept, at), 0], P1)), 23), P2), P3);
      at += 4;
    }
    for (; at < this.#keptBytes; at++)
      hash = times(rotated(xor(hash, times([this.#kept[at] as number, 0], P5)), 11), P1);
    hash = times(xor(hash, [hash[1] >>> 1, 0]), P2);
    hash = times(xor(hash, shifted(hash, 29)), P3);
    return (hash[0] ^ hash[1]) >>> 0;
  }

  #stripe(bytes: Uint8Array, start: number): void {
    const lanes = this.#lanes;
    for (let lane = 0; lane < LANES; lane++) {
      const at = start + lane * 8;
      const low = timesLow(int32At(bytes, at), int32At(bytes, at + 4), P2);
      const high = timesHigh;
      const sumLow = ((lanes[lane * 2] as number) + low) | 0;
      const sumHigh = ((lanes[lane * 2 + 1] as number) + high + (sumLow >>> 0 < low >>> 0 ? 1 : 0)) | 0;
      lanes[lane * 2] = timesLow((sumLow << 31) | (sumHigh >>> 1), (sumHigh << 31) | (sumLow >>> 1), P1);
      lanes[lane * 2 + 1] = timesHigh;
    }
  }

  #joined(): Word {
    const lanes = Array.from({ length: LANES }, (_, lane): Word => {
      return [this.#lanes[lane * 2] as number, this.#lanes[lane * 2 + 1] as number];
    });
    const turned = lanes.map((lane, index) => rotated(lane, [1, 7, 12, 18][index] ?? 0)).reduce(add);
    return lanes.reduce((hash, lane) => add(times(xor(hash, round([0, 0], lane)), P1), P4), turned);
  }
}

function int32At(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

/** The upper half of the last product. A pair for each would be most of the work. */
let timesHigh = 0;

/** The lower half of a product of 64 bits. */
function timesLow(low: number, high: number, [otherLow, otherHigh]: Word): number {
  const [a, b] = [low & 0xffff, low >>> 16];
  const [c, d] = [otherLow & 0xffff, otherLow >>> 16];
  const middle = b * c + ((a * c) >>> 16);
  const carried = (a * d + (middle & 0xffff)) >>> 16;
  timesHigh = (b * d + (middle >>> 16) + carried + Math.imul(low, otherHigh) + Math.imul(high, otherLow)) | 0;
  return Math.imul(low, otherLow);
}

function times([low, high]: Word, other: Word): Word {
  const product = timesLow(low, high, other);
  return [product, timesHigh];
}

function add([low, high]: Word, [otherLow, otherHigh]: Word): Word {
  const sum = (low + otherLow) | 0;
  return [sum, (high + otherHigh + (sum >>> 0 < otherLow >>> 0 ? 1 : 0)) | 0];
}

function negated([low, high]: Word): Word {
  return add([~low, ~high], [1, 0]);
}

function xor([low, high]: Word, [otherLow, otherHigh]: Word): Word {
  return [low ^ otherLow, high ^ otherHigh];
}

/** To the left, by less than 32 bits. */
function rotated([low, high]: Word, bits: number): Word {
  return [(low << bits) | (high >>> (32 - bits)), (high << bits) | (low >>> (32 - bits))];
}

/** To the right, by less than 32 bits. */
function shifted([low, high]: Word, bits: number): Word {
  return [(low >>> bits) | (high << (32 - bits)), high >>> bits];
}

function round(lane: Word, word: Word): Word {
  return times(rotated(add(lane, times(word, P2)), 31), P1);
}
