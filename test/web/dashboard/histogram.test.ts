import { describe, expect, it } from 'vitest';
import { toHistogramOption } from '../../../src/web/dashboard/histogram-options.ts';
import { toBinText, toHistogramTable, toRangeText } from '../../../src/web/dashboard/histogram-table.ts';

const ROWS = [
  { low: null, high: 100_000, metric: 'now', value: 0 },
  { low: 100_000, high: 150_000, metric: 'now', value: 75 },
  { low: 150_000, high: null, metric: 'now', value: 25 },
  { low: null, high: 100_000, metric: 'on test rows', value: 0 },
  { low: 100_000, high: 150_000, metric: 'on test rows', value: 100 },
  { low: 150_000, high: null, metric: 'on test rows', value: 0 },
];

describe('a histogram', () => {
  it('leaves out the bins at the ends that hold nothing', () => {
    expect(toHistogramTable(ROWS)).toEqual({
      bins: [
        { low: 100_000, high: 150_000 },
        { low: 150_000, high: undefined },
      ],
      series: [
        { name: 'now', values: [75, 25] },
        { name: 'on test rows', values: [100, 0] },
      ],
    });
  });

  it('names a bin in the unit of its numbers, and briefly on the axis', () => {
    const style = { unit: '€', decimals: 0 };
    const inside = { low: 100_000, high: 150_000 };
    expect([toRangeText(inside, style), toBinText(inside)]).toEqual(['100,000 to 150,000 €', '100K']);
    const [below, above] = [
      { low: undefined, high: 5 },
      { low: 5, high: undefined },
    ];
    expect([toRangeText(below, style), toRangeText(above, style)]).toEqual(['below 5 €', '5 € and more']);
    expect([toBinText(below), toBinText(above)]).toEqual(['< 5', '5']);
  });

  it('draws the bars of each metric side by side', () => {
    const panel = { id: 'p', title: 'Errors', kind: 'histogram', unit: 'percent', width: 12, height: 8 } as const;
    const view = { panel: { ...panel, thresholds: [] }, rows: ROWS, from: '', to: '', label: { unit: '€' } };
    expect(toHistogramOption(view, { scheme: 'light', isNarrow: false })).toMatchObject({
      xAxis: { data: ['100,000 to 150,000 €', '150,000 € and more'] },
      yAxis: { min: 0, max: 100, interval: 20 },
      series: [
        { name: 'Now', data: [75, 25] },
        { name: 'On test rows', data: [100, 0] },
      ],
    });
  });
});
