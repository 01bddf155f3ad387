import { describe, expect, it } from 'vitest';
import { estimatorKinds, estimatorOf, knn, linearRegression, logisticRegression, mostFrequent, tieRuleOf } from '#ml';
import { testEstimator } from '../../suites/estimator.ts';

testEstimator('knn, uniform', () => knn({ k: 3 }));
testEstimator('knn, by distance', () => knn({ k: 4, weights: 'distance' }));
testEstimator('knn of one', () => knn({ k: 1 }));
testEstimator('logistic-regression', () => logisticRegression(), { labels: ['classification'] });
testEstimator('linear-regression', () => linearRegression(), { labels: ['regression'] });
testEstimator('most-frequent', () => mostFrequent());

describe('estimators by name', () => {
  it('are made from the kind and settings that config and manifests write', () => {
    const settings = (kind: string) => (kind === 'gradient-boosting' ? { engine: 'lightgbm' } : {});
    for (const kind of estimatorKinds) expect(estimatorOf(kind, settings(kind)).kind).toBe(kind);
    expect(estimatorOf('knn', { k: 7 }).settings).toEqual({ k: 7, weights: 'uniform' });
    expect(tieRuleOf('knn')).toContain('lowest training row id');
  });

  it('are refused when nobody knows them or their settings', () => {
    expect(() => estimatorOf('oracle')).toThrow(
      'Those that exist: knn, logistic-regression, linear-regression, gradient-boosting, most-frequent',
    );
    expect(() => estimatorOf('knn', { k: 0 })).toThrow('Settings of the estimator "knn"');
    expect(() => estimatorOf('knn', { neighbours: 3 })).toThrow('neighbours');
  });

  it('do not read one another', () => {
    const training = { columns: ['x'], rowCount: 1, values: Float64Array.of(1) };
    const payload = mostFrequent()
      .fit(training, { label: { kind: 'regression' }, values: Float64Array.of(1) })
      .payload();
    expect(() => knn().load(payload)).toThrow('holds a "most-frequent" model');
  });
});
