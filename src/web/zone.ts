import { useSyncExternalStore } from 'react';

const KEPT_AS = 'weir-zone';
const listeners = new Set<() => void>();
let isUtc = kept() === 'UTC';

// A browser may refuse to keep anything; then the choice holds until the page is left.
function kept(): string | null {
  try {
    return globalThis.localStorage?.getItem(KEPT_AS) ?? null;
  } catch {
    return null;
  }
}

/** Name of the zone in which times are shown: that of the viewer, `Europe/Berlin`, or `UTC` when they chose it. */
export function timeZone(): string {
  return isUtc ? 'UTC' : localZone();
}

/** Name of the viewer's own zone. */
export function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Minutes to add to UTC for the zone in which times are shown, at a moment. */
export function zoneOffsetMinutes(time: number): number {
  return isUtc ? 0 : -new Date(time).getTimezoneOffset();
}

/** Shows times in UTC from now on, or in the viewer's zone. */
export function showTimesInUtc(chosen: boolean): void {
  isUtc = chosen;
  try {
    globalThis.localStorage?.setItem(KEPT_AS, chosen ? 'UTC' : 'local');
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
