import type { EChartsCoreOption } from 'echarts/core';
import type { Panel } from '#api';
import { toClockText, toTimeText, toTitle, toUnitText } from '../format.ts';
import { own } from '../own.ts';
import { SERIES, TONES } from '../tones.ts';
import { timeZone } from '../zone.ts';
import { type ChartLook, type PanelView, toneOf } from './panel-view.ts';
import { type Series, toCategoryTable, toTimeTable } from './series.ts';

/** Pure functions from a panel and its rows to what ECharts draws; tested without a browser. */
export type ToOption = (view: PanelView, look: ChartLook) => EChartsCoreOption;

const BANDS_OPACITY = 0.07;
// Not `inherit`: labels are measured on a canvas, which knows no page to inherit from, and would overlap.
const FONT = "'Inter Variable', system-ui, sans-serif";

/** Lines over time, with the thresholds as dashed lines and faint bands. */
export const toTimeseriesOption: ToOption = (view, look) => {
  const isStacked = view.panel.stacked === true;
  const { times, series } = toTimeTable(view.rows, isStacked ? 0 : null);
  return {
    ...frame(view.panel, look, series),
    ...timeAxes(view, look),
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
    })),
  };
};

function isAlone(values: Series['values'], at: number): boolean {
  return (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null;
}

/** Bars over time. */
export const toBarsOption: ToOption = (view, look) => {
  const isStacked = view.panel.stacked === true;
  const { times, series } = toTimeTable(view.rows, isStacked ? 0 : null);
  return {
    ...frame(view.panel, look, series),
    ...timeAxes(view, look),
    series: series.map((each, index) => ({
      ...seriesBasics(each, index, { panel: view.panel, look }),
      type: 'bar',
      barMaxWidth: 26,
      ...(isStacked ? { stack: 'all' } : {}),
      data: times.map((time, at) => [time, each.values[at] ?? null]),
      ...(index === 0 && !isStacked ? thresholdMarks(view.panel, look) : {}),
    })),
  };
};

/** Bars by name, lying down so that long names stay readable. */
export const toCategoriesOption: ToOption = ({ panel, rows }, look) => {
  const { categories, series } = toCategoryTable(rows);
  const isSingle = series.length === 1;
  return {
    ...frame(panel, look, series),
    xAxis: { type: 'value', ...valueAxis(panel, look) },
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

function timeAxes({ panel, from, to }: PanelView, look: ChartLook): EChartsCoreOption {
  const ink = inkOf(look);
  return {
    xAxis: {
      type: 'time',
      min: Date.parse(from),
      max: Date.parse(to),
      axisLine: { lineStyle: { color: ink.line } },
      axisTick: { show: false },
      splitNumber: look.isNarrow ? 3 : 6,
      axisLabel: { color: ink.dimmed, hideOverlap: true, fontSize: 11 },
      axisPointer: { label: { formatter: ({ value }: { value: number }) => toTimeText(value) } },
    },
    yAxis: { type: 'value', ...valueAxis(panel, look) },
  };
}

function valueAxis(panel: Panel, look: ChartLook): EChartsCoreOption {
  const ink = inkOf(look);
  return {
    // Rows and files are whole numbers.
    ...(panel.unit === 'rows' ? { minInterval: 1 } : {}),
    ...(panel.unit === 'percent' ? { min: 0 } : {}),
    splitNumber: 4,
    splitLine: { lineStyle: { color: ink.line } },
    axisLabel: {
      color: ink.dimmed,
      fontSize: 11,
      hideOverlap: true,
      formatter: (value: number) => toUnitText(value, panel.unit),
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
export function describeChart({ panel, rows, from, to }: PanelView): string {
  const series = panel.kind === 'categories' ? toCategoryTable(rows).series : toTimeTable(rows, null).series;
  const parts = series.slice(0, 6).map(({ name, values }) => {
    const last = values.findLast((value) => value !== null);
    return `${name === 'value' ? 'value' : toTitle(name)} last ${toUnitText(last, panel.unit)}`;
  });
  return `${panel.title}, ${toClockText(from)} to ${toClockText(to)}: ${parts.join('; ') || 'no values'}`;
}
