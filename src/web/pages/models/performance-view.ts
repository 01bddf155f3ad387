import type { EChartsCoreOption } from 'echarts/core';
import type { Panel, Performance, PerformanceAnswer } from '#api';
import { inkOf, seriesColor, type ToOption, toFrame, toValueAxis } from '../../dashboard/chart-frame.ts';
import { type ChartLook, maybeNumber, type PanelRow, type PanelView } from '../../dashboard/panel-view.ts';
import { toValueScale } from '../../dashboard/value-scale.ts';
import { type NumberStyle, toDayText, toShareText, toUnitText } from '../../format.ts';
import { toMetricTitle } from '../../metrics.ts';
import { TONES } from '../../tones.ts';

const PANEL: Omit<Panel, 'id' | 'title' | 'unit'> = { kind: 'timeseries', thresholds: [], width: 8, height: 8 };

/** The metric that a chart over time shows: accuracy of classes, RMSE of numbers. */
export function mainMetricOf(total: Performance): 'accuracy' | 'rmse' | undefined {
  const { metrics, estimate } = total;
  const known = { ...estimate?.metrics, ...metrics };
  return known.accuracy !== undefined ? 'accuracy' : known.rmse !== undefined ? 'rmse' : undefined;
}

interface ViewOptions {
  readonly metric: 'accuracy' | 'rmse';
  readonly label: NumberStyle | undefined;
}

/** The realised and the estimated metric of each day, with their intervals. */
export function toPerformanceView(
  { days, labelsMin }: Pick<PerformanceAnswer, 'days' | 'labelsMin'>,
  { metric, label }: ViewOptions,
): PanelView {
  const isShare = metric === 'accuracy';
  const scale = isShare ? 100 : 1;
  const boundsOf = (name: string, found: Performance['metrics'][string] | undefined) => ({
    [name]: found === undefined ? null : found.value * scale,
    [`${name}_low`]: found?.low === undefined ? null : found.low * scale,
    [`${name}_high`]: found?.high === undefined ? null : found.high * scale,
  });
  const rows = days.map(
    ({ day, labelled, metrics, estimate }): PanelRow => ({
      ...{ day, labelled, few: labelled > 0 && labelled < labelsMin },
      ...boundsOf('realised', metrics[metric]),
      ...boundsOf('estimated', estimate?.metrics[metric]),
    }),
  );
  const panel: Panel = {
    ...PANEL,
    id: 'performance',
    title: toMetricTitle(metric),
    unit: isShare ? 'percent' : 'label',
  };
  return { panel, rows, from: '', to: '', label: isShare ? undefined : label };
}

const LINES = [
  { name: 'Realised, from labels', column: 'realised', type: 'solid', bandOpacity: 0.16 },
  { name: 'Estimated, without labels', column: 'estimated', type: 'dashed', bandOpacity: 0.08 },
] as const;

/** Lines by day within bands of their 95 % intervals; days of few labels are grey. */
export const toPerformanceOption: ToOption = (view, look) => {
  const { panel, rows } = view;
  const columns = LINES.flatMap(({ column }) => [column, `${column}_low`, `${column}_high`]);
  const values = rows.flatMap((row) => columns.flatMap((column) => maybeNumber(row[column]) ?? []));
  const scale = toValueScale(values, { unit: 'label' });
  const frame = toLegend(toFrame(view, look, LINES.map(toEmptySeries)));
  return {
    ...frame,
    tooltip: { ...Object(frame.tooltip), formatter: (items: readonly Hovered[]) => toTooltip(items, view) },
    xAxis: toDayAxis(rows, look),
    yAxis: { type: 'value', ...toValueAxis(panel, look, { ...scale, ...withinShares(panel, scale) }) },
    series: LINES.flatMap((line, index) => [
      ...toBand(rows, { column: line.column, color: seriesColor(index, look), opacity: line.bandOpacity }),
      toLine(rows, { line, color: seriesColor(index, look), look }),
    ]),
  };
};

interface Hovered {
  readonly dataIndex: number;
}

type Scale = ReturnType<typeof toValueScale>;

/** An axis of shares does not go beyond them. */
function withinShares({ unit }: Panel, { min, max }: Scale): Pick<Scale, 'min' | 'max'> {
  return unit === 'percent' ? { min: Math.max(0, min), max: Math.min(100, max) } : { min, max };
}

const toEmptySeries = ({ name }: { readonly name: string }) => ({ name, values: [] });

/** Bands have no entry of their own. */
function toLegend(frame: EChartsCoreOption): EChartsCoreOption {
  return { ...frame, legend: { ...Object(frame.legend), data: LINES.map(({ name }) => name) } };
}

function toDayAxis(rows: readonly PanelRow[], look: ChartLook): EChartsCoreOption {
  const ink = inkOf(look);
  return {
    type: 'category',
    boundaryGap: false,
    data: rows.map(({ day }) => toDayText(String(day)).replace(/^\w+,? /, '')),
    axisTick: { show: false },
    axisLine: { lineStyle: { color: ink.line } },
    axisLabel: { color: ink.dimmed, fontSize: 11, hideOverlap: true },
  };
}

interface Band {
  readonly column: string;
  readonly color: string;
  readonly opacity: number;
}

/** An area between two bounds: one line that is not seen, and on top of it the distance to the other. */
function toBand(rows: readonly PanelRow[], { column, color, opacity }: Band): EChartsCoreOption[] {
  const bounds = rows.map((row) => [maybeNumber(row[`${column}_low`]), maybeNumber(row[`${column}_high`])] as const);
  const basics = {
    ...{ type: 'line', stack: `${column} band`, symbol: 'none', color, silent: true, stackStrategy: 'all' },
    lineStyle: { opacity: 0 },
  };
  return [
    { ...basics, name: `${column} from`, data: bounds.map(([low]) => low ?? null) },
    {
      ...{ ...basics, name: `${column} to`, areaStyle: { color, opacity } },
      data: bounds.map(([low, high]) => (low === undefined || high === undefined ? null : high - low)),
    },
  ];
}

