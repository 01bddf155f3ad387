import type { EChartsCoreOption } from 'echarts/core';
import type { Panel } from '#api';
import { toClockText, toTimeText, toTitle, toUnitText } from '../format.ts';
import { own } from '../own.ts';
import { SERIES, TONES } from '../tones.ts';
import { timeZone, zoneOffsetMinutes } from '../zone.ts';
import { type ChartLook, type PanelView, toneOf } from './panel-view.ts';
import { type Series, type TimeTable, toCategoryTable, toTimeTable } from './series.ts';
import { toTickText, toTimeTicks } from './time-ticks.ts';
import { type Burst, toAxisText, toPeaks, toValueScale, type ValueScale, withoutBursts } from './value-scale.ts';

/** Pure functions from a panel and its rows to what ECharts draws; tested without a browser. */
export type ToOption = (view: PanelView, look: ChartLook) => EChartsCoreOption;

const BANDS_OPACITY = 0.07;
// Not `inherit`: labels are measured on a canvas, which knows no page to inherit from, and would overlap.
const FONT = "'Inter Variable', system-ui, sans-serif";

/** Lines over time, with the thresholds as dashed lines and faint bands. */
export const toTimeseriesOption: ToOption = (view, look) => {
  const isStacked = view.panel.stacked === true;
  const { times, series, scale, bursts } = scaledOverTime(view);
  return {
    ...frame(view.panel, look, series),
    ...timeAxes(view, look, scale),
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
    ...frame(view.panel, look, series),
    ...timeAxes(view, look, scale),
    series: series.map((each, index) => ({
      ...seriesBasics(each, index, { panel: view.panel, look }),
      type: 'bar',
      barMaxWidth: 26,
      ...(isStacked ? { stack: 'all' } : {}),
      data: times.map((time, at) => [time, each.values[at] ?? null]),
      ...(index === 0 && !isStacked ? thresholdMarks(view.panel, look) : {}),
      ...(index === 0 ? burstMarks(bursts, view, { look, scale }) : {}),
    })),
  };
};

/** Bars by name, lying down so that long names stay readable. */
export const toCategoriesOption: ToOption = ({ panel, rows }, look) => {
  const { categories, series } = toCategoryTable(rows);
  const isSingle = series.length === 1;
  return {
    ...frame(panel, look, series),
    xAxis: { type: 'value', ...valueAxis(panel, look, toValueScale(categoryValues(panel, series), panel)) },
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

function inkOf({ scheme }: ChartLook): {
  readonly text: string;
  readonly dimmed: string;
  readonly line: string;
  readonly card: string;
} {
  return scheme === 'dark'
    ? { text: '#dde3e8', dimmed: '#9ba6b1', line: '#293038', card: '#1c2228' }
    : { text: '#18222b', dimmed: '#55616d', line: '#e6ebef', card: '#ffffff' };
}

function frame(panel: Panel, look: ChartLook, series: readonly Series[]): EChartsCoreOption {
  const ink = inkOf(look);
  const hasLegend = series.length > 1;
  return {
    backgroundColor: 'transparent',
    useUTC: timeZone() === 'UTC',
    animation: false,
    aria: { enabled: true },
    textStyle: { fontFamily: FONT },
    grid: {
      left: 4,
      right: 12,
      top: 10,
      bottom: hasLegend ? 30 : 4,
      outerBoundsMode: 'same',
      outerBoundsContain: 'axisLabel',
    },
    tooltip: {
      trigger: 'axis',
      confine: true,
      backgroundColor: ink.card,
      borderColor: ink.line,
      textStyle: { color: ink.text, fontSize: 12 },
      axisPointer: { type: panel.kind === 'timeseries' ? 'line' : 'shadow' },
      valueFormatter: (value: unknown) => toUnitText(typeof value === 'number' ? value : undefined, panel.unit),
    },
    ...(hasLegend
      ? {
          legend: {
            type: 'scroll',
            bottom: 0,
            left: 0,
            itemWidth: 12,
            itemHeight: 8,
            icon: 'roundRect',
            textStyle: { color: ink.dimmed, fontSize: 12 },
            pageIconColor: ink.dimmed,
            pageTextStyle: { color: ink.dimmed },
          },
        }
      : {}),
  };
}

function timeAxes({ panel, from, to }: PanelView, look: ChartLook, scale: ValueScale): EChartsCoreOption {
  const ink = inkOf(look);
  const window = { from: Date.parse(from), to: Date.parse(to) };
  const ticks = toTimeTicks({
    ...window,
    most: look.isNarrow ? 3 : 6,
    offsetMinutes: zoneOffsetMinutes(window.from),
  });
  return {
    xAxis: {
      type: 'time',
      min: window.from,
      max: window.to,
      axisLine: { lineStyle: { color: ink.line } },
      axisTick: { show: false, customValues: ticks.times },
      axisLabel: {
        color: ink.dimmed,
        hideOverlap: true,
        fontSize: 11,
        customValues: ticks.times,
        formatter: (time: number) => toTickText(time, ticks),
      },
      axisPointer: { label: { formatter: ({ value }: { value: number }) => toTimeText(value) } },
    },
    yAxis: { type: 'value', ...valueAxis(panel, look, scale) },
  };
}

function valueAxis(panel: Panel, look: ChartLook, scale: ValueScale): EChartsCoreOption {
  const ink = inkOf(look);
  return {
    min: scale.min,
    max: scale.max,
    interval: scale.step,
    splitLine: { lineStyle: { color: ink.line } },
    axisLabel: {
      color: ink.dimmed,
      fontSize: 11,
      hideOverlap: true,
      formatter: (value: number) => toAxisText(value, scale, panel),
    },
  };
}

/** Names the value of each burst at the end of the axis, where it is cut off. */
function burstMarks(
  bursts: readonly Burst[],
  { panel, from, to }: PanelView,
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
          formatter: toUnitText(value, panel.unit),
        },
      })),
    },
  };
}

/** The meaning and style of a series. */
interface Drawing {
  readonly panel: Panel;
  readonly look: ChartLook;
}

function seriesBasics(series: Series, index: number, { panel, look }: Drawing): EChartsCoreOption {
  const color = meaningColor(series.name, panel, look) ?? seriesColor(index, look);
  return { name: series.name === 'value' ? panel.title : toTitle(series.name), color, emphasis: { disabled: true } };
}

function seriesColor(index: number, { scheme }: ChartLook): string {
  const colors = SERIES[scheme];
  return colors[index % colors.length] ?? TONES[scheme].blue.solid;
}

function meaningColor(name: string, panel: Panel, look: ChartLook): string | undefined {
  const tone = own(panel.colors ?? {}, name);
  return tone === undefined ? undefined : TONES[look.scheme][tone].solid;
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
  const { panel, from, to } = view;
  const { series, bursts } =
    panel.kind === 'categories' ? { ...toCategoryTable(view.rows), bursts: [] } : scaledOverTime(view);
  const parts = series.slice(0, 6).map(({ name, values }) => {
    const last = values.findLast((value) => value !== null);
    return `${name === 'value' ? 'value' : toTitle(name)} last ${toUnitText(last, panel.unit)}`;
  });
  const beyond = bursts.map(({ time, value }) => `${toUnitText(value, panel.unit)} at ${toClockText(time)}`);
  const cut = beyond.length === 0 ? '' : `. Beyond the axis: ${beyond.join(', ')}`;
  return `${panel.title}, ${toClockText(from)} to ${toClockText(to)}: ${parts.join('; ') || 'no values'}${cut}`;
}
