import type { Database, Queryable } from '#store';
import type { Interval, Schedule } from '../define/pipeline.ts';
import type { Trigger } from '../define/states.ts';
import { maybeInsertRun } from '../records/write-runs.ts';
import { type Decision, decide, type Policy } from './decide.ts';
import type { Ticks } from './ticks.ts';

/** A run that a tick has created, to be planned. */
export interface TickRun {
  readonly id: string;
  readonly pipeline: string;
  readonly interval: Interval;
}

export interface LookOptions {
  readonly schedule: Schedule;
  readonly ticks: Ticks;
  readonly policy: Policy;
  readonly now: Date;
  /** A run of the pipeline that has ended in the database is still being settled in this process. */
  readonly isSettling: boolean;
}

export interface LookResult {
  readonly isPaused: boolean;
  readonly started?: TickRun;
  /** Runs to cancel in favour of a newer tick. */
  readonly replaced: readonly string[];
}

/** The ticks of an expression start when it is first followed, or when it replaces another. */
export async function registerSchedule(database: Queryable, schedule: Schedule, now: Date): Promise<void> {
  await database.query(
    `insert into schedules (pipeline, expression, handled_until) values ($1, $2, $3)
     on conflict (pipeline) do update set expression = excluded.expression, handled_until = excluded.handled_until
       where schedules.expression is distinct from excluded.expression`,
    [schedule.pipeline, `${schedule.cron} in ${schedule.timeZone}`, now],
  );
}

interface ScheduleRow {
  readonly handledUntil: Date;
  readonly resumedAt: Date | null;
  readonly isPaused: boolean;
}

interface LiveRow {
  readonly id: string;
  readonly trigger: Trigger;
}

/**
 * Decides about the ticks that came due, and creates the next run, in one transaction under the lock of the schedule: a
 * tick is decided once, however many processes do this at once and wherever they crash.
 */
export function lookAtSchedule(database: Database, options: LookOptions): Promise<LookResult> {
  const { schedule, ticks, policy, now, isSettling } = options;
  return database.transaction(async (tx) => {
    const [row] = await tx.query<ScheduleRow>(
      `select handled_until as "handledUntil", resumed_at as "resumedAt", paused_at is not null as "isPaused"
       from schedules where pipeline = $1 for update`,
      [schedule.pipeline],
    );
    if (row === undefined || row.isPaused) return { isPaused: row?.isPaused ?? false, replaced: [] };
    const live = await findLiveRuns(tx, schedule.pipeline);
    const waiting = await countWaiting(tx, schedule.pipeline);
    const isBusy = live.length > 0 || isSettling;
    const decision = decide(ticks, policy, { ...row, now, isBusy, waiting });
    await record(tx, { schedule, ticks, decision, handledUntil: row.handledUntil });
    if (isBusy) {
      const giving = decision.isReplacing ? live.filter(({ trigger }) => trigger === 'schedule') : [];
      return { isPaused: false, replaced: giving.map(({ id }) => id) };
    }
    if (waiting + decision.kept.length === 0) return { isPaused: false, replaced: [] };
    const started = await startNext(tx, schedule.pipeline);
    return { isPaused: false, replaced: [], ...(started === undefined ? {} : { started }) };
  });
}

/** Backfill runs alongside; any other run has the pipeline to itself. */
function findLiveRuns(tx: Queryable, pipeline: string): Promise<readonly LiveRow[]> {
  return tx.query<LiveRow>(
    `select id::text, trigger from runs where pipeline = $1 and state in ('queued', 'running') and trigger <> 'backfill'`,
    [pipeline],
  );
}

async function countWaiting(tx: Queryable, pipeline: string): Promise<number> {
  const [row] = await tx.query<{ count: number }>(
    'select count(*)::integer as count from schedule_ticks where pipeline = $1',
    [pipeline],
  );
  return row?.count ?? 0;
}

interface Recording {
  readonly schedule: Schedule;
  readonly ticks: Ticks;
  readonly decision: Decision;
  /** As it was before. */
  readonly handledUntil: Date;
}

async function record(tx: Queryable, { schedule, ticks, decision, handledUntil }: Recording): Promise<void> {
  const { kept, isReplacing } = decision;
  let { dropped } = decision;
  if (isReplacing) {
    const [newest] = await tx.query<{ tick: Date }>(
      `with gone as (delete from schedule_ticks where pipeline = $1 returning tick) select tick from gone order by tick desc limit 1`,
      [schedule.pipeline],
    );
    if (newest !== undefined) dropped = { tick: newest.tick, reason: 'A newer tick took its place.' };
  }
  if (decision.handledUntil.getTime() !== handledUntil.getTime() || dropped !== undefined)
    await tx.query(
      `update schedules set handled_until = $2, dropped_tick = coalesce($3, dropped_tick), dropped_reason = coalesce($4, dropped_reason)
       where pipeline = $1`,
      [schedule.pipeline, decision.handledUntil, dropped?.tick ?? null, dropped?.reason ?? null],
    );
  if (kept.length === 0) return;
  await tx.query(
    `insert into schedule_ticks (pipeline, tick, interval_from) select $1, * from unnest($2::timestamptz[], $3::timestamptz[])
     on conflict (pipeline, tick) do nothing`,
    [schedule.pipeline, kept, kept.map((tick) => ticks.intervalOf(tick).from)],
  );
}

/** The oldest waiting tick whose interval has no run; the others are removed. */
async function startNext(tx: Queryable, pipeline: string): Promise<TickRun | undefined> {
  for (;;) {
    const [next] = await tx.query<Interval>(
      `delete from schedule_ticks where pipeline = $1
         and tick = (select min(tick) from schedule_ticks where pipeline = $1)
       returning interval_from as "from", tick as "to"`,
      [pipeline],
    );
    if (next === undefined) return undefined;
    const succeeded = await tx.query(
      `select 1 from runs where pipeline = $1 and interval_from = $2 and interval_to = $3 and state = 'succeeded' limit 1`,
      [pipeline, next.from, next.to],
    );
    if (succeeded.length > 0) continue;
    const created = await maybeInsertRun(tx, { pipeline, trigger: 'schedule', scheduledFor: next.to, interval: next });
    if (created !== undefined) return { id: created.id, pipeline, interval: next };
  }
}
