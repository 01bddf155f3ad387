const UNIT_SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const WRITTEN = /^'?(\d{1,6})(ms|s|m|h|d|w)'?$/;

// At least a minute: predictions are counted by the minute.
const INTERVALS = ['1m', '2m', '5m', '10m', '15m', '30m', '1h', '2h', '3h', '6h', '12h', '1d', '7d', '28d'] as const;
export type Interval = (typeof INTERVALS)[number];

/** Most buckets in a chart: more would be too thin to see. */
export const BUCKETS_MAX = 90;

/** From so long a window on buckets are whole hours, so that counts by the hour are read: those by the minute are too many. */
const HOURS_FROM_SECONDS = 12 * 3600;

/** Seconds in an interval as Grafana writes it (`30s`, `'5m'`), or undefined when it is none. */
export function maybeSeconds(written: string): number | undefined {
  const [, count, unit] = WRITTEN.exec(written.trim()) ?? [];
  const seconds = Number(count) * (UNIT_SECONDS[unit ?? ''] ?? Number.NaN);
  return seconds > 0 ? seconds : undefined;
}

/** Width of the buckets for a window: the finest that keeps to the number of buckets and to hours. */
export function intervalOf({ from, to }: { readonly from: Date; readonly to: Date }): Interval {
  const seconds = (to.getTime() - from.getTime()) / 1000;
  const finestSeconds = Math.max(seconds / BUCKETS_MAX, seconds >= HOURS_FROM_SECONDS ? 3600 : 0);
  return INTERVALS.find((interval) => (maybeSeconds(interval) ?? 0) >= finestSeconds) ?? '28d';
}
