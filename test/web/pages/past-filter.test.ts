import { describe, expect, it } from 'vitest';
import { pastPredictionRoutes } from '../../../src/api/past-prediction-routes.ts';
import { toPresets } from '../../../src/web/pages/past-predictions/date-range.ts';
import { listActive, toQuery, without } from '../../../src/web/pages/past-predictions/past-filter.ts';
import { toPastPredictionsSearch } from '../../../src/web/search.ts';
import { showTimesIn } from '../../../src/web/zone.ts';
import { makeColumn } from '../columns.ts';

const COLUMNS = [
  makeColumn({ name: 'age', kind: 'number', unit: 'years' }),
  makeColumn({ name: 'speed.max', kind: 'number' }),
  makeColumn({ name: 'fate', kind: 'category', role: 'label', label: 'Fate' }),
];

describe('the common ranges of days', () => {
  it('begin and end in the zone that is shown, also on the day when clocks change', () => {
    showTimesIn('Pacific/Auckland');
    const days = Object.fromEntries(
      toPresets(Date.parse('2026-09-27T11:30:00Z')).map(({ label, days: { from, to } }) => [label, [from, to]]),
    );
    showTimesIn(undefined);
    expect(days).toMatchObject({
      Today: ['2026-09-28', '2026-09-28'],
      Yesterday: ['2026-09-27', '2026-09-27'],
      'Last 7 days': ['2026-09-22', '2026-09-28'],
    });
  });
});

describe('the filters of past predictions in the address', () => {
  it('are asked of the server, in a form that its schema takes', () => {
    const search = toPastPredictionsSearch({
      ...{ from: '2026-03-01', actual: 'wrong', prediction: 'lost', request: 17, model: 'boats@2' },
      ...{ 'feature.age.min': 20, 'feature.class': ['1st', ''], 'feature.old': true, unknown: 'x', source: 'nobody' },
    });
    const query = toQuery(search);
    expect(query).toMatchObject({
      ...{ from: '2026-03-01', correct: 'false', prediction: 'lost', request: '17' },
      ...{ model: 'boats@2', source: 'all', 'feature.age.min': ['20'], 'feature.class': ['1st', ''] },
      'feature.old': ['true'],
    });
    expect(query).not.toHaveProperty('unknown');
    expect(pastPredictionRoutes.pastPredictions.query.safeParse(query).success).toBe(true);
  });

  it('are named in words, with both bounds of a range as one', () => {
    const search = toPastPredictionsSearch({
      ...{ from: '2026-03-01', to: '2026-03-02', source: 'all', actual: 'unknown', prediction: 'lost' },
      ...{ 'feature.age.min': '20', 'feature.age.max': '30', 'feature.speed.max': '4', 'feature.gone': '' },
    });
    expect(listActive(search, COLUMNS).map(({ name, text }) => `${name}: ${text}`)).toEqual([
      ...['Time: 1 Mar 2026 to 2 Mar 2026', 'Fate: lost', 'Outcome: No outcome yet'],
      ...['age: 20 to 30 years', 'speed.max: 4', 'gone: no value'],
    ]);
  });

  it('are left out one by one, all keys of one together', () => {
    const search = toPastPredictionsSearch({ rowId: '7', 'feature.age.min': '20', 'feature.age.max': '30' });
    const [, age] = listActive(search, COLUMNS);
    expect(without(search, age?.keys ?? [])).toEqual({ rowId: '7' });
    expect(listActive(toPastPredictionsSearch({}), COLUMNS)).toEqual([]);
  });
});
