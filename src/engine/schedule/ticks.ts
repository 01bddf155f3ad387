import { Cron } from 'croner';
import { EngineError } from '../define/errors.ts';
import type { Interval, Schedule } from '../define/pipeline.ts';

/**
 * The ticks of a cron expression in a time zone, as moments in UTC, in order. Each ends one interval and starts the
 * next, so intervals cover time without gaps. Where clocks change: an expression whose hours, minutes and seconds hold
 * no `*` and no step means wall-clock times, each once a day: a time in a gap ticks at the first moment after it
 * (possibly together with another), a repeated time ticks the first time. Any other expression means every matching
 * moment: none in a gap, both in a repeated hour.
 */
export interface Ticks {
  /** The first tick after the moment; undefined when there is none any more. */
  next(after: Date): Date | undefined;
  /** The last `count` ticks up to and including the moment, oldest first. */
  last(count: number, until: Date): readonly Date[];
  /** Ticks after the one moment, up to and including the other, oldest first. */
  between(after: Date, until: Date): Iterable<Date>;
  /** The interval that the tick ends. */
  intervalOf(tick: Date): Interval;
}

const SECOND_MS = 1_000;

/** Parses the expression; throws an EngineError when it is invalid, or the time zone is unknown. */
export function createTicks(schedule: Schedule): Ticks {
  const cron = toCron(schedule);
  const next = (after: Date): Date | undefined => cron.nextRun(after) ?? undefined;
  // croner's own look back excludes the moment itself.
  const last = (count: number, until: Date): readonly Date[] =>
    cron.previousRuns(count, new Date(Math.floor(until.getTime() / SECOND_MS) * SECOND_MS + SECOND_MS)).reverse();
  return {
    next,
    last,
    *between(after, until) {
      for (let tick = next(after); tick !== undefined && tick <= until; tick = next(tick)) yield tick;
    },
    intervalOf: (tick) => {
      const [from] = last(1, new Date(tick.getTime() - SECOND_MS));
      if (from === undefined)
        throw new EngineError(
          'schedule_invalid',
          `There is no tick of "${schedule.cron}" before ${tick.toISOString()}.`,
        );
      return { from, to: tick };
    },
  };
}

function toCron({ pipeline, cron, timeZone }: Schedule): Cron {
  const refuse = (what: string, cause?: unknown): never => {
    throw new EngineError(
      'schedule_invalid',
      `The schedule of pipeline ${pipeline} is no cron expression with a time zone: got ${JSON.stringify(cron)} in ${timeZone}. ${what}`,
      { cause },
    );
  };
  // croner reads `?` as its own start time, and a date as a single tick: neither depends only on the expression.
  if (!/^\s*(@\w+|([^\s?]+\s+){4,5}[^\s?]+)\s*$/.test(cron)) return refuse('Write five or six fields, or "off".');
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch (error) {
    return refuse('Name the time zone as in Europe/Berlin.', error);
  }
  try {
    return new Cron(cron, { timezone: timeZone, paused: true, mode: '5-or-6-parts', fixedTimeRule: 'no-wildcard' });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return refuse(`${reason} Write five or six fields, or "off".`, error);
  }
}
