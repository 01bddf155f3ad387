import type { Database } from '#store';
import { type EngineEffects, realEffects } from '../define/effects.ts';
import { EngineError } from '../define/errors.ts';

/** NOTIFY channel; the payload is the pipeline whose schedule is to be looked at. */
export const SCHEDULES_CHANNEL = 'weir_schedules';

export interface PauseRequest {
  readonly pipeline: string;
  /** Who requests it: the name of a person or a program, shown later. */
  readonly by: string;
  readonly reason: string;
}

export interface Pause extends PauseRequest {
  readonly at: Date;
}

/**
 * Pauses the schedule of a pipeline, for every process and across restarts; runs in progress continue. False when it
 * was paused already.
 */
export function pauseSchedule(
  database: Database,
  request: PauseRequest,
  { now }: Pick<EngineEffects, 'now'> = realEffects,
): Promise<boolean> {
  return change(database, { ...request, action: 'pause', at: now() });
}

/**
 * Resumes the schedule of a pipeline; its catch-up handles what came due in the meantime. False when it was not paused.
 */
export function resumeSchedule(
  database: Database,
  request: PauseRequest,
  { now }: Pick<EngineEffects, 'now'> = realEffects,
): Promise<boolean> {
  return change(database, { ...request, action: 'resume', at: now() });
}

type Change = Pause & { readonly action: 'pause' | 'resume' };

// Both wait for the lock of the schedule, so nothing starts after a pause has returned.
const STATEMENTS = {
  pause: `insert into schedules (pipeline, paused_at, paused_by, paused_reason) values ($1, $2, $3, $4)
    on conflict (pipeline) do update
      set paused_at = excluded.paused_at, paused_by = excluded.paused_by, paused_reason = excluded.paused_reason
      where schedules.paused_at is null
    returning pipeline`,
  resume: `update schedules set paused_at = null, paused_by = null, paused_reason = null, resumed_at = $2
    where pipeline = $1 and paused_at is not null and $3::text <> '' and $4::text <> '' returning pipeline`,
};

async function change(database: Database, { pipeline, action, by, reason, at }: Change): Promise<boolean> {
  for (const [name, value] of Object.entries({ by, reason }))
    if (value.trim() === '')
      throw new EngineError(
        'reason_missing',
        `To ${action} the schedule of ${pipeline}, say who asks and why: ${name} is empty.`,
      );
  return database.transaction(async (tx) => {
    const changed = await tx.query(STATEMENTS[action], [pipeline, at, by, reason]);
    if (changed.length === 0) return false;
    await tx.query('insert into schedule_changes (pipeline, action, by, reason, at) values ($1, $2, $3, $4, $5)', [
      ...[pipeline, action, by, reason, at],
    ]);
    await tx.query(`select pg_notify('${SCHEDULES_CHANNEL}', $1)`, [pipeline]);
    return true;
  });
}
