import fc from 'fast-check';
import * as library from 'fzstd';
import { describe, expect, it } from 'vitest';
import { Xxh64 } from '../../../src/contracts/scan/xxh64.ts';
import { ZstdFrames } from '../../../src/contracts/scan/zstd-frames.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';
import { ZSTANDARD } from '../compressed.ts';

/** Of the program zstd 1.5: nothing; 300,000 times the letter A; and one file, what is skipped, and it again without a checksum. */
const EMPTY = Buffer.from('KLUv/SQAAQAAmenYUQ==', 'base64');
const RUN = Buffer.from('KLUv/QRYVAAAEEFBAQD7/znAAgIAEEEDnwRBeKTxLw==', 'base64');
const SEVERAL = Buffer.from('KLUv/QRYQQAAYSxiCjEseApmAzAfWipNGAUAAABoZWxsbyi1L/0AWEEAAGEsYgoxLHgK', 'base64');
const ROWS = `a,b\n${Array.from({ length: 100 }, (_, row) => `${row},x${row % 3}\n`).join('')}`;

function expanded(bytes: Uint8Array, step = bytes.length): string {
  const frames = new ZstdFrames(library);
  const found: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += step) found.push(...frames.push(bytes.subarray(at, at + step)));
  frames.end();
  return Buffer.concat(found).toString('latin1');
}

/** XXH64 as its specification says it, in numbers of any size. */
function specified(bytes: Uint8Array): number {
  const [p1, p2, p3, p4, p5] = [
    ...[0x9e3779b185ebca87n, 0xc2b2ae3d27d4eb4fn, 0x165667b19e3779f9n],
    ...[0x85ebca77c2b2ae63n, 0x27d4eb2f165667c5n],
  ] as [bigint, bigint, bigint, bigint, bigint];
  const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
  const rotated = (value: bigint, bits: bigint): bigint => u64((value << bits) | (value >> (64n - bits)));
  const round = (lane: bigint, word: bigint): bigint => u64(rotated(u64(lane + word * p2), 31n) * p1);
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const lanes: [bigint, bigint, bigint, bigint] = [u64(p1 + p2), p2, 0n, u64(-p1)];
  let at = 0;
  for (; at + 32 <= view.length; at += 32)
    for (const lane of [0, 1, 2, 3] as const) lanes[lane] = round(lanes[lane], view.readBigUInt64LE(at + lane * 8));
  let hash = p5;
  if (view.length >= 32) {
    const [a, b, c, d] = lanes;
    hash = u64(rotated(a, 1n) + rotated(b, 7n) + rotated(c, 12n) + rotated(d, 18n));
    for (const lane of lanes) hash = u64((hash ^ round(0n, lane)) * p1 + p4);
  }
  hash = u64(hash + BigInt(view.length));
  for (; at + 8 <= view.length; at += 8) hash = u64(rotated(hash ^ round(0n, view.readBigUInt64LE(at)), 27n) * p1 + p4);
  for (; at + 4 <= view.length; at += 4)
    hash = u64(rotated(hash ^ u64(BigInt(view.readUInt32LE(at)) * p1), 23n) * p2 + p3);
  for (; at < view.length; at++) hash = u64(rotated(hash ^ u64(BigInt(view[at] as number) * p5), 11n) * p1);
  hash = u64((hash ^ (hash >> 33n)) * p2);
  hash = u64((hash ^ (hash >> 29n)) * p3);
  return Number((hash ^ (hash >> 32n)) & 0xffffffffn);
}

describe('frames of Zstandard', () => {
  it.each([1, 7, 1000])('expand in pieces of %s bytes', (step) => {
    expect(expanded(ZSTANDARD, step)).toBe(ROWS);
    expect(expanded(EMPTY, step)).toBe('');
    expect(expanded(RUN, step)).toBe('A'.repeat(300_000));
    expect(expanded(SEVERAL, step)).toBe('a,b\n1,x\na,b\n1,x\n');
  });

  it('are refused with any wrong bit, unless it changes nothing', () => {
    const read = Array.from({ length: ZSTANDARD.length * 8 }, (_, bit) => {
      const flipped = Buffer.from(ZSTANDARD);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      try {
        return expanded(flipped);
      } catch {
        return undefined;
      }
    }).filter((text) => text !== undefined);
    expect(new Set(read)).toEqual(new Set(read.length === 0 ? [] : [ROWS]));
    expect(read.length).toBeLessThan(10);
  });

  it.each([
    [
      'a wrong checksum',
      Buffer.concat([ZSTANDARD.subarray(0, -1), Buffer.of(0)]),
      'has another checksum than it says: it was damaged',
    ],
    ['less than a checksum', ZSTANDARD.subarray(0, -1), 'ends within a frame'],
    ['a part of a header', ZSTANDARD.subarray(0, 5), 'ends within a frame'],
    ['a part of what is skipped', SEVERAL.subarray(0, 25), 'ends within a frame'],
    ['something behind a frame', Buffer.concat([ZSTANDARD, Buffer.from('rest')]), 'goes on with what is no frame'],
    ['a dictionary', Buffer.from('KLUv/QEAKgA=', 'base64'), 'needs a dictionary, which nobody has'],
    ['a window of terabytes', Buffer.from('KLUv/QD4AAAA', 'base64'), 'bytes of memory, more than the 134217728'],
    ['another size than it says', Buffer.from('KLUv/SADCQAAYQ==', 'base64'), 'expands to 1 bytes where it says 3'],
    ['a block that is too long', Buffer.from('KLUv/QAA/f//', 'base64'), 'has a block of no kind'],
  ])('with %s are refused', (_, bytes, reason) => {
    expect(() => expanded(bytes)).toThrow(reason);
  });
});

describe('XXH64', () => {
  it('is what its specification says, in pieces of any length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (bytes, cut) => {
        const hash = new Xxh64();
        hash.update(bytes.subarray(0, cut));
        hash.update(bytes.subarray(cut));
        expect(hash.low32).toBe(specified(bytes));
      }),
      { numRuns: propertyRuns(1000) },
    );
  });

  it.each([
    ['', 0x51d8e999],
    ['a', 0xa98c6e5b],
    ['abc', 0xad770999],
  ])('of %j is that of the program', (text, low) => {
    const hash = new Xxh64();
    hash.update(Buffer.from(text));
    expect(hash.low32).toBe(low);
  });
});
