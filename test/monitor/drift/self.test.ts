import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ColumnValues, evaluateDrift, sampleOf } from '#monitor';
import { normal, seeded } from './random.ts';

const cells = fc.oneof(
  fc
    .array(fc.option(fc.integer({ min: -5, max: 5 })), { minLength: 30, maxLength: 120 })
    .map((values): ColumnValues => ({ kind: 'number', values })),
  fc
    .array(fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })), { minLength: 30, maxLength: 120 })
    .map((values): ColumnValues => ({ kind: 'number', values })),
  fc
    .array(fc.option(fc.constantFrom(...'abcdefgh')), { minLength: 30, maxLength: 120 })
    .map((values): ColumnValues => ({ kind: 'category', values })),
);
const judge = (reference: ColumnValues, current: ColumnValues) =>
  evaluateDrift(
    { reference: sampleOf({ x: reference }), current: sampleOf({ x: current }) },
    { effectMin: { distribution: 0, missing: 0, 'new-category': 0 } },
  );

describe('a column beside itself', () => {
  it('never drifts, whatever its values', () => {
    fc.assert(
      fc.property(cells, (column) => {
        const { scores } = judge(column, column);
        expect(scores.length).toBeGreaterThan(0);
        for (const { effect, pValue, threshold, verdict } of scores) {
          expect({ effect, verdict }).toEqual({ effect: 0, verdict: 'stable' });
          expect(pValue).toBeGreaterThan(0.99);
          expect(threshold).toBeGreaterThan(0);
        }
      }),
      { seed: 21, numRuns: 50 },
    );
  });

  it('does not drift in another order of its rows', () => {
    fc.assert(
      fc.property(cells, ({ kind, values }) => {
        // Both kinds of values stay with their kind.
        const turned = { kind, values: values.toReversed() } as ColumnValues;
        expect(judge({ kind, values } as ColumnValues, turned).isDrifted).toBe(false);
      }),
      { seed: 22, numRuns: 30 },
    );
  });
});

describe('reference and window', () => {
  it('are equally far apart from either side', () => {
    const kinds = ['distribution', 'missing'];
    fc.assert(
      fc.property(cells, cells, (one, other) => {
        fc.pre(one.kind === other.kind);
        const [there, back] = [judge(one, other), judge(other, one)].map(({ scores }) =>
          scores.filter(({ kind }) => kinds.includes(kind)),
        );
        for (const [at, score] of (there ?? []).entries()) {
          expect(back?.[at]?.effect).toBeCloseTo(score.effect, 12);
          expect(back?.[at]?.pValue).toBeCloseTo(score.pValue, 9);
        }
      }),
      { seed: 23, numRuns: 60 },
    );
  });

  it('are as far apart in any unit that keeps the order of numbers', () => {
    const random = seeded(24);
    const [before, now] = [normal(random, { count: 300 }), normal(random, { count: 60, mean: 0.4 })];
    const numbers = (values: readonly number[]): ColumnValues => ({ kind: 'number', values });
    const usual = judge(numbers(before), numbers(now)).scores[1];
    const cubed = judge(numbers(before.map((value) => value ** 3)), numbers(now.map((value) => value ** 3))).scores[1];
    expect(cubed).toMatchObject({ effect: usual?.effect, pValue: usual?.pValue, threshold: usual?.threshold });
  });
});
