import * as contracts from '#contracts';
import { date, type Expectation, timestamp } from '#contracts';
import { all, type Columns, N, NM, one, T, TU } from './row-cases.ts';

/** An expectation of the whole file: cells for which it holds, and cells for which it does not. */
export type FileCase = readonly [Expectation, Columns, readonly (readonly string[])[], readonly (readonly string[])[]];
export const FAIL = { severity: 'fail' } as const;
export const hundred = Array.from({ length: 100 }, (_, index) => [String(index)]);
export const reference = {
  kind: 'number',
  rows: 1000,
  edges: [0, 25, 50, 75, 100],
  shares: [0.25, 0.25, 0.25, 0.25],
} as const;

export const FILE_CASES: readonly FileCase[] = [
  [contracts.rowCountBetween({ min: 2, max: 3 }), N, one('1', '2'), one('1')],
  [contracts.columnsMatch({ order: true }), N, one('1'), []],
  [contracts.columnCountBetween({ min: 2, max: 2 }), N, one('1'), []],
  [contracts.meanBetween('n', { min: 1, max: 2, ...FAIL }), N, one('1', '3', ''), one('5', '6')],
  [contracts.medianBetween('n', { max: 2, ...FAIL }), N, one('1', '2', '900'), one('1', '3', '4')],
  [
    contracts.quantileBetween('n', { quantile: 0.9, max: 90, ...FAIL }),
    N,
    hundred,
    hundred.map(([cell]) => [`${Number(cell) * 2}`]),
  ],
  [contracts.deviationBetween('n', { min: 1, ...FAIL }), N, one('1', '5'), one('1', '1.1')],
  [contracts.smallestBetween('n', { min: 1, ...FAIL }), N, one('1', '5'), one('0', '5')],
  [contracts.largestBetween('n', { max: 5, ...FAIL }), N, one('1', '5'), one('0', '6')],
  [contracts.sumBetween('n', { max: 5, ...FAIL }), N, one('1', '4'), one('1', '5')],
  [contracts.distinctCountBetween('t', { max: 2, ...FAIL }), T, one('a', 'b', 'a', ''), one('a', 'b', 'c')],
  [contracts.distinctShareBetween('t', { min: 0.6, ...FAIL }), T, one('a', 'b', 'a', ''), one('a', 'a')],
  [contracts.nullShareBetween('t', { max: 0.5, ...FAIL }), T, one('a', ''), one('a', '', '')],
  [
    contracts.outlierShareBetween('n', { max: 0.01, ...FAIL }),
    N,
    hundred,
    [...hundred.slice(0, 50), ...one('9999', '-9999')],
  ],
  [
    contracts.correlationBetween('n', { other: 'm', min: 0.9, ...FAIL }),
    NM,
    [
      ['1', '2'],
      ['2', '4'],
      ['3', '6.1'],
    ],
    [
      ['1', '2'],
      ['2', '4'],
      ['3', '1'],
    ],
  ],
  [contracts.shareBetween('few-old', { where: 'n > 90', max: 0.1, ...FAIL }), N, hundred, one('91', '95', '3')],
  [contracts.increasing('n', FAIL), N, one('1', '', '1', '2'), one('1', '3', '2')],
  [contracts.increasing('n', { strictly: true, ...FAIL }), N, one('1', '2'), one('1', '1')],
  [contracts.decreasing('n', FAIL), N, one('2', '', '2', '1'), one('2', '3', '1')],
  [contracts.decreasing('n', { strictly: true, ...FAIL }), N, one('2', '1'), one('1', '1')],
  [contracts.stepsBetween('n', { min: 1, max: 1, ...FAIL }), N, one('4', '', '5', '6'), one('4', '5', '7')],
  [
    contracts.stepsBetween('d', { max: 24, unit: 'hours', ...FAIL }),
    { d: date(all) },
    one('2026-03-01', '2026-03-02'),
    one('2026-03-01', '2026-03-03'),
  ],
  [
    contracts.stepsBetween('d', { max: 1.5, unit: 'hours', ...FAIL }),
    { d: timestamp(all) },
    one('2026-03-01T00:00:00Z', '2026-03-01T01:30:00Z'),
    one('2026-03-01T00:00:00Z', '2026-03-01T01:30:01Z'),
  ],
  [
    contracts.meanBetween('n', { max: 2, by: ['m'], ...FAIL }),
    NM,
    [
      ['1', '1'],
      ['3', '1'],
      ['2', '2'],
      ['', ''],
    ],
    [
      ['1', '1'],
      ['1', '1'],
      ['2.5', '2'],
    ],
  ],
  [
    contracts.rowCountBetween({ max: 1, by: ['t', 'u'] }),
    TU,
    [
      ['a', 'b'],
      ['a', 'c'],
      ['', ''],
    ],
    [
      ['a', ''],
      ['a', ''],
      ['b', 'b'],
    ],
  ],
  [
    contracts.fresherThan('d', { hours: 48, ...FAIL }),
    { d: timestamp(all) },
    [[new Date().toISOString()], ['2020-01-01T00:00:00Z']],
    one('2020-01-01T00:00:00Z'),
  ],
  [contracts.rowCountMatches({ dataset: 'others' }), T, one('a', ''), one('a')],
  [contracts.containsAll('t', { values: ['a', 'b'], ...FAIL }), T, one('a', 'b', 'c'), one('a', '')],
  [contracts.categoryShares('t', { shares: { a: 0.5 }, tolerance: 0.1, ...FAIL }), T, one('a', 'b', ''), one('a', 'a')],
  [
    contracts.query('one-x', {
      sql: `select count(*) = 1 as ok, count(*) as observed from rows where t = 'x'`,
      sentence: 'one x',
    }),
    T,
    one('x', 'y'),
    one('x', 'x'),
  ],
  [
    contracts.nearReference('n', { reference, ...FAIL }),
    N,
    hundred,
    hundred.map(([cell]) => [`${90 + Number(cell) / 10}`]),
  ],
  ...(['kolmogorov-smirnov', 'chi-square', 'jensen-shannon', 'l-infinity'] as const).map(
    (measure): FileCase => [
      contracts.divergenceBetween('n', { reference, measure, max: 0.2, ...FAIL }),
      N,
      hundred,
      hundred.map(([cell]) => [`${50 + Number(cell) / 2}`]),
    ],
  ),
  [
    contracts.nearReference('t', { reference: { kind: 'category', rows: 500, shares: { a: 0.5, b: 0.5 } }, ...FAIL }),
    T,
    hundred.map(([cell]) => [Number(cell) % 2 ? 'a' : 'b']),
    hundred.map(([cell]) => [Number(cell) % 2 ? 'a' : 'new']),
  ],
];
