import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { knn, type Labels, type Matrix } from '#ml';

function matrix(rows: readonly (readonly number[])[]): Matrix {
  const columns = (rows[0] ?? []).map((_, index) => `x${index}`);
  return { columns, rowCount: rows.length, values: Float64Array.from(rows.flat()) };
}
const binary = (...values: number[]): Labels => ({
  label: { kind: 'classification', classes: ['no', 'yes'] },
  values: Float64Array.from(values),
});
const numbers = (...values: number[]): Labels => ({ label: { kind: 'regression' }, values: Float64Array.from(values) });

/** The definition, slowly: sort all rows by distance, then by number, and take the first k. */
function oracle(training: readonly (readonly number[])[], query: readonly number[], k: number): number[] {
  return training
    .map((row, index) => ({
      index,
      distance: row.reduce((sum, value, column) => sum + (value - query[column]!) ** 2, 0),
    }))
    .sort((a, b) => a.distance - b.distance || a.index - b.index)
    .slice(0, k)
    .map(({ index }) => index);
}

describe('k nearest neighbours', () => {
  it('agree with sorting all rows by distance and then by number, ties included', () => {
    // Small integers: their squares are exact in single precision, and most distances are tied.
    const row = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1, maxLength: 60 }),
        fc.array(row, { minLength: 1, maxLength: 9 }),
        fc.integer({ min: 1, max: 12 }),
        (training, queries, k) => {
          // Each row answers with a power of two of its own, so that the sum names the rows that were chosen.
          const labels = numbers(...training.map((_, index) => 2 ** (index % 50) * (index < 50 ? 1 : 2 ** -60)));
          const predicted = knn({ k }).fit(matrix(training), labels).predict(matrix(queries));
          queries.forEach((query, index) => {
            const chosen = oracle(training, query, k);
            const sum = chosen.reduce((total, neighbour) => total + labels.values[neighbour]!, 0);
            expect(predicted[index]).toBe(sum / chosen.length);
          });
        },
      ),
    );
  });

  it('agree with the definition beyond one block of rows', () => {
    const training = Array.from({ length: 1500 }, (_, index) => [(index * 7919) % 97, (index * 104_729) % 89]);
    const queries = Array.from({ length: 7 }, (_, index) => [index * 13, index * 11]);
    const labels = numbers(...training.map((_, index) => index));
    const predicted = knn({ k: 9 }).fit(matrix(training), labels).predict(matrix(queries));
    queries.forEach((query, index) => {
      const chosen = oracle(training, query, 9);
      expect(predicted[index]).toBe(chosen.reduce((total, row) => total + row, 0) / 9);
    });
  });

  it('takes the lowest training row of equally near ones', () => {
    const model = knn({ k: 1 }).fit(matrix([[1], [-1], [1]]), numbers(10, 20, 30));
    expect([...model.predict(matrix([[0]]))]).toEqual([10]);
  });

  it('counts votes as shares', () => {
    const model = knn({ k: 4 }).fit(matrix([[0], [1], [2], [3], [100]]), binary(1, 1, 1, 0, 0));
    expect([...model.predict(matrix([[0]]))]).toEqual([0.25, 0.75]);
  });

  it('weighs votes by one over the distance', () => {
    const model = knn({ k: 2, weights: 'distance' }).fit(matrix([[0], [3]]), binary(0, 1));
    expect([...model.predict(matrix([[1]]))]).toEqual([1 / 1.5, 0.5 / 1.5]);
  });

  it('lets exact matches alone decide when votes are weighed', () => {
    const model = knn({ k: 3, weights: 'distance' }).fit(matrix([[0], [0], [1]]), numbers(1, 3, 100));
    expect([...model.predict(matrix([[0]]))]).toEqual([2]);
  });

  it('asks every row when there are fewer than k', () => {
    const model = knn({ k: 50 }).fit(matrix([[0], [1]]), numbers(1, 2));
    expect([...model.predict(matrix([[7]]))]).toEqual([1.5]);
  });

  it('tells neighbours apart in a column far from zero, where single precision alone could not', () => {
    const seconds = [1.7e9, 1.7e9 + 10, 1.7e9 + 20];
    const model = knn({ k: 1 }).fit(matrix(seconds.map((second) => [second])), numbers(1, 2, 3));
    expect([...model.predict(matrix([[1.7e9 + 11], [1.7e9 + 19]]))]).toEqual([2, 3]);
  });

  it('has neighbours for numbers of any size', () => {
    const model = knn({ k: 2 }).fit(matrix([[0], [1], [1e300]]), numbers(1, 2, 3));
    expect([...model.predict(matrix([[1e308], [-1e308], [Number.MAX_VALUE]]))].every(Number.isFinite)).toBe(true);
  });
});
