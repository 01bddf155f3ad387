import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LabelKind, linearRegression, logisticRegression, type Matrix } from '#ml';
import { minimise } from '../../../src/ml/estimators/lbfgs.ts';
import { readLinear } from '../../../src/ml/estimators/linear.ts';

function matrix(rows: readonly (readonly number[])[]): Matrix {
  const columns = (rows[0] ?? []).map((_, index) => `x${index}`);
  return { columns, rowCount: rows.length, values: Float64Array.from(rows.flat()) };
}
const classes = (...names: string[]): LabelKind => ({ kind: 'classification', classes: names });
const numbers = (values: readonly number[]) => ({
  label: { kind: 'regression' } as const,
  values: Float64Array.from(values),
});

const row = fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 3, maxLength: 3 });

describe('minimising by L-BFGS', () => {
  it('finds the bottom of a badly scaled bowl', () => {
    const scales = Float64Array.from({ length: 30 }, (_, index) => 10 ** (index % 5));
    const { point, iterations } = minimise(
      (at, gradient) => {
        let value = 0;
        for (let index = 0; index < at.length; index += 1) {
          const away = at[index]! - index;
          gradient[index] = 2 * scales[index]! * away;
          value += scales[index]! * away * away;
        }
        return value;
      },
      { size: 30, iterationsMax: 1000, gradientMax: 1e-8 },
    );
    point.forEach((value, index) => {
      expect(value).toBeCloseTo(index, 6);
    });
    expect(iterations).toBeLessThan(200);
  });

  it('stays where it is when that is the bottom', () => {
    const flat = minimise(() => 3, { size: 2, iterationsMax: 9, gradientMax: 0 });
    expect(flat).toEqual({ point: new Float64Array(2), value: 3, iterations: 0 });
  });
});

describe('logistic regression', () => {
  it('gives each group its share of the classes when weights cost next to nothing', () => {
    // Three groups, one column each; of ten rows in a group, 1, 5 and 8 are of the second class.
    const rows: number[][] = [];
    const actual: number[] = [];
    [1, 5, 8].forEach((yes, group) => {
      for (let index = 0; index < 10; index += 1) {
        rows.push([0, 1, 2].map((column) => (column === group ? 1 : 0)));
        actual.push(index < yes ? 1 : 0);
      }
    });
    for (const names of [
      ['no', 'yes'],
      ['no', 'yes', 'never'],
    ]) {
      const labels = { label: classes(...names), values: Float64Array.from(actual) };
      const model = logisticRegression({ penalty: 1e-6, tolerance: 1e-9 }).fit(matrix(rows), labels);
      const predicted = model.predict(
        matrix([
          [1, 0, 0],
          [0, 1, 0],
          [0, 0, 1],
        ]),
      );
      [0.1, 0.5, 0.8].forEach((share, group) => {
        expect(predicted[group * names.length + 1]).toBeCloseTo(share, 3);
      });
    }
  });

  it('ends where every derivative of likelihood and penalty is zero', () => {
    const training = fc.array(fc.record({ cells: row, actual: fc.nat(2) }), { minLength: 4, maxLength: 40 });
    fc.assert(
      fc.property(training, fc.constantFrom(2, 3), (all, count) => {
        const label = classes(...['a', 'b', 'c'].slice(0, count));
        const actual = all.map((one) => one.actual % count);
        const x = matrix(all.map(({ cells }) => cells));
        const model = logisticRegression({ penalty: 0.5, tolerance: 1e-8 }).fit(x, {
          label,
          values: Float64Array.from(actual),
        });
        const { vectors } = readLinear(model.payload(), 'logistic-regression');
        const predicted = model.predict(x);
        // Two classes keep the vector of the second one alone.
        const firstClass = count === 2 ? 1 : 0;
        for (let vector = 0; vector < vectors.length / 4; vector += 1) {
          for (let column = 0; column < 4; column += 1) {
            const slope = all.reduce(
              (sum, { cells }, index) => {
                const target = vector + firstClass;
                const error = predicted[index * count + target]! - (actual[index] === target ? 1 : 0);
                return sum + error * (cells[column] ?? 1);
              },
              column < 3 ? 0.5 * vectors[vector * 4 + column]! : 0,
            );
            expect(Math.abs(slope)).toBeLessThan(1e-5 * all.length);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('separates what a line separates', () => {
    const rows = Array.from({ length: 50 }, (_, index) => [index - 25, (index * 7) % 5]);
    const label = classes('below', 'above');
    const labels = { label, values: Float64Array.from(rows, ([x = 0]) => (x > 0 ? 1 : 0)) };
    const predicted = logisticRegression()
      .fit(matrix(rows), labels)
      .predict(
        matrix([
          [-3, 1],
          [4, 1],
          [1e9, 0],
          [-1e9, 0],
        ]),
      );
    const above = [1, 3, 5, 7].map((slot) => predicted[slot]!);
    expect(above[0]).toBeLessThan(0.2);
    expect(above[1]).toBeGreaterThan(0.8);
    expect(above.slice(2)).toEqual([1, 0]);
  });

  it('refuses a number for a label', () => {
    expect(() => logisticRegression().fit(matrix([[1]]), numbers([1]))).toThrow('Use "linear-regression"');
  });
});

describe('linear regression', () => {
  it('finds the line that the rows lie on', () => {
    const rows = Array.from({ length: 20 }, (_, index) => [index, (index * 13) % 7]);
    const labels = numbers(rows.map(([a = 0, b = 0]) => 3 * a - 2 * b + 11));
    const model = linearRegression({ penalty: 0 }).fit(matrix(rows), labels);
    expect(model.predict(matrix([[100, 50]]))[0]).toBeCloseTo(211, 8);
  });

  it('ends where every derivative of error and penalty is zero', () => {
    const training = fc.array(fc.record({ cells: row, actual: fc.integer({ min: -9, max: 9 }) }), {
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(training, (all) => {
        const x = matrix(all.map(({ cells }) => cells));
        const model = linearRegression({ penalty: 2 }).fit(x, numbers(all.map(({ actual }) => actual)));
        const { vectors } = readLinear(model.payload(), 'linear-regression');
        const predicted = model.predict(x);
        for (let column = 0; column < 4; column += 1) {
          const penalty = column < 3 ? 2 * vectors[column]! : 0;
          const slope = all.reduce(
            (sum, { cells, actual }, index) => sum + (predicted[index]! - actual) * (cells[column] ?? 1),
            penalty,
          );
          expect(Math.abs(slope)).toBeLessThan(1e-8 * all.length * 100);
        }
      }),
    );
  });

  it('does without a column that repeats another when weights cost nothing', () => {
    const rows = Array.from({ length: 10 }, (_, index) => [index, index, 1]);
    const model = linearRegression({ penalty: 0 }).fit(matrix(rows), numbers(rows.map(([a = 0]) => 2 * a)));
    expect(model.predict(matrix([[20, 20, 1]]))[0]).toBeCloseTo(40, 8);
  });

  it('refuses classes for a label', () => {
    const labels = { label: classes('a', 'b'), values: Float64Array.of(0) };
    expect(() => linearRegression().fit(matrix([[1]]), labels)).toThrow('Use "logistic-regression"');
  });
});
