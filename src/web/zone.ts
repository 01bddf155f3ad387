import { useSyncExternalStore } from 'react';

const KEPT_AS = 'weir-zone';
const MINUTE_MS = 60_000;
const listeners = new Set<() => void>();
let chosen = maybeZone(kept());

// A browser may refuse to keep anything; then the choice holds until the page is left.
function kept(): string | null {
  try {
    return globalThis.localStorage?.getItem(KEPT_AS) ?? null;
  } catch {
    return null;
  }
}

/** The zone, if this browser knows it. */
export function maybeZone(name: string | null): string | undefined {
  try {
    return name === null || name === '' ? undefined : new Intl.DateTimeFormat('en', { timeZone: name }) && name;
  } catch {
    return undefined;
  }
}

/** Name of the zone in which times are shown: that of the viewer, `Europe/Berlin`, unless they chose another. */
export function timeZone(): string {
  return chosen ?? localZone();
}

/** Name of the viewer's own zone. */
export function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Making one takes longer than using it. */
const clocks = new Map<string, Intl.DateTimeFormat>();
function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone);
  if (known !== undefined) return known;
  const parts = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
  const made = new Intl.DateTimeFormat('en', { ...parts, hourCycle: 'h23', timeZone: zone });
  clocks.set(zone, made);
  return made;
}

/** Minutes to add to UTC for a zone at a moment: that in which times are shown, unless another is named. */
export function zoneOffsetMinutes(time: number, zone = timeZone()): number {
  if (zone === 'UTC') return 0;
  const parts = clockOf(zone).formatToParts(time);
  const read = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((part) => part.type === type)?.value);
  const there = Date.UTC(read('year'), read('month') - 1, read('day'), read('hour'), read('minute'));
  return Math.round((there - Math.floor(time / MINUTE_MS) * MINUTE_MS) / MINUTE_MS);
}

/** Shows times in this zone from now on; without one in the viewer's own. */
export function showTimesIn(zone: string | undefined): void {
  chosen = maybeZone(zone ?? null);
  try {
    globalThis.localStorage?.setItem(KEPT_AS, chosen ?? 'local');
  } catch {}
  for (const listener of listeners) listener();
}

/** The zone in which times are shown; a component that uses it follows the choice. */
export function useTimeZone(): string {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, timeZone);
}
