import { z } from 'zod';
import { recordedChange } from './recorded-change.ts';

const time = z.iso.datetime();
const interval = z.object({ from: time, to: time });

export const schedule = z
  .object({
    pipeline: z.string(),
    cron: z.string(),
    timeZone: z.string(),
    /** Which ticks that came due during an outage or a pause are run later. */
    catchUp: z.union([z.enum(['none', 'latest', 'all']), z.object({ atMost: z.int() })]),
    /** What a tick does when a run of its pipeline is in progress. */
    overlap: z.enum(['skip', 'queue', 'replace']),
    pause: z.object({ at: time, by: z.string(), reason: z.string() }).nullable(),
    /** The run in progress. */
    runId: z.string().nullable(),
    /** Ticks that wait for their turn. */
    waiting: z.int(),
    /** The newest tick that was not run, and why. */
    dropped: z.object({ tick: time, reason: z.string() }).nullable(),
    /** Median duration of the latest successful runs. */
    usualMs: z.int().nullable(),
    /**
     * Next ticks; none while it is paused. `isOverlapping`: a run is likely to be in progress, based on the usual
     * duration.
     */
    next: z.array(z.object({ at: time, interval, isOverlapping: z.boolean() })),
  })
  .meta({ id: 'Schedule' });

export const schedules = z.object({ items: z.array(schedule) }).meta({ id: 'Schedules' });

export const schedulePath = z.object({
  pipeline: z
    .string()
    .min(1)
    .max(100)
    .meta({ examples: ['train'] }),
});

/** Why a schedule is paused or resumed, and by whom. */
export const scheduleChange = z.strictObject(recordedChange).meta({ id: 'ScheduleChange' });

export type Schedule = z.infer<typeof schedule>;
