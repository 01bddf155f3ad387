import type { Engine, EngineOptions } from '../engine.ts';
import { EngineError } from '../errors.ts';
import type { Goal } from '../goal.ts';
import type { Interval, Schedule } from '../pipeline.ts';
import type { RunState } from '../run/states.ts';

/** What a preview looks at; it starts nothing. */
export type PreviewParts = Pick<EngineOptions, 'database' | 'artifacts' | 'tasks' | 'pipelines' | 'fingerprints'>;

export interface PreviewOptions {
  /** Names the pipeline and cuts time into its intervals. */
  readonly schedule: Schedule;
  /** Intervals that begin at or after this, and before `to`; one that has not ended yet is left out. */
  readonly from: Date;
  readonly to: Date;
  /** Says why goals that are complete are stale all the same. */
  readonly staleReason?: ((goals: readonly Goal[]) => Promise<string | undefined>) | undefined;
}

export interface IntervalStatus {
  readonly interval: Interval;
  readonly state: 'complete' | 'incomplete' | 'stale' | 'running' | 'unknown';
  /** Why, for everything but complete. */
  readonly reason: string | null;
  /** The run that is completing it now. */
  readonly runId: string | null;
}

/** How each interval stands. Reads only; a pipeline without `planInterval` is refused. */
export async function previewBackfill(
  _parts: PreviewParts,
  _options: PreviewOptions,
): Promise<readonly IntervalStatus[]> {
  throw new EngineError('Backfill is being built.');
}

export interface BackfillOptions extends PreviewOptions {
  /** How many runs at a time. */
  readonly concurrency?: number | undefined;
  readonly order?: 'oldest' | 'newest' | undefined;
  /** Aborted: nothing more is started; what runs goes on. Called again, it takes up where it stopped. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: BackfillProgress) => void) | undefined;
}

export interface BackfillProgress {
  /** How many intervals are needed. */
  readonly needed: number;
  readonly ended: number;
  readonly running: number;
  /** The run that has just begun or ended. */
  readonly last: BackfillRun;
}

export interface BackfillRun {
  readonly interval: Interval;
  readonly runId: string;
  readonly state: RunState;
  readonly reason: string | null;
}

export interface BackfillReport {
  /** How the intervals stood before. */
  readonly before: readonly IntervalStatus[];
  /** The runs it started or, where one was there already, waited for. */
  readonly runs: readonly BackfillRun[];
  /** Needed and not begun, because it was aborted. */
  readonly left: number;
}

/** Runs what is needed in a span of time: intervals that are incomplete, stale or of unknown state. */
export async function backfill(
  _parts: PreviewParts & { readonly engine: Pick<Engine, 'start' | 'finished'> },
  _options: BackfillOptions,
): Promise<BackfillReport> {
  throw new EngineError('Backfill is being built.');
}
