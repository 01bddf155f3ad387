import { describe, expect, it } from 'vitest';
import { toNumberFacts } from '../../src/web/number-summary.ts';

const STYLE = { unit: '€', decimals: 0 };

describe('the summary of predictions', () => {
  it('has average, median and range of numbers', () => {
    const items = Array.from({ length: 101 }, (_, at) => ({ prediction: 1000 + at }));
    expect(toNumberFacts(items, STYLE)).toEqual([
      { value: '1,050 €', about: 'on average' },
      { value: '1,050 €', about: 'median' },
      { value: '1,010 € to 1,090 €', about: 'middle 80 %' },
    ]);
  });

  it('has their errors where labels are known', () => {
    const items = [{ prediction: 1000, error: -100 }, { prediction: 2000, error: 300 }, { prediction: 3000 }];
    expect(toNumberFacts(items, STYLE).slice(3)).toEqual([
      { value: '200 €', about: 'mean absolute error, of 2 rows with a label' },
      { value: '100 €', about: 'mean error' },
    ]);
  });

  it('says nothing of classes', () => {
    expect(toNumberFacts([{ prediction: 'yes' }])).toEqual([]);
  });
});
