import type { ModelVersion } from '#api';
import { useLabelColumn } from '../label-column.ts';
import { toMetricText } from '../metrics.ts';

interface MetricProps {
  readonly name: string;
  readonly metric: ModelVersion['metrics'][string] | undefined;
}

/** The value of a metric; an error of numbers in the unit of the label. */
export function MetricText({ name, metric }: MetricProps) {
  return toMetricText(name, metric?.value, useLabelColumn());
}

/** The bounds of its 95 % interval, or why there are none. */
export function MetricIntervalText({ name, metric, absence }: MetricProps & { readonly absence: string }) {
  const label = useLabelColumn();
  if (metric?.low === undefined || metric.high === undefined) return absence;
  const { unit: _, ...plain } = label ?? {};
  return `${toMetricText(name, metric.low, plain)} to ${toMetricText(name, metric.high, label)}`;
}
