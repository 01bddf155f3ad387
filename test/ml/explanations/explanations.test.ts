import { describe, expect, it } from 'vitest';
import { knn, type Labels, linearRegression, logisticRegression, type Matrix, type Model, mostFrequent } from '#ml';
import type { Contributions } from '../../../src/ml/estimators/estimator.ts';
import { seededRandom } from '../../../src/ml/evaluation/random.ts';
import { sampledShapley } from '../../../src/ml/explanations/sampled-shapley.ts';

const COLUMNS = ['length', 'hull=wood', 'hull=steel', 'sails', 'age'];
/** The two columns of the hull are one feature. */
const GROUPS = [[0], [1, 2], [3], [4]];
const THREE = { kind: 'classification', classes: ['sunk', 'afloat', 'ashore'] } as const;
const TWO = { kind: 'classification', classes: ['sunk', 'afloat'] } as const;
const NUMBER = { kind: 'regression' } as const;

function matrixOf(rowCount: number, seed: number): Matrix {
  const random = seededRandom(seed);
  const rows = Array.from({ length: rowCount }, () => {
    const isWood = random() < 0.5;
    return [random() * 4 - 2, isWood ? 1 : 0, isWood ? 0 : 1, random() < 0.3 ? 1 : 0, random() * 2];
  });
  return { columns: COLUMNS, rowCount, values: Float64Array.from(rows.flat()) };
}

/** Labels that depend on two columns together, so that no sum of columns explains them. */
function labelsOf(matrix: Matrix, label: Labels['label']): Labels {
  const values = Float64Array.from({ length: matrix.rowCount }, (_, row) => {
    const [length = 0, wood = 0, , sails = 0, age = 0] = matrix.values.subarray(row * 5, row * 5 + 5);
    const score = length * (wood === 1 ? 1 : -1) + sails * age;
    if (label.kind === 'regression') return score;
    return label.classes.length === 2 ? Number(score > 0) : score > 1 ? 2 : score > 0 ? 1 : 0;
  });
  return { label, values };
}

const training = matrixOf(60, 1);
const background = matrixOf(6, 2);
const explained = matrixOf(5, 3);
const question = { background, groups: GROUPS };

/** Shapley values by their definition: over every set of the other features, over every row of the background. */
function enumerated(outputOf: (matrix: Matrix) => Float64Array, row: number): { base: number; values: number[] } {
  const count = GROUPS.length;
  const worth = Array.from({ length: 2 ** count }, (_, set) => {
    const values = background.values.slice();
    for (let at = 0; at < background.rowCount; at += 1)
      for (const [group, columns] of GROUPS.entries())
        if ((set >> group) & 1)
          for (const column of columns) values[at * 5 + column] = explained.values[row * 5 + column] ?? 0;
    const outputs = outputOf({ ...background, values });
    return outputs.reduce((sum, output) => sum + output / outputs.length, 0);
  });
  const factorial = (number: number): number => (number < 2 ? 1 : number * factorial(number - 1));
  const values = GROUPS.map((_, group) => {
    let value = 0;
    for (let set = 0; set < 2 ** count; set += 1) {
      if ((set >> group) & 1) continue;
      const size = GROUPS.filter((__, other) => (set >> other) & 1).length;
      const weight = (factorial(size) * factorial(count - size - 1)) / factorial(count);
      value += weight * ((worth[set | (1 << group)] ?? 0) - (worth[set] ?? 0));
    }
    return value;
  });
  return { base: worth[0] ?? 0, values };
}

/** The output that is explained, of every row of a matrix. */
function outputOf(model: Model, { of, classes }: Contributions, row: number): (matrix: Matrix) => Float64Array {
  const answers = model.label.kind === 'regression' ? 1 : model.label.classes.length;
  const chosen = classes?.[row] ?? 0;
  return (matrix) => {
    const predicted = model.predict(matrix);
    return Float64Array.from({ length: matrix.rowCount }, (_, at) => {
      const all = Array.from(predicted.subarray(at * answers, (at + 1) * answers));
      const own = all[chosen] ?? 0;
      if (of !== 'log-odds') return own;
      const others = all.filter((__, index) => index !== chosen);
      return Math.log(own) - others.reduce((sum, other) => sum + Math.log(other) / others.length, 0);
    });
  };
}

const explain = (model: Model): Contributions =>
  model.explain?.(explained, question) ?? sampledShapley(model, { matrix: explained, ...question });
const contributionsOf = ({ values }: Contributions, row: number): readonly number[] =>
  Array.from(values.subarray(row * GROUPS.length, (row + 1) * GROUPS.length));

const EXACT = [
  ['a linear regression', linearRegression({ penalty: 0.1 }), NUMBER],
  ['a logistic regression of two classes', logisticRegression(), TWO],
  ['a logistic regression of three classes', logisticRegression(), THREE],
] as const;
const SAMPLED = [
  ['neighbours that vote on classes', knn({ k: 5 }), THREE],
  ['neighbours that average numbers', knn({ k: 5, weights: 'distance' }), NUMBER],
  ['the most frequent class', mostFrequent(), THREE],
] as const;

describe('contributions of columns', () => {
  it.each([...EXACT, ...SAMPLED])('of %s add up with their base to what the model says', (_, estimator, label) => {
    const model = estimator.fit(training, labelsOf(training, label));
    const found = explain(model);
    for (let row = 0; row < explained.rowCount; row += 1) {
      const sum = contributionsOf(found, row).reduce((total, each) => total + each, found.bases[row] ?? 0);
      const said = outputOf(model, found, row)(explained)[row] ?? Number.NaN;
      expect(found.outputs[row]).toBeCloseTo(said, 9);
      expect(sum).toBeCloseTo(said, 9);
    }
  });

  it.each(EXACT)('of %s are the Shapley values that an enumeration gives', (_, estimator, label) => {
    const model = estimator.fit(training, labelsOf(training, label));
    const found = explain(model);
    expect(found.isExact).toBe(true);
    for (let row = 0; row < explained.rowCount; row += 1) {
      const { base, values } = enumerated(outputOf(model, found, row), row);
      expect(found.bases[row]).toBeCloseTo(base, 9);
      for (const [group, value] of contributionsOf(found, row).entries())
        expect(value).toBeCloseTo(values[group] ?? 0, 9);
    }
  });

  it.each(SAMPLED)('of %s are near the Shapley values that an enumeration gives', (_, estimator, label) => {
    const model = estimator.fit(training, labelsOf(training, label));
    const found = explain(model);
    expect(found.isExact).toBe(false);
    for (let row = 0; row < explained.rowCount; row += 1) {
      const { base, values } = enumerated(outputOf(model, found, row), row);
      const size = Math.max(1, ...values.map(Math.abs));
      expect(found.bases[row]).toBeCloseTo(base, 9);
      for (const [group, value] of contributionsOf(found, row).entries())
        expect(Math.abs(value - (values[group] ?? 0))).toBeLessThan(0.15 * size);
    }
  });

  it('of a model of any kind are exact with two columns, and the same at every time', () => {
    const model = knn({ k: 5 }).fit(training, labelsOf(training, THREE));
    const two = {
      background,
      groups: [
        [0, 1, 2],
        [3, 4],
      ],
    };
    const found = sampledShapley(model, { matrix: explained, ...two });
    expect(found.isExact).toBe(true);
    expect(sampledShapley(model, { matrix: explained, ...two })).toEqual(found);
  });

  it('are zero for a column that the model does not depend on', () => {
    const found = explain(mostFrequent().fit(training, labelsOf(training, NUMBER)));
    expect(Array.from(found.values).every((value) => value === 0)).toBe(true);
  });
});
