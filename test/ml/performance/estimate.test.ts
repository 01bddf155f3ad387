import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foldPredictionCounts, forgetPredictions, newestPerformance, performanceByDay, storeLabels } from '#ml';
import type { Database } from '#store';
import { seededRandom } from '../../../src/ml/evaluation/random.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { accuracyOf, type Curve, estimatedAccuracy, readRows } from './independent.ts';

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const day = (number: number): Date => new Date(Date.UTC(2026, 0, number));
const bounds = [1, 2, 3, 4, 5].map(day);

interface Version {
  readonly model: string;
  readonly version: number;
  readonly calibration?: unknown;
  readonly metrics?: unknown;
  readonly rows?: number;
}

/** A registered version, as far as its performance is concerned. */
async function register({ model, version, calibration, metrics = {}, rows = 400 }: Version): Promise<void> {
  const manifest = { evaluation: { rows, ...(calibration === undefined ? {} : { calibration }) } };
  await database.query(
    `insert into model_versions (model, version, estimator, manifest, metrics, files, dataset_version, training_key)
     values ($1, $2, 'knn', $3, $4, '{}', 'd', $5)`,
    [model, version, JSON.stringify(manifest), JSON.stringify(metrics), String(version)],
  );
}

interface Given {
  readonly model: string;
  readonly at: Date;
  readonly version?: number;
  readonly rowId?: string;
  readonly prediction: string | number;
  readonly probability?: number;
}

async function predict(given: readonly Given[]): Promise<readonly string[]> {
  const rows = await database.query<{ id: string }>(
    `insert into predictions (at, model, model_version, source, features, prediction, probability, row_number, row_id)
     select (g ->> 'at')::timestamptz, g ->> 'model', coalesce((g -> 'version')::integer, 1), 'api', '{}', g -> 'prediction',
            (g -> 'probability')::float8, 0, g ->> 'rowId' from jsonb_array_elements($1::jsonb) as g returning id`,
    [JSON.stringify(given)],
  );
  return rows.map(({ id }) => id);
}

describe('the performance of many predictions', () => {
  const model = 'boats';
  const curves = new Map<number, readonly Curve[]>([
    [
      1,
      [
        { class: 'sinks', confidence: [0.4, 0.55, 0.7, 0.9], correct: [0.3, 0.5, 0.5, 0.95] },
        { class: 'floats', confidence: [0.6], correct: [0.8] },
      ],
    ],
    [2, [{ class: 'floats', confidence: [0.5, 1], correct: [0.5, 1] }]],
  ]);

  it('equals a computation prediction by prediction, however labels, corrections and folds follow each other', async () => {
    for (const [version, each] of curves) await register({ model, version, calibration: { curves: each } });
    const random = seededRandom(7);
    const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
    const ids: string[] = [];
    for (let round = 0; round < 12; round += 1) {
      ids.push(
        ...(await predict(
          Array.from({ length: 40 }, () => ({
            ...{ model, at: new Date(+day(1) + random() * 4 * 86_400_000), version: pick([1, 1, 2, 3]) },
            ...{
              rowId: `r${Math.floor(random() * 400)}`,
              prediction: pick(['sinks', 'floats']),
              probability: random(),
            },
          })),
        )),
      );
      const labels = Array.from({ length: 25 }, () => ({
        ...(random() < 0.7 ? { rowId: `r${Math.floor(random() * 400)}` } : { predictionId: pick(ids) }),
        ...{ value: pick(['sinks', 'floats']), observedAt: new Date(+day(6) + random() * 86_400_000) },
      }));
      await storeLabels(database, { model, source: 'api', labels });
      if (random() < 0.4) await foldPredictionCounts(database);
      if (random() < 0.4) await performanceByDay(database, { model, bounds });
    }
    const rows = await readRows(database, model);
    const found = await performanceByDay(database, { model, bounds });
    expect(found.isComplete).toBe(true);
    const cases = [
      { found: found.total, rows },
      ...found.days.map((each, index) => ({
        found: each,
        rows: rows.filter(({ at }) => at >= (bounds[index] ?? at) && at < (bounds[index + 1] ?? at)),
      })),
      ...found.versions.map((each) => ({ found: each, rows: rows.filter(({ version }) => version === each.version) })),
    ];
    expect(cases).toHaveLength(8);
    for (const each of cases) {
      expect(each.found.predictions).toBe(each.rows.length);
      expect(each.found.labelled).toBe(each.rows.filter(({ label }) => label !== null).length);
      expect(each.found.metrics.accuracy?.value).toBeCloseTo(accuracyOf(each.rows), 12);
      const estimated = estimatedAccuracy(each.rows, curves);
      if (Number.isNaN(estimated)) expect(each.found.estimate).toBeUndefined();
      else expect(each.found.estimate?.metrics.accuracy?.value).toBeCloseTo(estimated, 12);
    }
    // Version 3 says nothing of its test rows, so neither are its predictions estimated nor all labels compared.
    expect(found.versions.map(({ version }) => version)).toEqual([3, 2, 1]);
    expect(found.versions[0]).not.toHaveProperty('estimate');
    expect(found.total).not.toHaveProperty('estimateOfLabelled');
    const [, , first] = found.versions;
    const known = rows.filter(({ version, label }) => version === 1 && label !== null);
    expect(first?.estimateOfLabelled?.accuracy?.value).toBeCloseTo(estimatedAccuracy(known, curves), 12);
  });

  it('is of one version where it is asked for', async () => {
    const rows = (await readRows(database, model)).filter(({ version }) => version === 2);
    const { total, versions } = await performanceByDay(database, { model, bounds, version: 2 });
    expect(total).toMatchObject({ predictions: rows.length, metrics: { accuracy: { value: accuracyOf(rows) } } });
    expect(versions).toHaveLength(1);
  });

  it('is forgotten with the predictions', async () => {
    await forgetPredictions(database, { ageDaysMax: 1 });
    const { total } = await performanceByDay(database, { model, bounds });
    expect(total.predictions).toBe(0);
  });
});

