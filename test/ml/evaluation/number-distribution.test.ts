import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { numberDistribution } from '../../../src/ml/evaluation/number-distribution.ts';

const of = (actual: readonly number[], predicted: readonly number[]) =>
  numberDistribution({ actual: Float64Array.from(actual), predicted: Float64Array.from(predicted) });
const range = (length: number, from: (at: number) => number) => Array.from({ length }, (_, at) => from(at));

describe('the distribution of predicted numbers', () => {
  it('counts predicted and real numbers in bins with round edges', () => {
    const { values } = of(
      range(1000, (at) => at),
      range(1000, () => 450),
    );
    expect(values.edges).toEqual(range(11, (at) => at * 100));
    expect(values.actual).toEqual([0, ...range(10, () => 100), 0]);
    expect(values.predicted).toEqual([0, 0, 0, 0, 0, 1000, 0, 0, 0, 0, 0, 0]);
  });

  it('has errors around zero, with few of them beyond the edges', () => {
    const { errors } = of(
      range(500, (at) => at),
      range(500, (at) => (at === 7 ? 1e9 : at + (at % 11) - 5)),
    );
    expect(errors.edges).toEqual(range(11, (at) => at - 5));
    expect(errors.rows.at(-1)).toBe(46);
  });

  it('groups rows by what was predicted for them', () => {
    const { groups } = of(
      range(100, (at) => at),
      range(100, (at) => at + 1),
    );
    expect(groups).toHaveLength(10);
    expect(groups[3]).toEqual({ rows: 10, predicted: 35.5, actual: 34.5, low: 31, high: 38 });
  });

  it('counts each row once, whatever the numbers', () => {
    const numbers = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 });
    fc.assert(
      fc.property(fc.array(fc.tuple(numbers, numbers), { minLength: 1, maxLength: 60 }), (rows) => {
        const { values, errors, groups } = of(
          rows.map(([actual]) => actual),
          rows.map(([, predicted]) => predicted),
        );
        const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
        for (const counts of [values.actual, values.predicted, errors.rows, groups.map((group) => group.rows)])
          expect(sum(counts)).toBe(rows.length);
        expect(values.edges.every((edge, at) => at === 0 || edge > (values.edges[at - 1] ?? 0))).toBe(true);
        expect(values.edges.length).toBeLessThan(16);
      }),
    );
  });
});
