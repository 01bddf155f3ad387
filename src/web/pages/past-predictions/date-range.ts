import { zoneOffsetMinutes } from '../../zone.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** A day as the API takes it, in the zone that is shown, or so many days before: `2026-11-21`. */
function toDay(time: number, daysBefore = 0): string {
  // Counted without a clock: a day may have 23 or 25 hours.
  const day = new Date(time + zoneOffsetMinutes(time) * MINUTE_MS).getTime() - daysBefore * DAY_MS;
  return new Date(day).toISOString().slice(0, 10);
}

/** The most common ranges. */
export function toPresets(now: number): { label: string; days: { from: string; to: string } }[] {
  const last = (days: number) => ({ from: toDay(now, days - 1), to: toDay(now) });
  return [
    { label: 'Today', days: last(1) },
    { label: 'Yesterday', days: { from: toDay(now, 1), to: toDay(now, 1) } },
    { label: 'Last 7 days', days: last(7) },
    { label: 'Last 30 days', days: last(30) },
  ];
}
