import { Tooltip } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import { NOTHING, toDurationText, toRelativeText, toTimeText, toZoneText } from '../format.ts';
import { timeZone } from '../zone.ts';

const TICK_MS = 5_000;
let nowMs = Date.now();
const listeners = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | undefined;

// One timer for all times on the page, so that they move together.
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (ticking === undefined) nowMs = Date.now();
  ticking ??= setInterval(() => {
    nowMs = Date.now();
    for (const each of listeners) each();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(ticking);
    ticking = undefined;
  };
}

/** The time now, renewed every few seconds. */
export function useNowMs(): number {
  return useSyncExternalStore(subscribe, () => nowMs);
}

interface TimeTextProps {
  readonly time: string | null;
  /** Show the absolute time and hint at the distance, instead of the other way round. */
  readonly isAbsolute?: boolean;
  /** Shown when there is no time. */
  readonly fallback?: string;
}

/** A moment in the zone that is shown; the other reading (relative or absolute, zone named) is in its hint. */
export function TimeText({ time, isAbsolute = false, fallback = NOTHING }: TimeTextProps) {
  const now = useNowMs();
  if (time === null) return <span>{fallback}</span>;
  // Data may be newer than the last tick of the page's clock.
  const relative = toRelativeText(time, Math.max(now, Math.min(Date.now(), new Date(time).getTime())));
  const absolute = toTimeText(time);
  return (
    <Tooltip label={`${isAbsolute ? relative : absolute} (${timeZone()})`}>
      <time dateTime={time} className="nowrap tabular">
        {isAbsolute ? (
          <>
            {absolute} <span className="zone">{toZoneText(time)}</span>
          </>
        ) : (
          relative
        )}
      </time>
    </Tooltip>
  );
}

interface SpanTextProps {
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

/** How long something took, or has taken so far. */
export function SpanText({ startedAt, endedAt }: SpanTextProps) {
  const now = useNowMs();
  if (startedAt === null) return <span>{NOTHING}</span>;
  const end = endedAt === null ? Math.max(now, new Date(startedAt).getTime()) : new Date(endedAt).getTime();
  const text = toDurationText(Math.max(end - new Date(startedAt).getTime(), 0));
  return <span className="nowrap tabular">{endedAt === null ? `${text} so far` : text}</span>;
}
