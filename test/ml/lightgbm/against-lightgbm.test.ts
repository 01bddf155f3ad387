import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type GradientBoostingOptions,
  gradientBoosting,
  type LabelKind,
  type Labels,
  type Matrix,
  type Model,
} from '#ml';
import { seededRandom } from '../../../src/ml/evaluation/random.ts';
import { readModelText } from '../../../src/ml/lightgbm/read-model-text.ts';
import { meanSums, treeExplainer } from '../../../src/ml/trees/tree-contributions.ts';
import { hasLightgbm, toolsForTests } from './lightgbm-for-tests.ts';
import { openOracle } from './oracle.ts';

const COLUMNS = ['size', 'depth', 'sparse', 'kind', 'place'];
const CODED = [3, 4];
const PLACES = 70;

/** Numbers with gaps, numbers that are mostly zero, and codes of few and of many categories, some of them missing. */
function rowsOf(rowCount: number, seed: number): Matrix {
  const random = seededRandom(seed);
  const orMissing = (value: number, share: number) => (random() < share ? Number.NaN : value);
  const values = Array.from({ length: rowCount }, () => [
    orMissing(random() * 10 - 5, 0.1),
    Math.round(random() * 20) / 4,
    random() < 0.7 ? 0 : random() - 0.3,
    orMissing(Math.floor(random() * 3), 0.2),
    orMissing(Math.floor(random() * PLACES), 0.05),
  ]).flat();
  return { columns: COLUMNS, coded: CODED, rowCount, values: Float64Array.from(values) };
}

const HOSTILE = [
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 1e-35, -1e-35, 1e-40, -1e-40],
  ...[Math.fround(1e-35), -Math.fround(1e-35), 1e308, -1e308, 5e-324, -1, -0.5, 0.5, 2.9, 69, 70, 95, 96, 1e6],
];

/** Rows of which every number may be one that no training had. */
function hostileRows(rowCount: number, seed: number): Matrix {
  const random = seededRandom(seed);
  const { values, ...rest } = rowsOf(rowCount, seed + 1);
  return {
    ...rest,
    values: values.map((value) => (random() < 0.4 ? HOSTILE[Math.floor(random() * HOSTILE.length)]! : value)),
  };
}

function labelsOf({ rowCount, values, columns }: Matrix, label: LabelKind): Labels {
  const random = seededRandom(9);
  const score = (row: number): number => {
    const [size = 0, depth = 0, sparse = 0, kind = 0, place = 0] = values.subarray(row * columns.length);
    const known = (value: number, otherwise: number) => (Number.isNaN(value) ? otherwise : value);
    return (
      Math.sin(known(size, 2)) + depth / 3 + sparse + (known(kind, 1) === 1 ? 1 : 0) + (known(place, 7) % 7 < 2 ? 1 : 0)
    );
  };
  const classes = label.kind === 'classification' ? label.classes.length : 0;
  return {
    label,
    values: Float64Array.from({ length: rowCount }, (_, row) => {
      const value = score(row) + random();
      return label.kind === 'regression'
        ? Math.max(0, value)
        : Math.min(classes - 1, Math.max(0, Math.floor((value * classes) / 5)));
    }),
  };
}

const BINARY: LabelKind = { kind: 'classification', classes: ['no', 'yes'] };
const FOUR: LabelKind = { kind: 'classification', classes: ['a', 'b', 'c', 'd'] };
const NUMBER: LabelKind = { kind: 'regression' };

const CASES: readonly (readonly [string, LabelKind, Omit<GradientBoostingOptions, 'engine'>])[] = [
  ['two classes', BINARY, {}],
  [
    'four classes, balanced, with shares of rows and columns',
    FOUR,
    { classWeights: 'balanced', rowShare: 0.7, columnShare: 0.7 },
  ],
  ['a number', NUMBER, {}],
  ['a quantile, stopped early', NUMBER, { loss: 'quantile', quantile: 0.9, earlyStopping: { patience: 5 } }],
  ['a rate', NUMBER, { loss: 'poisson', l2: 3, bins: 15 }],
];

describe.skipIf(!hasLightgbm()).each(CASES)('trees of LightGBM for %s', (_, label, settings) => {
  const training = rowsOf(2_000, 3);
  const rows = hostileRows(10_000, 5);
  const outputs = label.kind === 'classification' && label.classes.length > 2 ? label.classes.length : 1;
  let model: Model;
  let text: string;
  beforeAll(async () => {
    const tools = toolsForTests();
    const labels = labelsOf(training, label);
    model = await gradientBoosting({ engine: 'lightgbm', trees: 40, ...settings }).fit(training, labels, tools);
    text = readFileSync(path.join(tools.folder, 'model.txt'), 'utf8');
  });

  it('predict 10,000 hostile rows as LightGBM does', () => {
    const expected = openOracle(text).predict(rows, outputs);
    const found = model.predict(rows);
    const ofSecond = label.kind === 'classification' && outputs === 1;
    const differences = Array.from(expected, (value, at) => Math.abs(value - found[ofSecond ? 2 * at + 1 : at]!));
    expect(Math.max(...differences.map((each, at) => each / Math.max(1, Math.abs(expected[at]!))))).toBeLessThan(1e-9);
    // Not all the same: the rows reach different leaves.
    expect(new Set(expected).size).toBeGreaterThan(1_000);
  });

  it('predict a row alone as among others, bit for bit', () => {
    const together = model.predict(rows);
    const width = together.length / rows.rowCount;
    for (let row = 0; row < 500; row += 1) {
      const values = rows.values.slice(row * COLUMNS.length, (row + 1) * COLUMNS.length);
      const alone = model.predict({ columns: COLUMNS, rowCount: 1, values });
      expect(alone).toEqual(together.slice(row * width, (row + 1) * width));
    }
  });

  it('are explained as LightGBM explains them', () => {
    const few: Matrix = { ...rows, rowCount: 200, values: rows.values.slice(0, 200 * COLUMNS.length) };
    const trees = readModelText(text, { label, columns: COLUMNS });
    const expected = openOracle(text).contributions(few, outputs);
    const explain = treeExplainer(trees, { groupOf: Int32Array.from(COLUMNS.keys()), groupCount: COLUMNS.length });
    const means = meanSums(trees);
    const stride = COLUMNS.length + 1;
    for (let row = 0; row < few.rowCount; row += 1) {
      const values = few.values.subarray(row * COLUMNS.length, (row + 1) * COLUMNS.length);
      const found = explain(values);
      for (let output = 0; output < outputs; output += 1) {
        const theirs = expected.subarray((row * outputs + output) * stride, (row * outputs + output + 1) * stride);
        const own = [...found.subarray(output * COLUMNS.length, (output + 1) * COLUMNS.length), means[output]!];
        for (const [at, value] of own.entries()) expect(Math.abs(value - theirs[at]!)).toBeLessThan(1e-6);
      }
    }
  });
});
