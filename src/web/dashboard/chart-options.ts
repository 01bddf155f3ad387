import type { EChartsCoreOption } from 'echarts/core';
import type { Panel } from '#api';
import { toClockText, toTitle, toUnitText } from '../format.ts';
import { TONES } from '../tones.ts';
import {
  type Drawing,
  inkOf,
  meaningColor,
  seriesBasics,
  seriesColor,
  type ToOption,
  toFrame,
  toTimeAxes,
  toValueAxis,
} from './chart-frame.ts';
import { toHistogramTable } from './histogram-table.ts';
import { type ChartLook, type PanelView, toneOf } from './panel-view.ts';
import { type Series, type TimeTable, toCategoryTable, toTimeTable } from './series.ts';
import { type Burst, toPeaks, toValueScale, type ValueScale, withoutBursts } from './value-scale.ts';

const BANDS_OPACITY = 0.07;

/** Lines over time, with the thresholds as dashed lines and faint bands. */
export const toTimeseriesOption: ToOption = (view, look) => {
  const isStacked = view.panel.stacked === true;
  const { times, series, scale, bursts } = scaledOverTime(view);
  return {
    ...toFrame(view, look, series),
    ...toTimeAxes(view, look, scale),
    series: series.map((each, index) => ({
      ...seriesBasics(each, index, { panel: view.panel, look }),
      type: 'line',
      symbol: 'circle',
      showSymbol: true,
      showAllSymbol: true,
      // Between two gaps there is no line to see, so the point itself must show.
      symbolSize: (_: unknown, { dataIndex }: { dataIndex: number }) => (isAlone(each.values, dataIndex) ? 5 : 0),
      lineStyle: { width: 2 },
      ...(isStacked ? { stack: 'all', areaStyle: { opacity: 0.25 } } : {}),
      data: times.map((time, at) => [time, each.values[at] ?? null]),
      ...(index === 0 && !isStacked ? thresholdMarks(view.panel, look) : {}),
      ...(index === 0 ? burstMarks(bursts, view, { look, scale }) : {}),
    })),
  };
};

interface ScaledTable extends TimeTable {
  readonly scale: ValueScale;
  readonly bursts: readonly Burst[];
}

function scaledOverTime({ panel, rows }: Pick<PanelView, 'panel' | 'rows'>): ScaledTable {
  const isStacked = panel.stacked === true;
  const table = toTimeTable(rows, isStacked ? 0 : null);
  const peaks = toPeaks(table.times, table.series, isStacked);
  const lows = isStacked ? [] : table.series.flatMap(({ values }) => values.flatMap((value) => value ?? []));
  const highest = withoutBursts(peaks);
  const room = Math.max(0, ...highest);
  const scale = toValueScale([...highest, ...lows.filter((value) => value < room)], panel);
  return { ...table, scale, bursts: peaks.filter(({ value }) => value > scale.max) };
}

