import type { Pipeline, Schedule } from './define/pipeline.ts';
import type { RunLimits } from './define/run-limits.ts';
import type { RunStarter, StartedRun } from './define/start-request.ts';
import type { SlotUse } from './drive/slots.ts';
import type { Executor } from './execute/executor.ts';
import type { ProjectParts } from './resolve/project-parts.ts';

export interface EngineOptions extends ProjectParts {
  readonly pipelines: readonly Pipeline[];
  readonly executor: Executor;
  /** Sizes of pools in units, by name; enforced across every engine on this database. */
  readonly pools?: { readonly [name: string]: number };
  /** How large a run may become; limits that are left out have their defaults. */
  readonly limits?: Partial<RunLimits>;
  /** Folder where ended runs are written out for people to browse, one folder each; not written when absent. */
  readonly runsFolder?: string;
  /** How long claims, units of pools and runs outlive their last heartbeat, in milliseconds. */
  readonly leaseMs?: number;
  /** True when no other engine uses this database, so that `recover` need not wait for the leases of the dead. */
  readonly isSoleOwner?: boolean;
}

/** Turns goals into artifacts, each computed once. One object per process. */
export interface Engine extends RunStarter {
  /**
   * Starts a new run of the goals of an ended one, with its params and source listings; what is complete is not computed again.
   */
  retry(runId: string): Promise<StartedRun>;
  /** Cancels a run of any process on the database; resolves once that is on record, which is before the run has ended. */
  cancel(runId: string, reason: string): Promise<void>;
  /**
   * Recovers what dead processes left: queued and running runs continue, unsettled runs are settled. From here on each
   * heartbeat does so too, for the pipelines of this engine.
   */
  recover(): Promise<void>;
  /** Starts pipelines on schedule until the engine closes or `unfollow` is called, as their schedules say. */
  follow(schedules: readonly Schedule[]): void;
  /** Starts nothing on schedule until `follow` is called again; resolves when no tick is being decided. */
  unfollow(): Promise<void>;
  /** How the slots of its executor are used. */
  slots(): SlotUse;
  /** The next tick of each schedule that is followed and not paused. */
  nextRuns(): readonly { readonly pipeline: string; readonly at: Date }[];
  /**
   * Starts nothing new, waits up to the bound for what runs, then aborts it. Unfinished runs are released, for another
   * engine or the next `recover`. Called again with a shorter bound, it ends sooner.
   */
  close(graceMs?: number): Promise<void>;
}
