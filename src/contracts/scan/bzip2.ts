import { UndecodableError } from './undecodable-error.ts';

/*
 * Decompresses bzip2 block by block, as its reference implementation (bzip2 1.0.8, Julian Seward) does: Huffman codes in
 * up to six tables, move to front, runs of it, the inverse of the Burrows-Wheeler transform, runs of bytes; the checksum
 * of every block is compared. The streams of a file that was compressed in parts follow each other.
 */

const BLOCK_MARK = 0x314159265359;
const END_MARK = 0x177245385090;
const BLOCK_UNIT_BYTES = 100_000;
const GROUP_SYMBOLS = 50;
const CODE_BITS_MAX = 20;
/** A compressed block is smaller, so that much input is enough to decode the next one. */
const INPUT_BYTES = 2 << 20;
const OUTPUT_BYTES = 1 << 20;

/** Bits of bytes that are all there, the highest first. */
class Bits {
  bytes: Uint8Array = new Uint8Array();
  /** In bits. */
  at = 0;

  read(count: number): number {
    let value = 0;
    for (let left = count; left > 0; ) {
      const byte = this.bytes[this.at >>> 3];
      if (byte === undefined) throw broken('it ends within a block');
      const used = this.at & 7;
      const take = Math.min(left, 8 - used);
      // Not a shift: 48 bits are more than a shift has.
      value = value * 2 ** take + ((byte >>> (8 - used - take)) & ((1 << take) - 1));
      this.at += take;
      left -= take;
    }
    return value;
  }

  /** Drops what was read, and adds more. */
  refill(more: readonly Uint8Array[]): void {
    const rest = this.bytes.subarray(this.at >>> 3);
    const joined = new Uint8Array(rest.length + more.reduce((sum, { length }) => sum + length, 0));
    joined.set(rest);
    let at = rest.length;
    for (const each of more) {
      joined.set(each, at);
      at += each.length;
    }
    this.bytes = joined;
    this.at &= 7;
  }

  /** To the next whole byte. */
  align(): void {
    this.at = (this.at + 7) & ~7;
  }

  get left(): number {
    return this.bytes.length - Math.ceil(this.at / 8);
  }
}

/** The bytes that were compressed, in blocks of at most a megabyte and a run. */
export async function* bunzipped(
  blocks: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const bits = new Bits();
  const fill = async (): Promise<void> => {
    const more: Uint8Array[] = [];
    for (let size = bits.left; size < INPUT_BYTES; ) {
      const { value, done } = await blocks.next();
      if (done) break;
      more.push(Uint8Array.from(value));
      size += value.length;
    }
    if (more.length > 0) bits.refill(more);
  };
  for (await fill(); bits.left > 0; await fill()) {
    if (bits.read(24) !== 0x425a68) throw broken('something else follows it');
    const level = bits.read(8) - 48;
    if (level < 1 || level > 9) throw broken('its level is none');
    for (;;) {
      await fill();
      const mark = bits.read(48);
      if (mark === END_MARK) break;
      if (mark !== BLOCK_MARK) throw broken('a block begins with no mark');
      yield* expanded(decodedBlock(bits, level * BLOCK_UNIT_BYTES), bits);
    }
    bits.read(32);
    bits.align();
  }
}

interface Block {
  readonly crc: number;
  readonly start: number;
  readonly length: number;
  /** The bytes before the transform in the low eight bits, and in the others where the next one is. */
  readonly links: Uint32Array;
}

function decodedBlock(bits: Bits, sizeMax: number): Block {
  const crc = bits.read(32);
  if (bits.read(1) === 1) throw broken('its blocks are shuffled, as no program of this century does');
  const start = bits.read(24);
  const symbols = readSymbols(bits);
  const tables = readTables(bits, symbols.length + 2);
  const links = new Uint32Array(sizeMax);
  const counts = new Uint32Array(256);
  let [length, run, weight] = [0, 0, 1];
  const end = symbols.length + 1;
  for (let turn = 0; ; turn++) {
    const symbol = tables.next(turn);
    if (symbol < 2) {
      run += weight << symbol;
      weight <<= 1;
      if (run > sizeMax) throw broken('a run is longer than its block');
      continue;
    }
    if (run > 0) {
      const byte = symbols[0] ?? 0;
      if (length + run > sizeMax) throw broken('a block is longer than its level says');
      links.fill(byte, length, length + run);
      counts[byte] = (counts[byte] ?? 0) + run;
      length += run;
      run = 0;
      weight = 1;
    }
    if (symbol === end) break;
    if (length >= sizeMax) throw broken('a block is longer than its level says');
    const place = symbol - 1;
    const byte = symbols[place] ?? 0;
    symbols.copyWithin(1, 0, place);
    symbols[0] = byte;
    links[length++] = byte;
    counts[byte] = (counts[byte] ?? 0) + 1;
  }
  if (length > 0 && start >= length) throw broken('a block begins behind its end');
  for (let byte = 0, sum = 0; byte < 256; byte++) {
    const count = counts[byte] ?? 0;
    counts[byte] = sum;
    sum += count;
  }
  for (let at = 0; at < length; at++) {
    const byte = (links[at] ?? 0) & 255;
    const place = counts[byte] ?? 0;
    links[place] = ((links[place] ?? 0) | (at << 8)) >>> 0;
    counts[byte] = place + 1;
  }
  return { crc, start, length, links };
}

