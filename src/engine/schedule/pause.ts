import type { Database, Queryable } from '#store';
import { EngineError } from '../errors.ts';

export interface PauseRequest {
  readonly pipeline: string;
  /** Who asks: a person or a program, as it is to be shown later. */
  readonly by: string;
  readonly reason: string;
}

export interface Pause {
  readonly pipeline: string;
  readonly at: Date;
  readonly by: string;
  readonly reason: string;
}

/** Stops the clock of a pipeline, for every process and across restarts; runs in progress go on. False when it was paused already. */
export async function pauseSchedule(_database: Database, _request: PauseRequest): Promise<boolean> {
  throw new EngineError('Pause is being built.');
}

/** Lets the clock of a pipeline go on; what came due meanwhile is for its catch-up. False when it was not paused. */
export async function resumeSchedule(_database: Database, _request: PauseRequest): Promise<boolean> {
  throw new EngineError('Pause is being built.');
}

/** The pipelines whose clock is stopped. */
export async function listPauses(_database: Queryable): Promise<readonly Pause[]> {
  throw new EngineError('Pause is being built.');
}
