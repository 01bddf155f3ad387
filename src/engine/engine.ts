import type { ArtifactDriver, Database } from '#store';
import type { Executor } from './executors/executor.ts';
import type { Pipeline, Schedule } from './pipeline.ts';
import type { RunState, Trigger } from './run/states.ts';
import type { Task } from './task.ts';

/** The world as the engine sees it; tests hand in another. */
export interface EngineEffects {
  now(): Date;
  /** Calls back once after the delay; the result cancels. */
  after(delayMs: number, callback: () => void): () => void;
  random(): number;
}

export interface EngineOptions {
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  readonly tasks: readonly Task[];
  readonly pipelines: readonly Pipeline[];
  readonly executor: Executor;
  readonly effects?: Partial<EngineEffects>;
}

/** Turns goals into artifacts, each computed once. One object per process. */
export interface Engine {
  /** Creates a run (its plan is drawn inside) and starts it; resolves as soon as it is recorded. */
  start(request: {
    readonly pipeline: string;
    readonly trigger: Trigger;
    readonly scheduledFor?: Date;
  }): Promise<{ readonly runId: string; readonly state: RunState; readonly reason?: string }>;
  /** Resolves when the run has ended and is settled. */
  finished(runId: string): Promise<RunState>;
  cancel(runId: string, reason: string): Promise<void>;
  /** Takes up what a dead process left: runs still queued or running go on, runs not yet settled are settled. */
  recover(): Promise<void>;
  /** Starts pipelines by the clock until the engine closes. At most one run of a pipeline at a time; a tick that finds it running is dropped. */
  follow(schedules: readonly Schedule[]): void;
  nextRuns(): readonly { readonly pipeline: string; readonly at: Date }[];
  /** Starts nothing new, waits for what runs up to the bound, then aborts it. */
  close(graceMs?: number): Promise<void>;
}
