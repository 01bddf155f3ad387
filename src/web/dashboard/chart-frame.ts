import type { EChartsCoreOption } from 'echarts/core';
import type { Panel } from '#api';
import { toTimeText, toTitle, toUnitText } from '../format.ts';
import { own } from '../own.ts';
import { SERIES, TONES } from '../tones.ts';
import { timeZone, zoneOffsetMinutes } from '../zone.ts';
import type { ChartLook, PanelView } from './panel-view.ts';
import type { Series } from './series.ts';
import { toTickText, toTimeTicks } from './time-ticks.ts';
import { toAxisText, type ValueScale } from './value-scale.ts';

/** Pure functions from a panel and its rows to what ECharts draws; tested without a browser. */
export type ToOption = (view: PanelView, look: ChartLook) => EChartsCoreOption;

// Not `inherit`: labels are measured on a canvas, which knows no page to inherit from, and would overlap.
const FONT = "'Inter Variable', system-ui, sans-serif";

/** The colours of text and lines. */
export function inkOf({ scheme }: ChartLook): {
  readonly text: string;
  readonly dimmed: string;
  readonly line: string;
  readonly card: string;
} {
  return scheme === 'dark'
    ? { text: '#dde3e8', dimmed: '#9ba6b1', line: '#293038', card: '#1c2228' }
    : { text: '#18222b', dimmed: '#55616d', line: '#e6ebef', card: '#ffffff' };
}

/** All but axes and series. */
export function toFrame({ panel, label }: PanelView, look: ChartLook, series: readonly Series[]): EChartsCoreOption {
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
      // Drawn, not HTML: its style attributes would be against the content policy.
      renderMode: 'richText',
      backgroundColor: ink.card,
      borderColor: ink.line,
      textStyle: { color: ink.text, fontSize: 12 },
      axisPointer: { type: panel.kind === 'timeseries' ? 'line' : 'shadow' },
      valueFormatter: (value: unknown) => toUnitText(typeof value === 'number' ? value : undefined, panel.unit, label),
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

/** The axes of a chart over time. */
export function toTimeAxes({ panel, from, to }: PanelView, look: ChartLook, scale: ValueScale): EChartsCoreOption {
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
    yAxis: { type: 'value', ...toValueAxis(panel, look, scale) },
  };
}

export function toValueAxis(panel: Panel, look: ChartLook, scale: ValueScale): EChartsCoreOption {
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

/** The meaning and style of a series. */
export interface Drawing {
  readonly panel: Panel;
  readonly look: ChartLook;
}

/** Name and colour of a series. */
export function seriesBasics(series: Series, index: number, { panel, look }: Drawing): EChartsCoreOption {
  const color = meaningColor(series.name, panel, look) ?? seriesColor(index, look);
  return { name: series.name === 'value' ? panel.title : toTitle(series.name), color, emphasis: { disabled: true } };
}

export function seriesColor(index: number, { scheme }: ChartLook): string {
  const colors = SERIES[scheme];
  return colors[index % colors.length] ?? TONES[scheme].blue.solid;
}

export function meaningColor(name: string, panel: Panel, look: ChartLook): string | undefined {
  const tone = own(panel.colors ?? {}, name);
  return tone === undefined ? undefined : TONES[look.scheme][tone].solid;
}
