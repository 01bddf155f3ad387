import { describe, it } from 'vitest';
import { knn, linearRegression, logisticRegression, mostFrequent } from '#ml';

describe('the settings of an estimator', () => {
  it('are the names and values that it knows', () => {
    knn({ k: 25, weights: 'distance' });
    logisticRegression({ penalty: 0.1, iterationsMax: 10 });
    linearRegression({ penalty: 0.1 });
    mostFrequent();
    // @ts-expect-error: no such setting.
    knn({ kk: 25 });
    // @ts-expect-error: no such value.
    knn({ weights: 'far' });
    // @ts-expect-error: no such setting.
    logisticRegression({ alpha: 1 });
    // @ts-expect-error: a text is no number.
    linearRegression({ penalty: '1' });
    // @ts-expect-error: it has no settings.
    mostFrequent({ k: 1 });
  });
});
