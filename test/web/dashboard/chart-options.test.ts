import { describe, expect, it } from 'vitest';
import type { Panel } from '#api';
import {
  describeChart,
  toBarsOption,
  toCategoriesOption,
  toTimeseriesOption,
} from '../../../src/web/dashboard/chart-options.ts';
import { type PanelView, toneOf } from '../../../src/web/dashboard/panel-view.ts';
import { TONES } from '../../../src/web/tones.ts';

const LOOK = { scheme: 'light', isNarrow: false } as const;
const PANEL: Panel = {
  id: 'p',
  title: 'Invalid rows',
  kind: 'timeseries',
  unit: 'percent',
  thresholds: [],
  width: 12,
  height: 8,
};
const view = (panel: Partial<Panel>, rows: PanelView['rows']): PanelView => ({
  panel: { ...PANEL, ...panel },
  rows,
  from: '2026-11-21T10:00:00.000Z',
  to: '2026-11-21T10:30:00.000Z',
});

describe('the tone of a value', () => {
  const thresholds = [
    { from: 20, color: 'red' },
    { from: null, color: 'green' },
    { from: 5, color: 'orange' },
  ] as const;
  it.each([
    [-1, 'green'],
    [4.99, 'green'],
    [5, 'orange'],
    [20, 'red'],
    [undefined, 'grey'],
  ] as const)('is for %s %s, in whatever order thresholds come', (value, tone) => {
    expect(toneOf(value, [...thresholds])).toBe(tone);
  });
  it('is none where no threshold says one', () => {
    expect(toneOf(1, [])).toBeUndefined();
  });
});

describe('the drawing of a panel', () => {
  it('spans the whole window, also where data is missing', () => {
    const option = toTimeseriesOption(view({}, [{ time: '2026-11-21T10:10:00.000Z', value: 1 }]), LOOK);
    expect(option).toMatchObject({
      xAxis: { min: Date.parse('2026-11-21T10:00:00Z'), max: Date.parse('2026-11-21T10:30:00Z') },
    });
  });

  it('draws each threshold as a line and a band up to the next, the last to the end of the axis', () => {
    const thresholds: Panel['thresholds'] = [
      { from: null, color: 'green' },
      { from: 20, color: 'red' },
      { from: 5, color: 'orange' },
    ];
    const option = toTimeseriesOption(view({ thresholds }, [{ time: '2026-11-21T10:10:00.000Z', value: 1 }]), LOOK);
    expect(option).toMatchObject({
      series: [
        {
          markLine: { data: [{ yAxis: 5 }, { yAxis: 20 }] },
          markArea: {
            data: [
              [{ yAxis: 5 }, { yAxis: 20 }],
              [{ yAxis: 20 }, { yAxis: Number.POSITIVE_INFINITY }],
            ],
          },
        },
      ],
    });
  });

  it('gives a metric no meaning for being called like what objects inherit', () => {
    const rows = [{ time: '2026-11-21T10:10:00.000Z', metric: 'constructor', value: 1 }];
    const option = toBarsOption(view({ kind: 'bars', colors: { bad: 'orange' } }, rows), LOOK);
    expect(option).toMatchObject({ series: [{ name: 'Constructor', color: expect.any(String) }] });
  });

  it('gives a metric the colour that its meaning has', () => {
    const rows = [{ time: '2026-11-21T10:10:00.000Z', metric: 'bad', value: 1 }];
    const option = toBarsOption(view({ kind: 'bars', stacked: true, colors: { bad: 'orange' } }, rows), LOOK);
    expect(option).toMatchObject({ series: [{ name: 'Bad', color: TONES.light.orange.solid, stack: 'all' }] });
  });

  it('colours bars by name after thresholds', () => {
    const thresholds: Panel['thresholds'] = [
      { from: null, color: 'green' },
      { from: 10, color: 'red' },
    ];
    const option = toCategoriesOption(
      view({ kind: 'categories', thresholds }, [
        { category: 'a', value: 1 },
        { category: 'b', value: 11 },
      ]),
      LOOK,
    );
    expect(option).toMatchObject({
      series: [
        { data: [{ itemStyle: { color: TONES.light.green.solid } }, { itemStyle: { color: TONES.light.red.solid } }] },
      ],
    });
  });

  it('ends its axis above the usual values, and marks a burst with its value', () => {
    const counts = [4, 6, 5, 7, 5, 6, 900, 4, 5, 6, 7, 5];
    const rows = counts.map((value, minute) => ({
      time: new Date(Date.UTC(2026, 10, 21, 10, minute)).toISOString(),
      value,
    }));
    const bars = view({ kind: 'bars', unit: 'count', stacked: true }, rows);
    expect(toBarsOption(bars, LOOK)).toMatchObject({
      yAxis: { min: 0, max: 10, interval: 2 },
      series: [
        {
          markPoint: {
            data: [{ coord: [Date.UTC(2026, 10, 21, 10, 6), 10], label: { formatter: '900', position: 'right' } }],
          },
        },
      ],
    });
    expect(describeChart(bars)).toContain('. Beyond the axis: 900 at ');
  });

  it('has a sentence for those who cannot see it', () => {
    expect(describeChart(view({}, [{ time: '2026-11-21T10:10:00.000Z', value: 7.4 }]))).toMatch(
      /^Invalid rows, .* value last 7.4 %$/,
    );
  });
});
