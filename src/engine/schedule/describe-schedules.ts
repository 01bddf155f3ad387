import type { Queryable } from '#store';
import { type EngineEffects, realEffects } from '../define/effects.ts';
import type { CatchUp, Interval, Overlap, Schedule } from '../define/pipeline.ts';
import { policyOf } from './decide.ts';
import type { Pause } from './pause.ts';
import { createTicks } from './ticks.ts';

/** A future tick. */
export interface ComingTick {
  readonly at: Date;
  readonly interval: Interval;
  /** Whether it is likely to find a run of its pipeline, going by how long runs usually take. */
  readonly isOverlapping: boolean;
}

/** A schedule to show: its definition, its state, and its next ticks. */
export interface ScheduleRecord {
  readonly pipeline: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly catchUp: CatchUp;
  readonly overlap: Overlap;
  readonly pause: Omit<Pause, 'pipeline'> | null;
  /** The run in progress; backfill does not count. */
  readonly runId: string | null;
  /** Ticks that wait for their turn. */
  readonly waiting: number;
  /** The newest tick that was not run, and why. */
  readonly dropped: { readonly tick: Date; readonly reason: string } | null;
  /** Median duration of the latest runs that succeeded. */
  readonly usualMs: number | null;
  /** None while it is paused. */
  readonly next: readonly ComingTick[];
}

export interface DescribeOptions {
  readonly schedules: readonly Schedule[];
  /** How many future ticks. */
  readonly count?: number | undefined;
}

const COUNT_DEFAULT = 3;
const LATEST_RUNS = 20;

/** The state of each schedule, in the order given. */
export async function describeSchedules(
  database: Queryable,
  { schedules, count = COUNT_DEFAULT }: DescribeOptions,
  { now }: Pick<EngineEffects, 'now'> = realEffects,
): Promise<readonly ScheduleRecord[]> {
  const followed = schedules.filter(({ cron }) => cron !== 'off');
  const rows = await database.query<StateRow>(STATES, [followed.map(({ pipeline }) => pipeline), LATEST_RUNS]);
  const byPipeline = new Map(rows.map((row) => [row.pipeline, row]));
  return followed.map((schedule) => describe(schedule, { row: byPipeline.get(schedule.pipeline), now: now(), count }));
}

interface StateRow {
  readonly pipeline: string;
  readonly pausedAt: Date | null;
  readonly pausedBy: string;
  readonly pausedReason: string;
  readonly droppedTick: Date | null;
  readonly droppedReason: string;
  readonly waiting: number;
  readonly runId: string | null;
  readonly runningSince: Date | null;
  readonly usualMs: number | null;
}

const STATES = `
  select p.pipeline, s.paused_at as "pausedAt", s.paused_by as "pausedBy", s.paused_reason as "pausedReason",
    s.dropped_tick as "droppedTick", s.dropped_reason as "droppedReason",
    (select count(*)::integer from schedule_ticks t where t.pipeline = p.pipeline) as waiting,
    live.id::text as "runId", live.created_at as "runningSince", usual.ms as "usualMs"
  from unnest($1::text[]) as p (pipeline)
  left join schedules s on s.pipeline = p.pipeline
  left join lateral (
    select id, created_at from runs r
    where r.pipeline = p.pipeline and r.state in ('queued', 'running') and r.trigger <> 'backfill' order by r.id limit 1
  ) as live on true
  left join lateral (
    select percentile_cont(0.5) within group (order by ms) as ms from (
      select extract(epoch from r.ended_at - r.created_at)::double precision * 1000 as ms from runs r
      where r.pipeline = p.pipeline and r.state = 'succeeded' order by r.id desc limit $2
    ) as latest
  ) as usual on true`;

interface Describing {
  readonly row: StateRow | undefined;
  readonly now: Date;
  readonly count: number;
}

function describe(schedule: Schedule, { row, now, count }: Describing): ScheduleRecord {
  const { pipeline, cron, timeZone } = schedule;
  const pausedAt = row?.pausedAt ?? null;
  const droppedTick = row?.droppedTick ?? null;
  const usualMs = row?.usualMs ?? null;
  return {
    ...{ pipeline, cron, timeZone, ...policyOf(schedule) },
    pause: pausedAt && { at: pausedAt, by: row?.pausedBy ?? '', reason: row?.pausedReason ?? '' },
    runId: row?.runId ?? null,
    waiting: row?.waiting ?? 0,
    dropped: droppedTick && { tick: droppedTick, reason: row?.droppedReason ?? '' },
    usualMs: usualMs === null ? null : Math.round(usualMs),
    next:
      pausedAt === null ? comingTicks(schedule, { now, count, usualMs: usualMs ?? 0, since: row?.runningSince }) : [],
  };
}

interface Coming {
  readonly now: Date;
  readonly count: number;
  readonly usualMs: number;
  /** When the run in progress was created. */
  readonly since: Date | null | undefined;
}

function comingTicks(schedule: Schedule, { now, count, usualMs, since }: Coming): readonly ComingTick[] {
  const ticks = createTicks(schedule);
  const coming: ComingTick[] = [];
  // When the pipeline is expected to be free: a run that already takes longer than usual may end at any moment.
  let busyUntilMs = since ? Math.max(since.getTime() + usualMs, now.getTime()) : 0;
  for (let at = ticks.next(now); at !== undefined && coming.length < count; at = ticks.next(at)) {
    const isOverlapping = at.getTime() < busyUntilMs;
    coming.push({ at, interval: ticks.intervalOf(at), isOverlapping });
    if (!isOverlapping) busyUntilMs = at.getTime() + usualMs;
  }
  return coming;
}
