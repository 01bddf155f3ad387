import type { ArtifactDriver, Database } from '#store';
import type { EngineEffects } from './effects.ts';
import type { Executor } from './executors/executor.ts';
import type { Params } from './goal.ts';
import type { Interval, Pipeline, Schedule } from './pipeline.ts';
import type { RunState, Trigger } from './run/states.ts';
import type { RunLimits } from './run-limits.ts';
import type { Sink } from './sinks/sink.ts';
import type { Task } from './task.ts';

export interface EngineOptions {
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  readonly tasks: readonly Task[];
  readonly pipelines: readonly Pipeline[];
  readonly executor: Executor;
  /** Where tasks write rows outside Weir's own database; executors are handed the same. */
  readonly sinks?: readonly Sink[];
  /** Code fingerprints by task name, for tasks without an explicit version. */
  readonly fingerprints?: ReadonlyMap<string, string>;
  /** Sizes of pools in units, by name; enforced across every engine on this database. */
  readonly pools?: { readonly [name: string]: number };
  /** How large a run may become; what is left out has its default. */
  readonly limits?: Partial<RunLimits>;
  /** Where ended runs are laid out for people, a folder each; nowhere when absent. */
  readonly runsFolder?: string;
  /** How long claims, units of pools and runs outlive their last heartbeat, in milliseconds. */
  readonly leaseMs?: number;
  /** True when nobody else works on this database, so that `recover` need not wait for the leases of the dead. */
  readonly isSoleOwner?: boolean;
  readonly effects?: Partial<EngineEffects>;
}

export interface StartRequest {
  readonly pipeline: string;
  readonly trigger: Trigger;
  /** Of the pipeline; refused unless they fit its schema. */
  readonly params?: Params | undefined;
  /** Computes the goals that the pipeline asks for although results stand, and nothing else of what they need. */
  readonly isForced?: boolean | undefined;
  /** The tick this run is for; a second start for the same tick answers with the first run. */
  readonly scheduledFor?: Date;
  /** What the run is for. While a run for the same interval goes on, a second start answers with that one. */
  readonly interval?: Interval | undefined;
  /** Id of the newest run that was taken into account: a newer one for the interval answers instead, whatever became of it. */
  readonly seenRun?: string | undefined;
}

export interface StartedRun {
  readonly runId: string;
  readonly state: RunState;
  readonly reason?: string;
  /** True when the run was there already, and nothing was started. */
  readonly isOther?: true;
}

/** Turns goals into artifacts, each computed once. One object per process. */
export interface Engine {
  /** Creates a run (its plan is drawn inside) and starts it; resolves as soon as it is recorded. */
  start(request: StartRequest): Promise<StartedRun>;
  /** Asks again, in a new run, for the goals of an ended one, with its params and pins: what is complete is found so. */
  retry(runId: string): Promise<StartedRun>;
  /** Resolves when the run has ended and is settled; of a run that another process drives, when it has ended. */
  finished(runId: string): Promise<RunState>;
  /** Cancels a run of any process on the database; resolves once that is on record, which is before the run has ended. */
  cancel(runId: string, reason: string): Promise<void>;
  /**
   * Takes up what dead processes left: runs still queued or running go on, runs not yet settled are settled. From here on
   * each heartbeat does so too, for the pipelines of this engine.
   */
  recover(): Promise<void>;
  /** Starts pipelines by the clock until the engine closes, as their schedules say. */
  follow(schedules: readonly Schedule[]): void;
  /** The next tick of each schedule that is followed and not paused. */
  nextRuns(): readonly { readonly pipeline: string; readonly at: Date }[];
  /** Starts nothing new, waits for what runs up to the bound, then aborts it. What was not finished is given up, for another engine or the next `recover`. */
  close(graceMs?: number): Promise<void>;
}
