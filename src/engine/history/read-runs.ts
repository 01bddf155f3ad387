import type { Queryable } from '#store';
import type { FailureRecord } from '../executors/executor.ts';
import type { Params } from '../goal.ts';
import type { RunState, TaskRunState, Trigger } from '../run/states.ts';

/** NOTIFY channel; the payload is the id of a run that changed. */
export const RUNS_CHANNEL = 'weir_runs';

export interface RunRecord {
  readonly id: string;
  readonly pipeline: string;
  readonly state: RunState;
  readonly reason: string | null;
  readonly trigger: Trigger;
  readonly params: Params;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
}

export interface AttemptRecord {
  readonly number: number;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly outcome: 'succeeded' | 'failed' | 'cancelled' | 'skipped' | 'lost' | null;
  readonly error: FailureRecord | null;
  readonly log: string | null;
}

export interface TaskRunRecord {
  readonly goal: string;
  readonly task: string;
  readonly params: Params;
  readonly needs: readonly string[];
  readonly state: TaskRunState;
  readonly reason: string | null;
  readonly key: string | null;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  readonly attempts: readonly AttemptRecord[];
}

export interface RunDetailRecord extends RunRecord {
  readonly taskRuns: readonly TaskRunRecord[];
}

export interface ListRunsOptions {
  readonly pipeline?: string | undefined;
  readonly state?: RunState | undefined;
  /** Where the last page ended. */
  readonly cursor?: string | undefined;
  readonly limit?: number | undefined;
}

/** Runs, newest first. */
export declare function listRuns(
  database: Queryable,
  options?: ListRunsOptions,
): Promise<{ readonly items: readonly RunRecord[]; readonly nextCursor: string | null }>;

/** One run with its task runs and attempts; undefined when there is none with this id. */
export declare function getRun(database: Queryable, id: string): Promise<RunDetailRecord | undefined>;
