import { describe, expect, it } from 'vitest';
import { webAssembly } from '#store';
import { type Random, seeded } from '../../../src/contracts/corrupt/random.ts';
import { bitsOf, NO_KEY } from '../../../src/contracts/kernel/key-value.ts';
import { tallyPlainly } from '../../../src/contracts/tally/plain-words.ts';
import { openWasmWords } from '../../../src/contracts/tally/wasm-words.ts';
import { DIFFERENT_MAX, type SampleWay } from '../../../src/contracts/tally/word-tally.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';

if (webAssembly === undefined) throw new Error('This Node runs no WebAssembly.');
const tallyInWasm = openWasmWords(webAssembly);

const WAYS: readonly SampleWay[] = ['marked', 'whole', 'day', 'value'];

function anyWord(random: Random, way: SampleWay): bigint {
  if (random.next() < 0.1) return NO_KEY;
  if (way === 'whole') return bitsOf(Math.trunc((random.next() - 0.5) * 2 * 10 ** random.below(16)));
  if (way === 'day') return BigInt(random.below(8_000_000) - 4_000_000);
  const word = BigInt.asIntN(64, (BigInt(random.below(2 ** 32)) << 32n) | BigInt(random.below(2 ** 32)));
  return random.next() < 0.2 ? word >> BigInt(random.below(60)) : word;
}

describe('words counted in WebAssembly', () => {
  it('are counted as in plain TypeScript, however many there are and whatever they are', () => {
    for (let seed = 0; seed < propertyRuns(400); seed++) {
      const random = seeded(seed);
      const way = random.pick(WAYS);
      const known = Array.from({ length: 1 + random.below(50) }, () => anyWord(random, way));
      const isRepeating = random.next() < 0.7;
      const length = random.below(random.pick([5, 300, 6000]));
      const words = BigInt64Array.from({ length }, () => (isRepeating ? random.pick(known) : anyWord(random, way)));
      const options = { way, isMany: random.next() < 0.2 };
      expect(tallyInWasm(words, options), `${seed}`).toEqual(tallyPlainly(words, options));
    }
  });

  it('are told one by one up to the largest number of different ones, and sampled beyond', () => {
    for (const tally of [tallyInWasm, tallyPlainly]) {
      const words = BigInt64Array.from({ length: DIFFERENT_MAX + 1 }, (_, index) => BigInt(index));
      const options = { way: 'value', isMany: false } as const;
      expect(tally(words.subarray(1), options).different?.words).toHaveLength(DIFFERENT_MAX);
      const { different, sampled = [], filled, ends } = tally(words, options);
      expect({ different, filled, ends }).toEqual({
        different: undefined,
        filled: DIFFERENT_MAX + 1,
        ends: { min: 0n, max: BigInt(DIFFERENT_MAX) },
      });
      expect(sampled.length).toBeGreaterThan(DIFFERENT_MAX / 20);
      expect(sampled.length).toBeLessThan(DIFFERENT_MAX / 12);
    }
  });
});
