import type { EChartsCoreOption } from 'echarts/core';
import type { ModelVersion, Panel } from '#api';
import { inkOf, type ToOption, toFrame } from '../../dashboard/chart-frame.ts';
import type { PanelRow, PanelView } from '../../dashboard/panel-view.ts';
import { maybeNumber } from '../../dashboard/panel-view.ts';
import { toAxisText, toValueScale, type ValueScale } from '../../dashboard/value-scale.ts';
import type { NumberStyle } from '../../format.ts';
import { SERIES } from '../../tones.ts';

type Distribution = NonNullable<ModelVersion['distribution']>;

const PANEL: Omit<Panel, 'id' | 'title'> = { kind: 'histogram', unit: 'percent', thresholds: [], width: 8, height: 8 };

/** Predicted and real numbers of the test rows, as shares of bins. */
export function toValuesView({ values }: Distribution, label: NumberStyle | undefined): PanelView {
  const { edges, predicted, actual } = values;
  return toView({ ...PANEL, id: 'values', title: 'Predicted and real numbers' }, label, [
    ...toShares('predicted', edges, predicted),
    ...toShares('real', edges, actual),
  ]);
}

/** Predicted minus real numbers of the test rows, as shares of bins. */
export function toErrorsView({ errors }: Distribution, label: NumberStyle | undefined): PanelView {
  return toView({ ...PANEL, id: 'errors', title: 'Errors' }, label, toShares('errors', errors.edges, errors.rows));
}

/** Groups of test rows by what was predicted for them, beside what was real. */
export function toGroupsView({ groups }: Distribution, label: NumberStyle | undefined): PanelView {
  const panel: Panel = {
    ...PANEL,
    id: 'groups',
    title: 'Real by predicted numbers',
    kind: 'timeseries',
    unit: 'label',
  };
  return toView(panel, label, groups);
}

function toView(panel: Panel, label: NumberStyle | undefined, rows: readonly PanelRow[]): PanelView {
  return { panel, rows, from: '', to: '', label };
}

function toShares(metric: string, edges: readonly number[], counts: readonly number[]): PanelRow[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count, bin) => ({
    ...{ low: edges[bin - 1] ?? null, high: edges[bin] ?? null, metric },
    value: (100 * count) / total,
  }));
}

const LINES = [
  { name: '90th percentile', column: 'high', type: 'dotted' },
  { name: 'Average', column: 'actual', type: 'solid' },
  { name: '10th percentile', column: 'low', type: 'dotted' },
] as const;

/** Real against predicted numbers, beside the diagonal on which a model without errors would lie. */
export const toGroupsOption: ToOption = (view, look) => {
  const { panel, rows } = view;
  const numbers = rows.flatMap((row) => [row.predicted, row.low, row.high].flatMap((each) => maybeNumber(each) ?? []));
  const scale = toValueScale(numbers, panel);
  const axis = toAxis(scale, view, inkOf(look));
  const [color, other] = SERIES[look.scheme];
  return {
    ...toFrame(view, look, [...LINES, { name: 'Without errors' }].map(toEmptySeries)),
    xAxis: axis,
    yAxis: axis,
    series: [
      ...LINES.map(({ name, column, type }) => ({
        ...{ name, type: 'line', color, symbol: 'circle', symbolSize: type === 'solid' ? 6 : 0 },
        lineStyle: { width: type === 'solid' ? 2 : 1.5, type },
        data: rows.map((row) => [row.predicted, row[column]]),
      })),
      {
        ...{
          name: 'Without errors',
          type: 'line',
          color: other,
          symbolSize: 0,
          lineStyle: { width: 1.2, type: 'dashed' },
        },
        data: [
          [scale.min, scale.min],
          [scale.max, scale.max],
        ],
      },
    ],
  };
};

const toEmptySeries = ({ name }: { readonly name: string }) => ({ name, values: [] });

function toAxis(scale: ValueScale, { panel }: PanelView, ink: ReturnType<typeof inkOf>): EChartsCoreOption {
  return {
    type: 'value',
    ...{ min: scale.min, max: scale.max, interval: scale.step },
    splitLine: { lineStyle: { color: ink.line } },
    axisLabel: {
      color: ink.dimmed,
      fontSize: 11,
      hideOverlap: true,
      formatter: (value: number) => toAxisText(value, scale, panel),
    },
  };
}
