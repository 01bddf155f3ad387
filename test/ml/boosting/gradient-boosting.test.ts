import { describe, expect, it } from 'vitest';
import { gradientBoosting, type Labels, type Matrix } from '#ml';
import { boost } from '../../../src/ml/boosting/boost.ts';
import { seededRandom } from '../../../src/ml/evaluation/random.ts';
import { plainHistograms } from '../../../src/ml/kernels/histograms.ts';
import { writeTrees } from '../../../src/ml/trees/tree-payload.ts';
import { testEstimator } from '../../suites/estimator.ts';

const COLUMNS = ['x', 'noise', 'place'];
const PLACES = 40;

/** `x` is missing in a tenth of the rows, and there the label is high; a fifth of the places have a high one too. */
function rowsOf(rowCount: number, seed: number): Matrix {
  const random = seededRandom(seed);
  const values = Array.from({ length: rowCount }, () => [
    random() < 0.1 ? Number.NaN : random() * 10,
    random() * 10,
    Math.floor(random() * PLACES),
  ]);
  return { columns: COLUMNS, coded: [2], rowCount, values: Float64Array.from(values.flat()) };
}

const scoreOf = ([x = 0, , place = 0]: ArrayLike<number> & Iterable<number>): number =>
  (Number.isNaN(x) ? 9 : x) + (place % 5 === 0 ? 6 : 0);

function labelsOf({ rowCount, values }: Matrix, classes: number): Labels {
  const random = seededRandom(11);
  const noisy = Float64Array.from({ length: rowCount }, (_, row) => scoreOf(values.subarray(row * 3)) + random());
  if (classes === 0) return { label: { kind: 'regression' }, values: noisy };
  const label = { kind: 'classification', classes: ['a', 'b', 'c', 'd'].slice(0, classes) } as const;
  return { label, values: noisy.map((value) => Math.min(classes - 1, Math.floor((value * classes) / 17))) };
}

const rows = rowsOf(2_000, 4);
const later = rowsOf(500, 5);

/** The share of later rows whose class is the most probable one. */
async function accuracyOf(settings: Parameters<typeof gradientBoosting>[0], classes: number): Promise<number> {
  const model = await gradientBoosting(settings).fit(rows, labelsOf(rows, classes));
  const predicted = model.predict(later);
  const truth = labelsOf(later, classes).values;
  const right = truth.filter((label, row) => {
    const own = predicted.subarray(row * classes, (row + 1) * classes);
    return own.indexOf(Math.max(...own)) === label;
  });
  return right.length / truth.length;
}

describe('gradient boosting by the kernel of Weir', () => {
  testEstimator('gradient-boosting', () => gradientBoosting({ trees: 5, leafRowsMin: 1 }), { runs: 8 });

  it('learns from numbers, from what is missing and from categories', async () => {
    const model = await gradientBoosting().fit(rows, labelsOf(rows, 0));
    const truth = labelsOf(later, 0).values;
    const errors = model.predict(later).map((value, row) => (value - truth[row]!) ** 2);
    // The noise of the labels alone has a mean squared error of 1/12.
    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(0.2);
  });

  it('learns two and more classes', async () => {
    expect(await accuracyOf({}, 2)).toBeGreaterThan(0.94);
    expect(await accuracyOf({}, 4)).toBeGreaterThan(0.9);
    expect(await accuracyOf({ rowShare: 0.5, columnShare: 0.7, classWeights: 'balanced' }, 4)).toBeGreaterThan(0.88);
  });

  it('makes the same trees with the SIMD kernel as without it', () => {
    const { settings } = gradientBoosting({ trees: 20, rowShare: 0.6, columnShare: 0.7, earlyStopping: {} });
    for (const classes of [0, 2, 3]) {
      const labels = labelsOf(rows, classes);
      const simd = boost(rows, labels, { settings });
      expect(writeTrees(boost(rows, labels, { settings, histograms: plainHistograms }))).toEqual(writeTrees(simd));
    }
  });

  it('stops when the rows that it kept are predicted no better', async () => {
    const said: string[] = [];
    const tools = { folder: '', lightgbm: () => ({ file: '', sha256: '' }), log: (line: string) => said.push(line) };
    const settings = { trees: 2_000, learningRate: 0.5, earlyStopping: { patience: 5 } };
    await gradientBoosting(settings).fit(rows, labelsOf(rows, 0), tools);
    expect(said.at(-1)).toMatch(/^\d+ iterations, of which the first \d+ count$/);
  });

  it('keeps leaves of the rows that it is told, and as many of them', async () => {
    const labels = labelsOf(rows, 0);
    const trees = boost(rows, labels, { settings: gradientBoosting({ leaves: 7, leafRowsMin: 80 }).settings });
    expect(Math.min(...trees.leafCovers)).toBeGreaterThanOrEqual(80);
    expect(trees.leaves.length / trees.roots.length).toBeLessThanOrEqual(7);
  });

  it('refuses what LightGBM alone can do', () => {
    for (const settings of [{ monotone: { x: 'rising' } }, { loss: 'quantile' }, { bins: 300 }] as const)
      expect(() => gradientBoosting(settings)).toThrow(/Set engine: 'lightgbm', or leave it out/);
  });

  it('refuses class weights that fit no class, and those of numbers', async () => {
    const classes = gradientBoosting({ classWeights: { z: 2 } });
    await expect(classes.fit(rows, labelsOf(rows, 2))).rejects.toThrow('those are a, b');
    const balanced = gradientBoosting({ classWeights: 'balanced' });
    await expect(balanced.fit(rows, labelsOf(rows, 0))).rejects.toThrow('the label is a number');
  });
});