function isAlone(values: Series['values'], at: number): boolean {
  return (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null;
}

/** Bars over time. */
export const toBarsOption: ToOption = (view, look) => {
  const isStacked = view.panel.stacked === true;
  const { times, series, scale, bursts } = scaledOverTime(view);
  return {
    ...toFrame(view, look, series),
    ...toTimeAxes(view, look, scale),
    series: series.map((each, index) => ({
      ...seriesBasics(each, index, { panel: view.panel, look }),
      type: 'bar',
      barMaxWidth: 26,
      cursor: view.panel.link === undefined ? 'default' : 'pointer',
      ...(isStacked ? { stack: 'all' } : {}),
      data: times.map((time, at) => [time, each.values[at] ?? null]),
      ...(index === 0 && !isStacked ? thresholdMarks(view.panel, look) : {}),
      ...(index === 0 ? burstMarks(bursts, view, { look, scale }) : {}),
    })),
  };
};

/** Bars by name, lying down so that long names stay readable. */
export const toCategoriesOption: ToOption = (view, look) => {
  const { panel, rows } = view;
  const { categories, series } = toCategoryTable(rows);
  const isSingle = series.length === 1;
  return {
    ...toFrame(view, look, series),
    xAxis: { type: 'value', ...toValueAxis(panel, look, toValueScale(categoryValues(panel, series), panel)) },
    yAxis: {
      type: 'category',
      inverse: true,
      data: [...categories],
      axisTick: { show: false },
      axisLine: { show: false },
      axisLabel: { color: inkOf(look).dimmed, width: look.isNarrow ? 112 : 160, overflow: 'truncate' },
    },
    series: series.map((each, index) => ({
      ...seriesBasics(each, index, { panel, look }),
      type: 'bar',
      barMaxWidth: 20,
      ...(panel.stacked === true ? { stack: 'all' } : {}),
      data: each.values.map((value, at) =>
        isSingle ? { value, itemStyle: { color: barColor(categories[at] ?? '', value, { panel, look }) } } : value,
      ),
    })),
  };
};

function categoryValues({ stacked = false }: Panel, series: readonly Series[]): readonly number[] {
  if (!stacked) return series.flatMap(({ values }) => values.flatMap((value) => value ?? []));
  const places = series[0]?.values ?? [];
  return places.map((_, at) => series.reduce((sum, { values }) => sum + (values[at] ?? 0), 0));
}

/** Names the value of each burst at the end of the axis, where it is cut off. */
function burstMarks(
  bursts: readonly Burst[],
  { panel, label, from, to }: PanelView,
  { look, scale }: { readonly look: ChartLook; readonly scale: ValueScale },
): EChartsCoreOption {
  if (bursts.length === 0) return {};
  const ink = inkOf(look);
  const middle = (Date.parse(from) + Date.parse(to)) / 2;
  return {
    markPoint: {
      silent: true,
      symbol: 'triangle',
      symbolSize: 9,
      symbolOffset: [0, 5],
      itemStyle: { color: ink.text },
      data: bursts.map(({ time, value }) => ({
        coord: [time, scale.max],
        label: {
          position: time < middle ? 'right' : 'left',
          color: ink.text,
          fontSize: 11,
          formatter: toUnitText(value, panel.unit, label),
        },
      })),
    },
  };
}

function barColor(name: string, value: number | null, { panel, look }: Drawing): string {
  const tone = panel.thresholds.length === 0 ? undefined : toneOf(value ?? undefined, panel.thresholds);
  const meant = meaningColor(name, panel, look) ?? (tone === undefined ? undefined : TONES[look.scheme][tone].solid);
  return meant ?? seriesColor(0, look);
}

function thresholdMarks(panel: Panel, look: ChartLook): EChartsCoreOption {
  const steps = panel.thresholds
    .flatMap(({ from, color }) => (from === null ? [] : [{ from, color: TONES[look.scheme][color].solid }]))
    .sort((a, b) => a.from - b.from);
  if (steps.length === 0) return {};
  return {
    markLine: {
      silent: true,
      symbol: 'none',
      label: { show: false },
      data: steps.map(({ from, color }) => ({ yAxis: from, lineStyle: { color, type: 'dashed', width: 1.2 } })),
    },
    markArea: {
      silent: true,
      data: steps.map(({ from, color }, index) => [
        { yAxis: from, itemStyle: { color, opacity: BANDS_OPACITY } },
        // To the end of the axis: `max` would be the largest value, which may lie below the threshold.
        { yAxis: steps[index + 1]?.from ?? Number.POSITIVE_INFINITY },
      ]),
    },
  };
}

/** One sentence for screen readers. */
export function describeChart(view: PanelView): string {
  const { panel, label, from, to } = view;
  const { series, bursts } = describedSeries(view);
  const parts = series.slice(0, 6).map(({ name, values }) => {
    const last = values.findLast((value) => value !== null);
    return `${name === 'value' ? 'value' : toTitle(name)} last ${toUnitText(last, panel.unit, label)}`;
  });
  const beyond = bursts.map(({ time, value }) => `${toUnitText(value, panel.unit, label)} at ${toClockText(time)}`);
  const cut = beyond.length === 0 ? '' : `. Beyond the axis: ${beyond.join(', ')}`;
  return `${panel.title}, ${toClockText(from)} to ${toClockText(to)}: ${parts.join('; ') || 'no values'}${cut}`;
}

function describedSeries(view: PanelView): Pick<ScaledTable, 'series' | 'bursts'> {
  const { kind } = view.panel;
  if (kind === 'histogram') return { ...toHistogramTable(view.rows), bursts: [] };
  return kind === 'categories' ? { ...toCategoryTable(view.rows), bursts: [] } : scaledOverTime(view);
}
