import { Cron } from 'croner';
import type { EngineEffects } from '../engine.ts';
import { EngineError } from '../errors.ts';
import type { Schedule } from '../pipeline.ts';

/** Calls back at each tick of its schedules until it is closed. */
export interface Clock {
  follow(schedules: readonly Schedule[]): void;
  nextRuns(): readonly { readonly pipeline: string; readonly at: Date }[];
  close(): void;
}

/** A timer further away than this is set again on the way, so that a clock that was set forward is noticed. */
const TIMER_MS_MAX = 60_000;

export function createClock(
  onTick: (pipeline: string, at: Date) => void,
  effects: Pick<EngineEffects, 'now' | 'after'>,
): Clock {
  const next = new Map<string, { readonly pipeline: string; readonly at: Date }>();
  const cancels = new Set<() => void>();
  let isClosed = false;
  const arm = (
    id: string,
    follow: { readonly schedule: Schedule; readonly cron: Cron; readonly after: Date },
  ): void => {
    const at = follow.cron.nextRun(follow.after);
    if (at === null || isClosed) {
      next.delete(id);
      return;
    }
    next.set(id, { pipeline: follow.schedule.pipeline, at });
    wait(at, () => {
      onTick(follow.schedule.pipeline, at);
      // A tick that came late, after a sleep of the machine, is one tick: the next is in the future.
      const now = effects.now();
      arm(id, { ...follow, after: now > at ? now : at });
    });
  };
  const wait = (at: Date, callback: () => void): void => {
    const remainingMs = at.getTime() - effects.now().getTime();
    if (remainingMs <= 0) {
      callback();
      return;
    }
    const cancel = effects.after(Math.min(remainingMs, TIMER_MS_MAX), () => {
      cancels.delete(cancel);
      if (!isClosed) wait(at, callback);
    });
    cancels.add(cancel);
  };
  return {
    follow: (schedules) => {
      for (const schedule of schedules) {
        if (schedule.cron === 'off') continue;
        arm(`${schedule.pipeline} ${schedule.cron} ${schedule.timeZone}`, {
          schedule,
          cron: toCron(schedule),
          after: effects.now(),
        });
      }
    },
    nextRuns: () => [...next.values()].sort((a, b) => a.at.getTime() - b.at.getTime()),
    close: () => {
      isClosed = true;
      for (const cancel of cancels) cancel();
      next.clear();
    },
  };
}

function toCron(schedule: Schedule): Cron {
  try {
    return new Cron(schedule.cron, { timezone: schedule.timeZone, paused: true });
  } catch (error) {
    throw new EngineError(
      `The schedule of pipeline ${schedule.pipeline} is no cron expression with a time zone: got ${JSON.stringify(schedule.cron)} in ${schedule.timeZone}. Write five or six fields, or "off".`,
      { cause: error },
    );
  }
}
