import type { ModelVersion } from '#api';
import { inUsualOrder } from '../../metrics.ts';

/** Anything that has metrics: a model version, or a day. */
type Measured = Pick<ModelVersion, 'metrics'>;

export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** All metrics of versions or days, the usual ones first. */
export function metricNames(versions: readonly Measured[]): string[] {
  return inUsualOrder(versions.flatMap(({ metrics }) => Object.keys(metrics)));
}

/** The range that shows every value and interval of a metric, with some air at both ends. */
export function toBounds(name: string, versions: readonly Measured[]): Bounds {
  const values = versions.flatMap(({ metrics }) => {
    const metric = metrics[name];
    return metric === undefined ? [] : [metric.value, metric.low ?? metric.value, metric.high ?? metric.value];
  });
  if (values.length === 0) return { low: 0, high: 1 };
  const low = Math.min(...values);
  const high = Math.max(...values);
  const air = (high - low) * 0.15 || Math.abs(high) * 0.1 || 0.1;
  return { low: low - air, high: high + air };
}

/** Place of a value between the bounds, in percent. */
export function toPlace(value: number, { low, high }: Bounds): number {
  return ((value - low) / (high - low)) * 100;
}
