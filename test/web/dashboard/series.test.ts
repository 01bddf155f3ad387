import { describe, expect, it } from 'vitest';
import { toCategoryTable, toTimeTable } from '../../../src/web/dashboard/series.ts';

const T1 = '2026-11-21T10:00:00.000Z';
const T2 = '2026-11-21T10:01:00.000Z';

describe('series over time', () => {
  it('gives every series every time, so that stacks add up', () => {
    const rows = [
      { time: T2, metric: 'good', value: 3 },
      { time: T1, metric: 'bad', value: '1' },
      { time: T1, metric: 'good', value: 2 },
    ];
    expect(toTimeTable(rows, 0)).toEqual({
      times: [Date.parse(T1), Date.parse(T2)],
      series: [
        { name: 'good', values: [2, 3] },
        { name: 'bad', values: [1, 0] },
      ],
    });
  });

  it('keeps a gap where no value is', () => {
    expect(
      toTimeTable(
        [
          { time: T1, value: null },
          { time: T2, value: 4 },
        ],
        null,
      ).series,
    ).toEqual([{ name: 'value', values: [null, 4] }]);
  });

  it('takes other number columns as series when none is named value', () => {
    expect(
      toTimeTable([{ time: T1, p50: 1, p95: '2.5' }], null).series.map(({ name, values }) => [name, values[0]]),
    ).toEqual([
      ['p50', 1],
      ['p95', 2.5],
    ]);
  });

  it('leaves out rows whose time cannot be read', () => {
    expect(toTimeTable([{ time: 'soon', value: 1 }], null).times).toEqual([]);
  });
});

describe('values by name', () => {
  it('takes metric as the name when it is the only one', () => {
    expect(
      toCategoryTable([
        { metric: 'no', value: 2 },
        { metric: 'yes', value: 1 },
      ]),
    ).toEqual({
      categories: ['no', 'yes'],
      series: [{ name: 'value', values: [2, 1] }],
    });
  });

  it('splits by metric when there is another name', () => {
    const rows = [
      { category: 'age', metric: 'warn', value: 2 },
      { category: 'sex', metric: 'fail', value: 1 },
    ];
    expect(toCategoryTable(rows)).toEqual({
      categories: ['age', 'sex'],
      series: [
        { name: 'warn', values: [2, null] },
        { name: 'fail', values: [null, 1] },
      ],
    });
  });
});
