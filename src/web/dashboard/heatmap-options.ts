import { toClockText, toTimeText, toTitle, toUnitText } from '../format.ts';
import { TONES } from '../tones.ts';
import { zoneOffsetMinutes } from '../zone.ts';
import { inkOf, type ToOption, toFrame } from './chart-frame.ts';
import type { PanelView } from './panel-view.ts';
import { toTimeTable } from './series.ts';
import { toTickText, toTimeTicks } from './time-ticks.ts';

/** One cell for each metric and bucket of time, the darker the higher its value; no cell where there is no value. */
export const toHeatmapOption: ToOption = (view, look) => {
  const { panel, rows, label } = view;
  const { times, series } = toTimeTable(rows, null);
  const ink = inkOf(look);
  const cells = series.flatMap(({ values }, row) =>
    values.flatMap((value, column) => (value === null || value === 0 ? [] : [[column, row, value]])),
  );
  const highest = Math.max(1, ...series.flatMap(({ values }) => values.map((value) => value ?? 0)));
  return {
    ...toFrame(view, look, []),
    tooltip: {
      confine: true,
      backgroundColor: ink.card,
      borderColor: ink.line,
      textStyle: { color: ink.text, fontSize: 12 },
      formatter: ({ value: [column, row, value] }: { value: readonly [number, number, number] }) =>
        `${toTimeText(times[column] ?? 0)}\n${toTitle(series[row]?.name ?? '')}: ${toUnitText(value, panel.unit, label)}`,
      renderMode: 'richText',
    },
    visualMap: {
      show: false,
      min: 0,
      max: highest,
      inRange: { color: [`${TONES[look.scheme].red.solid}22`, TONES[look.scheme].red.solid] },
    },
    xAxis: {
      type: 'category',
      data: times.map((time) => toClockText(time)),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: ink.line } },
      axisLabel: { color: ink.dimmed, fontSize: 11, hideOverlap: true, ...toLabels(view, times, look.isNarrow) },
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: series.map(({ name }) => toTitle(name)),
      axisTick: { show: false },
      axisLine: { show: false },
      splitLine: { show: true, lineStyle: { color: ink.line } },
      axisLabel: { color: ink.dimmed, fontSize: 11, width: look.isNarrow ? 96 : 190, overflow: 'truncate' },
    },
    series: [
      {
        type: 'heatmap',
        data: cells,
        itemStyle: { borderColor: ink.card, borderWidth: 1, borderRadius: 2 },
        emphasis: { disabled: true },
      },
    ],
  };
};

/** Names only the buckets that begin at round times, as the axes of other charts do. */
function toLabels({ from, to }: Pick<PanelView, 'from' | 'to'>, times: readonly number[], isNarrow: boolean) {
  const window = { from: Date.parse(from), to: Date.parse(to) };
  const ticks = toTimeTicks({ ...window, most: isNarrow ? 3 : 6, offsetMinutes: zoneOffsetMinutes(window.from) });
  const stepMs = (times[1] ?? 0) - (times[0] ?? 0);
  const tickOf = (time: number | undefined): number | undefined =>
    time === undefined ? undefined : ticks.times.find((tick) => tick >= time && tick < time + stepMs);
  return {
    interval: (column: number) => tickOf(times[column]) !== undefined,
    formatter: (_: string, column: number) => toTickText(tickOf(times[column]) ?? 0, ticks),
  };
}
