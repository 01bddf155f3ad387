import { describe, expect, it } from 'vitest';
import {
  toAlertsSearch,
  toDashboardSearch,
  toDataSearch,
  toDriftSearch,
  toPastPredictionsSearch,
  toRunsSearch,
  toTablesSearch,
} from '../../src/web/search.ts';

describe('what a page keeps in its address', () => {
  it('is taken when it is known', () => {
    expect(toPastPredictionsSearch({ from: '2026-11-01', to: '2026-11-30', source: 'scheduled', rowId: 7 })).toEqual({
      from: '2026-11-01',
      to: '2026-11-30',
      source: 'scheduled',
      rowId: '7',
    });
    expect(toRunsSearch({ pipeline: 'ingest', state: 'failed' })).toEqual({ pipeline: 'ingest', state: 'failed' });
    expect(toDataSearch({ verdict: 'warn', check: 12 })).toEqual({ verdict: 'warn', check: '12' });
    expect(toDashboardSearch({ minutes: '30' })).toEqual({ minutes: 30 });
    expect(toAlertsSearch({ rule: 'bad-rows', other: 1 })).toEqual({ rule: 'bad-rows' });
    expect(toDriftSearch({ version: 2, stream: 'predictions', window: 17, column: 'feature:age' })).toEqual({
      ...{ version: 2, stream: 'predictions', window: '17', column: 'feature:age' },
    });
    const period = { from: '2026-11-01T10:00:00.000Z', to: '2026-11-01' };
    expect(toDashboardSearch({ ...period, source: 'orders', version: ['churn@2', 3], wall: true })).toEqual({
      ...period,
      source: ['orders'],
      version: ['churn@2', '3'],
      wall: true,
    });
    expect(toDataSearch(period)).toEqual(period);
  });

  it('has the order and the search of each table', () => {
    const raw = { 'checks.sort': '-rows', 'checks.search': 12, 'waiting.search': 'a b', verdict: 'warn' };
    expect(toTablesSearch(raw)).toEqual({ 'checks.sort': '-rows', 'checks.search': '12', 'waiting.search': 'a b' });
    expect(toTablesSearch({ 'checks.sort': {}, 'a b.sort': 'x', sort: 'rows' })).toEqual({});
  });

  it('is dropped when it is not', () => {
    expect(toPastPredictionsSearch({ from: 'yesterday', to: '2026-13-01', source: 'me' })).toEqual({});
    expect(toRunsSearch({ pipeline: {}, state: 'lost' })).toEqual({});
    expect(toDriftSearch({ version: 0, stream: 'files', window: '../1' })).toEqual({});
    expect(toDashboardSearch({ minutes: -1, from: '2026-11-01', source: [{}], wall: 'no' })).toEqual({});
  });
});
