import type { EChartsCoreOption } from 'echarts/core';
import type { AlertRule, AlertRuleTrial, Panel } from '#api';
import type { ToOption } from '../../dashboard/chart-frame.ts';
import { toTimeseriesOption } from '../../dashboard/chart-options.ts';
import type { PanelView } from '../../dashboard/panel-view.ts';
import { toCountText, toDurationText, toTimeText } from '../../format.ts';
import { TONES } from '../../tones.ts';
import { toRuleValueText } from './rule-words.ts';

type Tried = Pick<AlertRule, 'title' | 'unit' | 'firesWhen'>;
type Firing = AlertRuleTrial['firings'][number];

/** The unit in which a chart writes what a rule measures, and what a value is multiplied by for it. */
const UNITS: Readonly<Record<AlertRule['unit'], { readonly unit: Panel['unit']; readonly factor: number }>> = {
  share: { unit: 'percent', factor: 100 },
  minutes: { unit: 'seconds', factor: 60 },
  intervals: { unit: 'none', factor: 1 },
  count: { unit: 'count', factor: 1 },
  number: { unit: 'none', factor: 1 },
};

const FIRING_OPACITY = 0.22;

/** What a rule measured over the last day, beside its threshold, as a panel of a dashboard. */
export function toTrialView({ title, unit: measured, firesWhen }: Tried, trial: AlertRuleTrial): PanelView {
  const { unit, factor } = UNITS[measured];
  const from = trial.threshold * factor;
  const thresholds: Panel['thresholds'] = firesWhen === 'below' ? [{ from, color: 'green' }] : [{ from, color: 'red' }];
  return {
    panel: { id: 'trial', title, kind: 'timeseries', unit, thresholds, width: 24, height: 8 },
    rows: trial.values.map(({ at, value }) => ({ time: at, value: value === null ? null : value * factor })),
    from: trial.from,
    to: trial.to,
  };
}

/** The chart of a panel with the times marked at which the rule would have been firing. */
export function toTrialOption({ firings, to }: AlertRuleTrial): ToOption {
  return (view, look) => {
    const { series, ...frame } = toTimeseriesOption(view, look) as { readonly series: readonly EChartsCoreOption[] }; // As it makes them.
    const areas = {
      ...{ type: 'line', name: 'Firing', data: [], color: TONES[look.scheme].red.solid },
      markArea: {
        silent: true,
        itemStyle: { color: TONES[look.scheme].red.solid, opacity: FIRING_OPACITY },
        data: firings.map(({ firedAt, resolvedAt }) => [{ xAxis: firedAt }, { xAxis: resolvedAt ?? to }]),
      },
    };
    return { ...frame, series: [...series, areas] };
  };
}

/** How often a rule would have fired, in one sentence. */
export function toTrialSentence({ firings, values }: AlertRuleTrial): string {
  if (values.every(({ value }) => value === null)) return 'There were no data in the last 24 hours to try it on.';
  if (firings.length === 0) return 'It would not have fired in the last 24 hours.';
  const still = firings.some(({ resolvedAt }) => resolvedAt === null) ? ', and would be firing now' : '';
  return `It would have fired ${toCountText(firings.length, 'time')} in the last 24 hours${still}.`;
}

/** One time that a rule would have fired: when, how long, and the worst value. */
export function toFiringText({ firedAt, resolvedAt, peak, detail }: Firing, { unit }: Pick<AlertRule, 'unit'>): string {
  const lasting = resolvedAt === null ? 'still' : `for ${toDurationText(Date.parse(resolvedAt) - Date.parse(firedAt))}`;
  return `${toTimeText(firedAt)}, ${lasting}, at worst ${toRuleValueText(peak, unit)}${detail === null ? '' : `: ${detail}`}`;
}
