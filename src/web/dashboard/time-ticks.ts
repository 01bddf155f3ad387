import { toClockText, toShortClockText, toShortDayText } from '../format.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const STEPS_MS = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND_MS),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS),
  ...[1, 2, 7, 14, 28].map((days) => days * DAY_MS),
] as const;

export interface TimeTicks {
  readonly stepMs: number;
  /** Round times in the zone that is shown, one step apart. */
  readonly times: readonly number[];
}

interface Ticking {
  readonly from: number;
  readonly to: number;
  /** At most so many. */
  readonly most: number;
  /** Minutes to add to UTC for the zone that is shown. */
  readonly offsetMinutes: number;
}

/** Ticks inside a window. Those that ECharts makes include both ends of the window, which are in no step of the others. */
export function toTimeTicks({ from, to, most, offsetMinutes }: Ticking): TimeTicks {
  const least = (to - from) / most;
  const stepMs = STEPS_MS.find((each) => each >= least) ?? Math.ceil(least / DAY_MS) * DAY_MS;
  const shift = offsetMinutes * MINUTE_MS;
  const times: number[] = [];
  for (let time = Math.ceil((from + shift) / stepMs) * stepMs - shift; time <= to; time += stepMs) times.push(time);
  return { stepMs, times };
}

/** A time as its tick shows it: no finer than the step; midnight as its day. */
export function toTickText(time: number, { stepMs }: Pick<TimeTicks, 'stepMs'>): string {
  if (stepMs < MINUTE_MS) return toClockText(time);
  const clock = toShortClockText(time);
  return stepMs >= DAY_MS || clock === '00:00' ? toShortDayText(time) : clock;
}