/** The bytes that a block has, in their order. */
function readSymbols(bits: Bits): Uint8Array {
  const used = bits.read(16);
  const symbols: number[] = [];
  for (let high = 0; high < 16; high++) {
    if ((used & (0x8000 >>> high)) === 0) continue;
    const low = bits.read(16);
    for (let at = 0; at < 16; at++) if ((low & (0x8000 >>> at)) !== 0) symbols.push(high * 16 + at);
  }
  if (symbols.length === 0) throw broken('a block has no bytes');
  return Uint8Array.from(symbols);
}

interface Tables {
  /** The next symbol; `turn` counts those of the block. */
  next(turn: number): number;
}

function readTables(bits: Bits, alphabet: number): Tables {
  const groups = bits.read(3);
  const count = bits.read(15);
  if (groups < 2 || groups > 6 || count < 1) throw broken('its tables are none');
  const order = Array.from({ length: groups }, (_, group) => group);
  const selectors = new Uint8Array(count);
  for (let at = 0; at < count; at++) {
    let place = 0;
    while (bits.read(1) === 1) if (++place >= groups) throw broken('a table is missing');
    const [group = 0] = order.splice(place, 1);
    order.unshift(group);
    selectors[at] = group;
  }
  const codes = Array.from({ length: groups }, () => readCodes(bits, alphabet));
  return {
    next: (turn) => {
      const selector = Math.floor(turn / GROUP_SYMBOLS);
      if (selector >= count) throw broken('a block has more symbols than its tables');
      const { limits, bases, symbols } = codes[selectors[selector] ?? 0] ?? { limits: [], bases: [], symbols: [] };
      let code = 0;
      for (let length = 1; length <= CODE_BITS_MAX; length++) {
        code = code * 2 + bits.read(1);
        if (code <= (limits[length] ?? -1)) return symbols[code - (bases[length] ?? 0)] ?? 0;
      }
      throw broken('a code is none');
    },
  };
}

/** Canonical Huffman codes: for each length the largest code, and what to take from a code to get its symbol's place. */
function readCodes(bits: Bits, alphabet: number) {
  const lengths = new Uint8Array(alphabet);
  let length = bits.read(5);
  for (let symbol = 0; symbol < alphabet; symbol++) {
    for (;;) {
      if (length < 1 || length > CODE_BITS_MAX) throw broken('a code has no length');
      if (bits.read(1) === 0) break;
      length += bits.read(1) === 0 ? 1 : -1;
    }
    lengths[symbol] = length;
  }
  const [limits, bases, symbols]: [number[], number[], number[]] = [[], [], []];
  let code = 0;
  for (let bitsOf = 1; bitsOf <= CODE_BITS_MAX; bitsOf++) {
    bases[bitsOf] = code - symbols.length;
    for (let symbol = 0; symbol < alphabet; symbol++)
      if (lengths[symbol] === bitsOf) {
        symbols.push(symbol);
        code++;
      }
    limits[bitsOf] = code - 1;
    code *= 2;
  }
  return { limits, bases, symbols };
}

/** Follows the links of a block, expands runs of bytes, and compares the checksum. */
function* expanded({ crc, start, length, links }: Block, _: Bits): Generator<Uint8Array<ArrayBuffer>> {
  let out = new Uint8Array(OUTPUT_BYTES + 256);
  let [used, sum, last, same] = [0, 0xffffffff, -1, 0];
  let link = length === 0 ? 0 : (links[start] ?? 0);
  for (let left = length; left > 0; left--) {
    link = links[link >>> 8] ?? 0;
    const byte = link & 255;
    const isCount = same === 4;
    const times = isCount ? byte : 1;
    const written = isCount ? last : byte;
    for (let each = 0; each < times; each++) {
      out[used++] = written;
      sum = ((sum << 8) ^ (CRC[((sum >>> 24) ^ written) & 255] ?? 0)) >>> 0;
    }
    same = isCount ? 0 : byte === last ? same + 1 : 1;
    last = isCount ? -1 : byte;
    if (used < OUTPUT_BYTES) continue;
    yield out.subarray(0, used);
    out = new Uint8Array(OUTPUT_BYTES + 256);
    used = 0;
  }
  if ((sum ^ 0xffffffff) >>> 0 !== crc) throw broken('the checksum of a block is another');
  if (used > 0) yield out.subarray(0, used);
}

/** CRC-32 with the highest bit first. */
const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24;
  for (let bit = 0; bit < 8; bit++) value = (value & 0x80000000) !== 0 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value >>> 0;
});

function broken(reason: string): UndecodableError {
  return new UndecodableError(`The file starts like bzip2 but cannot be decompressed to its end: ${reason}.`);
}
