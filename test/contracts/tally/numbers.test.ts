import { describe, expect, it } from 'vitest';
import { webAssembly } from '#store';
import { type Random, seeded } from '../../../src/contracts/corrupt/random.ts';
import type { Chunk, NumberStore } from '../../../src/contracts/tally/number-store.ts';
import { openPlainNumbers } from '../../../src/contracts/tally/plain-numbers.ts';
import { openWasmNumbers } from '../../../src/contracts/tally/wasm-numbers.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';

if (webAssembly === undefined) throw new Error('This Node runs no WebAssembly.');
const runtime = webAssembly;

const LARGEST = Number.MAX_VALUE;

function anyNumber(random: Random): number {
  if (random.next() < 0.15) return -0;
  if (random.next() < 0.1) return random.pick([0, 5e-324, -5e-324, LARGEST, -LARGEST, 1e150, -1e150, 1]);
  const value = (random.next() - 0.5) * 10 ** (random.below(40) - 20);
  return random.next() < 0.5 ? value : Math.trunc(value) + 0;
}

function kept(store: NumberStore, numbers: Float64Array): Chunk {
  const chunk = store.maybeKeep(new BigInt64Array(numbers.buffer));
  if (chunk === undefined) throw new Error('There is no room.');
  return chunk;
}

/** All that stores tell of two columns. */
function told(store: NumberStore, { columns, bounds }: { columns: readonly Float64Array[][]; bounds: Float64Array }) {
  const [one = [], other = []] = columns.map((chunks) => chunks.map((numbers) => kept(store, numbers)));
  const options = [
    { limit: Number.POSITIVE_INFINITY, unit: 1 },
    { limit: 1e150, unit: 1 },
    { limit: Number.POSITIVE_INFINITY, unit: 1e160 },
  ];
  return {
    numbers: one.map((chunk) => [...store.numbersOf(chunk)]),
    sums: options.map((each) => store.addUp(one, each)),
    spreads: options.map((each) => store.spread(one, { ...each, mean: 0.75 })),
    counts: store.countUpTo(one, bounds),
    sorted: one.map((chunk) => [...store.sorted(store.numbersOf(chunk).slice())]),
    pairs: one.map((chunk, at) => store.addPairs(chunk, other[at] ?? chunk, { limit: 1e150, means: [0.5, -3] })),
  };
}

describe('numbers added up in WebAssembly', () => {
  it('give what plain TypeScript gives, to the last bit', () => {
    for (let seed = 0; seed < propertyRuns(400); seed++) {
      const random = seeded(seed);
      const lengths = Array.from({ length: random.below(4) }, () => random.below(400));
      const columns = Array.from({ length: 2 }, () =>
        lengths.map((length) => Float64Array.from({ length }, () => anyNumber(random))),
      );
      const all = [...new Set(columns[0]?.flatMap((numbers) => [...numbers]))].sort((a, b) => a - b);
      const some = all.filter(() => random.next() < random.pick([0.1, 1]));
      const bounds = Float64Array.from([...new Set([...some, Math.max(0, ...all)])].sort((a, b) => a - b));
      expect(told(openWasmNumbers(runtime), { columns, bounds }), `${seed}`).toEqual(
        told(openPlainNumbers(), { columns, bounds }),
      );
    }
  });

  it('are no more than it has addresses for', () => {
    const store = openWasmNumbers(runtime, 100_000);
    const kept = Array.from({ length: 5 }, () => store.maybeKeep(new BigInt64Array(1000))?.length);
    expect(kept).toEqual([1000, 1000, 1000, 1000, undefined]);
  });

  it('are counted between more bounds than the kernel has room for', () => {
    const numbers = Float64Array.from({ length: 5000 }, (_, index) => index);
    const bounds = Float64Array.from({ length: 1250 }, (_, index) => 4 * index + 3);
    const store = openWasmNumbers(runtime);
    const counts = store.countUpTo([kept(store, numbers)], bounds);
    expect(new Set(counts)).toEqual(new Set([4]));
  });
});
