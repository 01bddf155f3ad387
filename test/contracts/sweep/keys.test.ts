import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DenseNumbers } from '../../../src/contracts/sweep/dense-numbers.ts';
import { KeyMemory } from '../../../src/contracts/sweep/key-memory.ts';
import { PlaceTable } from '../../../src/contracts/sweep/place-table.ts';
import { WordTable } from '../../../src/contracts/sweep/word-table.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';

const HALF = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 0xffff_ffff }));
const memory = (): KeyMemory => new KeyMemory(1 << 30);

describe('a table of words', () => {
  it('tells of any words whether they were added before, as a set does', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(HALF, HALF), { maxLength: 20_000, size: 'max' }), (words) => {
        const table = new WordTable(memory());
        const seen = new Set<string>();
        for (const [low, high] of words) {
          const word = `${low} ${high}`;
          expect(table.add(low, high)).toBe(seen.has(word));
          seen.add(word);
        }
      }),
      { numRuns: propertyRuns(20), seed: 5 },
    );
  });

  it('grows, and forgets none', () => {
    const table = new WordTable(memory());
    const counts = [0, 0].map(() => {
      let had = 0;
      for (let word = 0; word < 200_000; word += 1) if (table.add(word * 7, word >>> 3)) had += 1;
      return had;
    });
    expect(counts).toEqual([0, 200_000]);
  });
});

describe('a table of places', () => {
  it('gives all places of a hash, also of one that others share', () => {
    const table = new PlaceTable(memory());
    const places = new Map<number, number[]>();
    for (let place = 0; place < 50_000; place += 1) {
      // Places beyond 32 bits, and hashes that several share.
      const at = place * 2 ** 20;
      const hash = (place % 20_000) * 7919;
      const found: number[] = [];
      for (let next = table.find(hash, 1); next >= 0; next = table.next()) found.push(next);
      expect(found.toSorted((a, b) => a - b)).toEqual(places.get(hash) ?? []);
      table.add(at);
      places.set(hash, [...(places.get(hash) ?? []), at]);
    }
  });
});

describe('dense numbers', () => {
  it('tell of any whole numbers whether they were added before, and give each back once', () => {
    const numbers = fc.oneof(fc.integer({ min: -70_000, max: 140_000 }), fc.maxSafeInteger());
    fc.assert(
      fc.property(fc.array(numbers, { maxLength: 300 }), (values) => {
        const dense = new DenseNumbers(memory());
        const seen = new Set<number>();
        for (const value of values) {
          expect(dense.add(value)).toBe(seen.has(value));
          seen.add(value);
        }
        const given: number[] = [];
        dense.empty((value) => given.push(value));
        expect(given.toSorted((a, b) => a - b)).toEqual([...seen].toSorted((a, b) => a - b));
      }),
      { numRuns: propertyRuns(100), seed: 6 },
    );
  });
});
