import { describe, expect, it } from 'vitest';
import { DEVIATIONS_SURE, differenceOf } from '../../../src/contracts/distribution/difference.ts';
import { binsOfSorted, countUpTo, rowsUpTo } from '../../../src/contracts/distribution/number-bins.ts';
import { numberBinRows, referenceOfNumbers } from '../../../src/contracts/distribution/reference.ts';
import { normal, seeded } from '../../monitor/drift/random.ts';

const random = seeded(77);
const INDEX_MAX = 0.1;

type Draw = (count: number) => Float64Array;
const drawn =
  (value: () => number): Draw =>
  (count) =>
    Float64Array.from({ length: count }, value).sort();

const poisson = (mean: number) => (): number => {
  let [count, product] = [0, random()];
  while (product > Math.exp(-mean)) {
    count += 1;
    product *= random();
  }
  return count;
};

const SHAPES: Readonly<Record<string, Draw>> = {
  uniform: drawn(random),
  normal: (count) => Float64Array.from(normal(random, { count })).sort(),
  exponential: drawn(() => -Math.log(1 - random())),
  'zeros and ones': drawn(() => (random() < 0.38 ? 1 : 0)),
  'small counts': drawn(poisson(1.2)),
  'counts around 30': drawn(poisson(30)),
  'whole numbers up to 500': drawn(() => Math.floor(random() * 500)),
  'mostly zero, else exponential': drawn(() => (random() < 0.6 ? 0 : -Math.log(1 - random()))),
  'a usual value among many': drawn(() => (random() < 0.25 ? 50 : 100 * random())),
  'very heavy tails': drawn(() => Math.tan(Math.PI * (random() - 0.5))),
};

/** As a check counts, row by row; and as two profiles are compared, the current one by its own bins. */
function isDrifted(reference: Float64Array, current: Float64Array): boolean {
  const before = referenceOfNumbers(reference);
  const now = binsOfSorted(current);
  const ways = [(value: number) => countUpTo(current, value), (value: number) => rowsUpTo(now, value)];
  const [exact, binned] = ways.map((upTo) => {
    const { stabilityIndex, deviations } = differenceOf(numberBinRows(before, { rows: current.length, upTo }));
    return stabilityIndex > INDEX_MAX && deviations > DEVIATIONS_SURE;
  });
  return exact === true || binned === true;
}

describe('numbers of one distribution, drawn twice', () => {
  it.each(Object.entries(SHAPES))('are not distributed differently: %s', (_, draw) => {
    let alarms = 0;
    for (const [m, n] of [
      [50, 50],
      [700, 30],
      [700, 100],
      [50, 2000],
      [2000, 2000],
    ] as const) {
      for (let repeat = 0; repeat < 40; repeat += 1) if (isDrifted(draw(m), draw(n))) alarms += 1;
    }
    // Of 200; at one in a thousand, more than 3 come once in 17,000 times. Two ways of counting may double that.
    expect(alarms).toBeLessThanOrEqual(3);
  });

  it.each(Object.entries(SHAPES))('do not differ in very many rows either: %s', (_, draw) => {
    expect(isDrifted(draw(100_000), draw(100_000))).toBe(false);
  });
});

describe('numbers of another distribution', () => {
  const SHIFTS: readonly (readonly [string, Draw, Draw, number])[] = [
    ['a mean that moves by a deviation', SHAPES.normal!, (n) => SHAPES.normal!(n).map((value) => value + 1), 60],
    ['twice the deviation', SHAPES.normal!, (n) => SHAPES.normal!(n).map((value) => value * 2), 150],
    ['other shares of zeros and ones', SHAPES['zeros and ones']!, drawn(() => (random() < 0.7 ? 1 : 0)), 100],
    ['a two where only zeros and ones were', SHAPES['zeros and ones']!, drawn(() => (random() < 0.38 ? 2 : 0)), 60],
    ['halves between zeros and ones', SHAPES['zeros and ones']!, drawn(() => (random() < 0.38 ? 0.5 : 0)), 60],
    [
      'fewer zeros',
      SHAPES['mostly zero, else exponential']!,
      drawn(() => (random() < 0.25 ? 0 : -Math.log(random()))),
      60,
    ],
    [
      'a usual value that is a little less',
      SHAPES['a usual value among many']!,
      drawn(() => (random() < 0.25 ? 49.999 : 100 * random())),
      60,
    ],
    ['a column that became constant', SHAPES.uniform!, drawn(() => 0.5), 30],
    ['a column that was constant', drawn(() => 0), SHAPES.uniform!, 30],
    ['counts of another mean', SHAPES['small counts']!, drawn(poisson(2.5)), 60],
  ];
  it.each(SHIFTS)('is found in 19 of 20 windows: %s', (_, before, after, rows) => {
    let found = 0;
    for (let repeat = 0; repeat < 40; repeat += 1) if (isDrifted(before(1000), after(rows).sort())) found += 1;
    expect(found).toBeGreaterThanOrEqual(38);
  });
});
