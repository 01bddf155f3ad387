import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kaplanMeier } from '../../../src/ml/performance/kaplan-meier.ts';
import { toCurve } from '../../../src/ml/performance/maturity.ts';

const subjects = fc.array(fc.record({ at: fc.integer({ min: 0, max: 9 }), isEvent: fc.boolean() }), {
  minLength: 1,
  maxLength: 50,
});
type Subject = { readonly at: number; readonly isEvent: boolean };
const observed = (given: readonly Subject[]) =>
  given.map(({ at, isEvent }) => ({ at, events: isEvent ? 1 : 0, censored: isEvent ? 0 : 1 }));

/** Efron's redistribution to the right: who is censored shares its weight equally among those seen for longer. */
function redistributed(given: readonly Subject[], time: number): number {
  const order = [...given].sort((a, b) => a.at - b.at || Number(b.isEvent) - Number(a.isEvent));
  const weights = order.map(() => 1 / order.length);
  for (const [index, { isEvent }] of order.entries()) {
    if (isEvent) continue;
    const after = order.length - index - 1;
    for (let later = index + 1; later < order.length; later += 1)
      weights[later] = (weights[later] ?? 0) + (weights[index] ?? 0) / after;
    if (after > 0) weights[index] = 0;
  }
  return order.reduce((sum, { at, isEvent }, index) => sum + (isEvent && at <= time ? (weights[index] ?? 0) : 0), 0);
}

describe('the estimate of Kaplan and Meier', () => {
  it('equals giving the weight of each censored subject to those seen for longer', () => {
    fc.assert(
      fc.property(subjects, (given) => {
        for (const { at, share } of kaplanMeier(observed(given)))
          expect(share).toBeCloseTo(redistributed(given, at), 9);
      }),
    );
  });

  it('is the plain share where all are seen to the end', () => {
    const steps = kaplanMeier([
      { at: 1, events: 30, censored: 0 },
      { at: 5, events: 50, censored: 0 },
      { at: 9, events: 0, censored: 20 },
    ]);
    expect(steps.map(({ share }) => share)).toEqual([expect.closeTo(0.3), expect.closeTo(0.8), expect.closeTo(0.8)]);
    // Greenwood's variance of an uncensored share is the binomial one: 0.046 for 30 in 100.
    const [{ low, high } = { low: 0, high: 0 }] = steps;
    expect((high - low) / 2 / 1.96).toBeCloseTo(0.0458, 2);
  });

  it('adds up the same whether subjects come one by one or together', () => {
    fc.assert(
      fc.property(subjects, (given) => {
        const together = [...Array(10).keys()].map((at) => ({
          at,
          events: given.filter((each) => each.at === at && each.isEvent).length,
          censored: given.filter((each) => each.at === at && !each.isEvent).length,
        }));
        const seen = together.filter(({ events, censored }) => events + censored > 0);
        expect(kaplanMeier(seen)).toEqual(kaplanMeier(observed(given)));
      }),
    );
  });
});

describe('the maturity curve', () => {
  const seen = [
    { at: 30, events: 40, censored: 0 },
    { at: 300, events: 30, censored: 0 },
    { at: 2000, events: 0, censored: 30 },
  ];

  it('says what share has its label after an hour, six and a day, and when half of them have it', () => {
    const { horizons, medianMinutes } = toCurve(seen);
    expect(horizons.map(({ afterMinutes, share }) => [afterMinutes, share?.toFixed(2)])).toEqual([
      [60, '0.40'],
      [360, '0.70'],
      [1440, '0.70'],
      ...[2880, 10_080, 43_200].map((minutes) => [minutes, undefined]),
    ]);
    expect(medianMinutes).toBe(300);
  });

  it('knows the share at any time once every prediction has its label', () => {
    const { horizons } = toCurve(seen.slice(0, 1));
    expect(horizons.map(({ share }) => share)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('is empty without predictions', () => {
    expect(toCurve([])).toMatchObject({ steps: [] });
  });
});
