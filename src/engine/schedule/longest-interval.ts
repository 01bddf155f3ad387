import type { Schedule } from '../define/pipeline.ts';
import { createTicks } from './ticks.ts';

/** Enough for the nights and weekends of schedules by the minute of working hours. */
const TICKS_LOOKED_AT = 1000;
const MINUTE_MS = 60_000;

/** The longest time between two ticks that come after a moment, in minutes; undefined when there are no two. */
export function longestIntervalMinutes(schedule: Schedule, after: Date): number | undefined {
  const ticks = createTicks(schedule);
  let longestMs = 0;
  let last = ticks.next(after);
  for (let count = 1; count < TICKS_LOOKED_AT && last !== undefined; count += 1) {
    const next = ticks.next(last);
    if (next === undefined) break;
    longestMs = Math.max(longestMs, next.getTime() - last.getTime());
    last = next;
  }
  return longestMs === 0 ? undefined : longestMs / MINUTE_MS;
}