describe('the estimate', () => {
  it('has an interval as wide as labels vary, and as the test rows varied', async () => {
    const calibration = { curves: [{ class: 'yes', confidence: [0.5], correct: [0.8] }] };
    await register({ model: 'kites', version: 1, calibration, rows: 100 });
    await predict(
      Array.from({ length: 400 }, () => ({ model: 'kites', at: day(2), prediction: 'yes', probability: 0.9 })),
    );
    const { total } = await performanceByDay(database, { model: 'kites', bounds });
    const { value = 0, low = 0, high = 0 } = total.estimate?.metrics.accuracy ?? {};
    expect(value).toBeCloseTo(0.8, 12);
    const deviation = Math.sqrt(0.16 / 400 + 0.16 / 100);
    expect([(value - low) / deviation, (high - value) / deviation]).toEqual([
      expect.closeTo(1.96, 4),
      expect.closeTo(1.96, 4),
    ]);
  });

  it('of numbers is the error of the test rows that were predicted alike', async () => {
    const bins = [
      { absolute: 1, absoluteVariance: 0.5, square: 2, squareVariance: 3 },
      { absolute: 3, absoluteVariance: 1, square: 10, squareVariance: 20 },
    ];
    await register({ model: 'rafts', version: 1, calibration: { edges: [10], bins } });
    await predict(
      [9, 10, 11, -5].map((prediction) => ({ model: 'rafts', at: day(2), rowId: `${prediction}`, prediction })),
    );
    await storeLabels(database, { model: 'rafts', source: 'api', labels: [{ rowId: '10', value: 14 }] });
    const { total } = await performanceByDay(database, { model: 'rafts', bounds });
    const { rmse, mae, mean_error: bias } = total.estimate?.metrics ?? {};
    expect([rmse?.value, mae?.value, bias]).toEqual([Math.sqrt(6), 2, undefined]);
    expect(mae?.high).toBeCloseTo(2 + 1.959964 * Math.sqrt((3 / 16) * (1 + 4 / 400)), 6);
    expect(total.estimateOfLabelled).toMatchObject({ rmse: { value: Math.sqrt(10) }, mae: { value: 3 } });
    expect(total.metrics).toMatchObject({ rmse: { value: 4 }, mae: { value: 4 } });
  });
});

describe('the newest performance of the champion', () => {
  const of = (model: string, labels: number, until = day(9)) =>
    newestPerformance(database, { model, labels, tolerance: 0.02, until });

  it('is of the newest quarters of an hour with labels enough, and worse only beyond doubt', async () => {
    await register({ model: 'ferries', version: 1, metrics: { accuracy: { value: 0.9 } } });
    await database.query(
      `insert into promotions (model, alias, version, actor, reason) values ('ferries', 'champion', 1, 'kim', 'first')`,
    );
    const rows = [1, 2, 3].flatMap((number) =>
      Array.from({ length: 40 }, (_, index) => ({ number, rowId: `${number}-${index}` })),
    );
    await predict(rows.map(({ number, rowId }) => ({ model: 'ferries', at: day(number), rowId, prediction: 'yes' })));
    expect(await of('ferries', 30)).toBeUndefined();
    const wrong = { 1: 0, 2: 5, 3: 20 };
    const labels = rows.map(({ number, rowId }) => ({
      rowId,
      value: Number(rowId.split('-')[1]) < (wrong[number as 1 | 2 | 3] ?? 0) ? 'no' : 'yes',
    }));
    await storeLabels(database, { model: 'ferries', source: 'api', labels });
    expect(await of('ferries', 30)).toMatchObject({
      ...{ version: 1, from: day(3), labelled: 40, metric: 'accuracy', verdict: 'worse', realised: { value: 0.5 } },
      gate: expect.closeTo(0.88),
    });
    // 35 of 40 may well come from an accuracy of 0.88.
    expect(await of('ferries', 30, day(3))).toMatchObject({ verdict: 'good enough', realised: { value: 35 / 40 } });
    expect(await of('ferries', 41, day(3))).toMatchObject({ from: day(1), labelled: 80, realised: { value: 75 / 80 } });
    expect(await of('ferries', 121)).toBeUndefined();
  });

  it('is not known without a champion', async () => {
    expect(await of('tugs', 1)).toBeUndefined();
  });
});
