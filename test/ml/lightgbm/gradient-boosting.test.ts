import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type GradientBoostingOptions, gradientBoosting, type Labels, type Matrix } from '#ml';
import { seededRandom } from '../../../src/ml/evaluation/random.ts';
import { testEstimator } from '../../suites/estimator.ts';
import { hasLightgbm, lightgbmForTests, toolsForTests } from './lightgbm-for-tests.ts';

const boosting = (settings: Omit<GradientBoostingOptions, 'engine'> = {}) =>
  gradientBoosting({ engine: 'lightgbm', ...settings });

const rowCount = 600;
const random = seededRandom(4);
const rows: Matrix = {
  columns: ['x', 'noise'],
  rowCount,
  values: Float64Array.from({ length: rowCount * 2 }, () => random() * 10),
};
/** Rises with x on the whole, and falls again between 4 and 6. */
const numbers: Labels = {
  label: { kind: 'regression' },
  values: Float64Array.from({ length: rowCount }, (_, row) => {
    const x = rows.values[row * 2]!;
    return x + (x > 4 && x < 6 ? -4 : 0) + random();
  }),
};

describe.skipIf(!hasLightgbm())('gradient boosting', () => {
  testEstimator('gradient-boosting', () => boosting({ trees: 5, leafRowsMin: 1 }), { tools: toolsForTests, runs: 4 });

  it('is the same on any number of threads', async () => {
    const payloads = [1, 2, 3].map(async (threads) =>
      (await boosting({ threads, rowShare: 0.8, columnShare: 0.5 }).fit(rows, numbers, toolsForTests())).payload(),
    );
    const [first, ...others] = await Promise.all(payloads);
    for (const other of others) expect(other).toEqual(first);
  });

  it('only rises with a column that is said to, where the rows do not', async () => {
    const line: Matrix = {
      columns: rows.columns,
      rowCount: 100,
      values: Float64Array.from({ length: 200 }, (_, at) => (at % 2 === 0 ? at / 20 : 5)),
    };
    const falls = (predicted: Float64Array) => predicted.some((value, row) => row > 0 && value < predicted[row - 1]!);
    const free = await boosting().fit(rows, numbers, toolsForTests());
    const held = await boosting({ monotone: { x: 'rising' } }).fit(rows, numbers, toolsForTests());
    expect(falls(free.predict(line))).toBe(true);
    expect(falls(held.predict(line))).toBe(false);
  });

  it('predicts the quantile that it is asked for', async () => {
    const model = await boosting({ loss: 'quantile', quantile: 0.9, trees: 60 }).fit(rows, numbers, toolsForTests());
    const below = model.predict(rows).filter((value, row) => numbers.values[row]! <= value).length / rowCount;
    expect(below).toBeGreaterThan(0.85);
    expect(below).toBeLessThan(0.97);
  });

  it('stops when the rows that it kept are predicted no better', async () => {
    const said: string[] = [];
    const tools = toolsForTests({ log: (line) => said.push(line) });
    await boosting({ trees: 2_000, learningRate: 0.5, earlyStopping: { patience: 5 } }).fit(rows, numbers, tools);
    expect(said.at(-1)).toMatch(/^LightGBM: \d+ iterations, the best of \d+$/);
  });

  it('refuses what does not fit the label or the features, before it trains', async () => {
    const classes: Labels = {
      label: { kind: 'classification', classes: ['a', 'b'] },
      values: numbers.values.map((value) => (value > 5 ? 1 : 0)),
    };
    await expect(boosting({ loss: 'huber' }).fit(rows, classes, toolsForTests())).rejects.toThrow('has classes');
    await expect(boosting({ classWeights: 'balanced' }).fit(rows, numbers, toolsForTests())).rejects.toThrow(
      'is a number',
    );
    await expect(boosting({ classWeights: { c: 2 } }).fit(rows, classes, toolsForTests())).rejects.toThrow(
      'those are a, b',
    );
    await expect(boosting({ monotone: { y: 'rising' } }).fit(rows, numbers, toolsForTests())).rejects.toThrow(
      'those are x, noise',
    );
  });

  it('passes on what LightGBM refuses', async () => {
    const negative = { ...numbers, values: numbers.values.map((value) => -value) };
    await expect(boosting({ loss: 'poisson' }).fit(rows, negative, toolsForTests())).rejects.toMatchObject({
      code: 'training_impossible',
      message: expect.stringContaining('LightGBM refused the training'),
    });
  });

  it('ends with the training that is cancelled', async () => {
    const cancel = new AbortController();
    const tools = toolsForTests({ signal: cancel.signal, log: () => cancel.abort(new Error('cancelled')) });
    await expect(boosting({ trees: 100_000 }).fit(rows, numbers, tools)).rejects.toThrow('cancelled');
  });

  it('does not load a library with another digest', async () => {
    const tools = toolsForTests();
    const file = path.join(tools.folder, 'changed.so');
    copyFileSync(lightgbmForTests().file, file);
    const bytes = readFileSync(file);
    bytes[4_096] = (bytes[4_096] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    const changed = { ...tools, lightgbm: () => ({ ...lightgbmForTests(), file }) };
    await expect(boosting().fit(rows, numbers, changed)).rejects.toThrow(/expected 573d57e8.* It was not loaded/);
  });
});

describe('without the library', () => {
  it('says how to fetch it', async () => {
    const missing = { file: '/nowhere/lib_lightgbm.so', sha256: '0'.repeat(64) };
    await expect(boosting().fit(rows, numbers, toolsForTests({ lightgbm: () => missing }))).rejects.toMatchObject({
      code: 'library_missing',
      message: expect.stringContaining('Fetch it: weir native add lightgbm'),
    });
  });
});
