import { type NumberStyle, toCompactText, toStatisticText } from '../format.ts';
import { maybeNumber, type PanelRow } from './panel-view.ts';
import type { Series } from './series.ts';

/** A range of numbers; that at either end has one bound. */
interface Bin {
  readonly low: number | undefined;
  readonly high: number | undefined;
}

export interface HistogramTable {
  readonly bins: readonly Bin[];
  readonly series: readonly Series[];
}

/** Rows of `low`, `high`, `metric` and `value` as series over the same bins. Bins at the ends without a value are left out. */
export function toHistogramTable(rows: readonly PanelRow[]): HistogramTable {
  const placed = rows.map((row) => ({ row, key: `${row.low} ${row.high}`, value: maybeNumber(row.value) ?? null }));
  const all = new Map(placed.map(({ row, key }) => [key, { low: maybeNumber(row.low), high: maybeNumber(row.high) }]));
  const filled = new Set(placed.flatMap(({ key, value }) => (value ? key : [])));
  const kept = [...all].filter(([key, { low, high }]) => filled.has(key) || (low !== undefined && high !== undefined));
  const metrics = [...new Set(rows.map(({ metric }) => String(metric)))];
  const series = metrics.map((name) => {
    const values = new Map(
      placed.flatMap(({ row, key, value }) => (row.metric === name ? [[key, value] as const] : [])),
    );
    return { name, values: kept.map(([key]) => values.get(key) ?? null) };
  });
  return { bins: kept.map(([, bin]) => bin), series };
}

/** A bin by its lower bound, short enough for an axis. */
export function toBinText({ low, high }: Bin): string {
  return low === undefined ? `< ${toCompactText(high)}` : toCompactText(low);
}

/** A bin in full, in the unit of its numbers. */
export function toRangeText({ low, high }: Bin, style: NumberStyle = {}): string {
  const { unit: _, ...plain } = style;
  if (low === undefined) return `below ${toStatisticText(high, style)}`;
  if (high === undefined) return `${toStatisticText(low, style)} and more`;
  return `${toStatisticText(low, plain)} to ${toStatisticText(high, style)}`;
}
