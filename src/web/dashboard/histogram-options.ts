import { inkOf, seriesBasics, type ToOption, toFrame, toValueAxis } from './chart-frame.ts';
import { toBinText, toHistogramTable, toRangeText } from './histogram-table.ts';
import { toValueScale } from './value-scale.ts';

/** Bars over ranges of numbers, one beside the other for each metric. */
export const toHistogramOption: ToOption = (view, look) => {
  const { panel, rows, label } = view;
  const { bins, series } = toHistogramTable(rows);
  const ink = inkOf(look);
  const scale = toValueScale(
    series.flatMap(({ values }) => values.flatMap((value) => value ?? [])),
    panel,
  );
  return {
    ...toFrame(view, look, series),
    xAxis: {
      type: 'category',
      // The tooltip names the range in full, the axis only where it begins.
      data: bins.map((bin) => toRangeText(bin, label)),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: ink.line } },
      axisLabel: {
        color: ink.dimmed,
        fontSize: 11,
        hideOverlap: true,
        formatter: (_: string, at: number) => toBinText(bins[at] ?? { low: undefined, high: undefined }),
      },
    },
    yAxis: { type: 'value', ...toValueAxis(panel, look, scale) },
    series: series.map((each, index) => ({
      ...seriesBasics(each, index, { panel, look }),
      type: 'bar',
      barGap: '5%',
      barCategoryGap: '18%',
      data: [...each.values],
    })),
  };
};
