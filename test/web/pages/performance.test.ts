import { describe, expect, it } from 'vitest';
import type { Performance, PerformanceAnswer } from '#api';
import {
  mainMetricOf,
  toMaturityOption,
  toMaturityView,
  toPerformanceOption,
  toPerformanceView,
  toSpanText,
} from '../../../src/web/pages/models/performance-view.ts';

const look = { scheme: 'light', isNarrow: false } as const;
const accuracy = { value: 0.8, low: 0.7, high: 0.9 };
const nothing: Performance = { predictions: 0, labelled: 0, metrics: {} };
const days: PerformanceAnswer['days'] = [
  { day: '2026-03-01', predictions: 90, labelled: 50, metrics: { accuracy } },
  { day: '2026-03-02', predictions: 90, labelled: 5, metrics: { accuracy } },
  { day: '2026-03-03', ...nothing, estimate: { predictions: 90, metrics: { accuracy: { ...accuracy, value: 0.75 } } } },
];

interface Drawn {
  readonly name: string;
  readonly lineStyle: { readonly type?: string };
  readonly data: readonly { readonly value: number | null; readonly itemStyle?: unknown }[];
}

describe('the chart of performance', () => {
  const view = toPerformanceView({ days, labelsMin: 30 }, { metric: 'accuracy', label: undefined });
  const option = toPerformanceOption(view, look);
  // An option has the shape that was just made.
  const [, , realised, , , estimated] = option.series as readonly Drawn[];

  it('draws what labels said, and the estimate as a dashed line', () => {
    expect(realised?.data.map(({ value }) => value)).toEqual([80, 80, null]);
    expect(estimated?.data.map(({ value }) => value)).toEqual([null, null, 75]);
    expect([realised?.lineStyle.type, estimated?.lineStyle.type]).toEqual(['solid', 'dashed']);
  });

  it('greys a day of few labels', () => {
    expect(realised?.data.map(({ itemStyle }) => itemStyle !== undefined)).toEqual([false, true, false]);
  });

  it('is of accuracy, or of RMSE, or of nothing', () => {
    expect(mainMetricOf({ ...nothing, metrics: { accuracy } })).toBe('accuracy');
    expect(mainMetricOf({ ...nothing, estimate: { predictions: 1, metrics: { rmse: { value: 3 } } } })).toBe('rmse');
    expect(mainMetricOf(nothing)).toBeUndefined();
  });
});

describe('the maturity curve', () => {
  it('goes on from its last step to the last time that is known', () => {
    const view = toMaturityView({
      since: '2026-03-01T00:00:00Z',
      horizons: [
        { afterMinutes: 60, share: 0.4, atRisk: 9 },
        { afterMinutes: 360, share: 0.4, atRisk: 3 },
        { afterMinutes: 1440, atRisk: 0 },
      ],
      steps: [{ afterMinutes: 30, share: 0.4, low: 0.3, high: 0.5, atRisk: 10 }],
    });
    expect(view.rows.map(({ minutes, share }) => [minutes, share])).toEqual([
      [5, 0],
      [30, 40],
      [360, 40],
    ]);
    expect(toMaturityOption(view, look).xAxis).toMatchObject({ max: Math.log10(360) });
  });

  it.each([
    [0, '0 min'],
    [90, '1 h 30 min'],
    [1440, '1 d'],
    [43_200, '30 d'],
  ])('calls %i minutes %s', (minutes, text) => expect(toSpanText(minutes)).toBe(text));
});