interface Line {
  readonly line: (typeof LINES)[number];
  readonly color: string;
  readonly look: ChartLook;
}

function toLine(rows: readonly PanelRow[], { line, color, look }: Line): EChartsCoreOption {
  const { name, column, type } = line;
  const grey = TONES[look.scheme].grey.solid;
  return {
    ...{ name, type: 'line', color, lineStyle: { width: 2, type }, symbol: 'circle' },
    ...{ symbolSize: column === 'realised' ? 7 : 4, showAllSymbol: true },
    data: rows.map((row) => ({
      value: maybeNumber(row[column]) ?? null,
      ...(column === 'realised' && row.few === true ? { itemStyle: { color: grey } } : {}),
    })),
  };
}

function toTooltip([first]: readonly Hovered[], { rows, panel, label }: PanelView): string {
  const row = rows[first?.dataIndex ?? -1];
  if (row === undefined) return '';
  const text = (column: string) => toUnitText(maybeNumber(row[column]), panel.unit, label);
  const lines = LINES.map(({ name, column }) =>
    maybeNumber(row[column]) === undefined
      ? `${name}: not known`
      : `${name}: <b>${text(column)}</b> (${text(`${column}_low`)} to ${text(`${column}_high`)})`,
  );
  const few = row.few === true ? ', too few to judge by' : '';
  return [toDayText(String(row.day)), ...lines, `${row.labelled} labels${few}`].join('<br>');
}

/** `90` → `1 h 30 min`; the largest two units. */
export function toSpanText(minutes: number): string {
  const units = [
    ['d', 1440],
    ['h', 60],
    ['min', 1],
  ] as const;
  let rest = minutes;
  const parts = units.flatMap(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? [] : [`${count} ${unit}`];
  });
  return parts.slice(0, 2).join(' ') || '0 min';
}

type MaturityCurve = PerformanceAnswer['maturity'];

const MINUTES_MIN = 5;

/** The share of predictions with a label by the time since they were made, on an axis of its logarithm. */
export function toMaturityView({ steps, horizons }: MaturityCurve): PanelView {
  const known = horizons.filter(({ share }) => share !== undefined);
  const end = Math.max(known.at(-1)?.afterMinutes ?? 0, steps.at(-1)?.afterMinutes ?? 0);
  const last = steps.at(-1);
  const points = [
    { afterMinutes: MINUTES_MIN, share: 0, low: 0, high: 0 },
    ...steps,
    ...(last === undefined ? [] : [{ ...last, afterMinutes: end }]),
  ];
  return {
    panel: { ...PANEL, id: 'maturity', title: 'Labels that have come', unit: 'percent' },
    ...{ from: '', to: '' },
    rows: points.map(({ afterMinutes, share = 0, low = share, high = share }) => ({
      ...{ minutes: Math.max(MINUTES_MIN, afterMinutes), share: 100 * share },
      ...{ share_low: 100 * low, share_high: 100 * high },
    })),
  };
}

/** A curve in steps, with its band. */
export const toMaturityOption: ToOption = (view, look) => {
  const { rows, panel } = view;
  const ink = inkOf(look);
  const color = seriesColor(0, look);
  const scale = { min: 0, max: 100, step: 25 };
  const minutes = rows.map((row) => maybeNumber(row.minutes) ?? MINUTES_MIN);
  const ticks = [MINUTES_MIN, 60, 360, 1440, 2880, 10_080, 43_200].filter((tick) => tick <= Math.max(60, ...minutes));
  const place = (series: EChartsCoreOption): EChartsCoreOption => ({
    ...{ ...series, step: 'end' },
    data: Array.from(Object(series.data) as readonly unknown[], (value, at) => [
      Math.log10(minutes[at] ?? MINUTES_MIN),
      value,
    ]),
  });
  const frame = toFrame(view, look, []);
  return {
    ...frame,
    tooltip: {
      ...Object(frame.tooltip),
      formatter: ([first]: readonly Hovered[]) => toStepText(rows[first?.dataIndex ?? -1]),
    },
    xAxis: {
      type: 'value',
      ...{ min: Math.log10(MINUTES_MIN), max: Math.log10(Math.max(60, ...minutes)) },
      splitLine: { show: false },
      axisLine: { show: true, lineStyle: { color: ink.line } },
      axisTick: { show: false, customValues: ticks.map(Math.log10) },
      axisLabel: {
        ...{ color: ink.dimmed, fontSize: 11, hideOverlap: true, customValues: ticks.map(Math.log10) },
        formatter: (value: number) => toSpanText(Math.round(10 ** value)),
      },
      axisPointer: { label: { formatter: ({ value }: { value: number }) => toSpanText(Math.round(10 ** value)) } },
    },
    yAxis: { type: 'value', ...toValueAxis(panel, look, scale), axisLine: { show: false } },
    series: [
      ...toBand(rows, { column: 'share', color, opacity: 0.16 }).map(place),
      place({
        ...{ name: panel.title, type: 'line', color, symbol: 'none', lineStyle: { width: 2 } },
        data: rows.map((row) => maybeNumber(row.share) ?? null),
      }),
    ],
  };
};

function toStepText(row: PanelRow | undefined): string {
  if (row === undefined) return '';
  const share = (column: string): string => toShareText((maybeNumber(row[column]) ?? 0) / 100);
  return `After ${toSpanText(maybeNumber(row.minutes) ?? 0)}: <b>${share('share')}</b> (${share('share_low')} to ${share('share_high')})`;
}
