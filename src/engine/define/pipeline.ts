import type { z } from 'zod';
import type { Queryable } from '#store';
import type { Goal, Params } from './goal.ts';
import type { Trigger } from './states.ts';

/** What a pipeline answers when asked for a run: goals with every impure choice already fixed in their params, or a reason not to run. */
export type Plan =
  | { readonly kind: 'run'; readonly goals: readonly Goal[]; readonly params: Params }
  | { readonly kind: 'skip'; readonly reason: string; readonly params: Params };

export interface PlanRequest<P extends Params = Params> {
  readonly runId: string;
  /** Those the run was asked for with, as the schema of the pipeline gives them. */
  readonly params: P;
  readonly trigger: Trigger;
  readonly at: Date;
  /** What the run is for, when it was asked for by a tick or a backfill. */
  readonly interval?: Interval | undefined;
}

/** Time from and up to, but not including, in UTC. The tick at `to` names it; it begins at the tick before. */
export interface Interval {
  readonly from: Date;
  readonly to: Date;
}

export interface Retake {
  readonly runId: string;
  readonly params: Params;
  readonly database: Queryable;
}

/** Named goals with params, and when they are asked for. */
export interface Pipeline {
  readonly name: string;
  readonly description: string;
  /** What it can be asked for with; nothing when absent. */
  readonly params?: z.ZodType<Params> | undefined;
  /** Draws what is impure and fixes it. Called inside the creation of the run. */
  plan(request: PlanRequest): Promise<Plan>;
  /**
   * Plans one interval and draws nothing: the same interval gives the same goals, whenever and how often it is asked.
   * A pipeline that has it can be backfilled; its runs for an interval are planned by it, not by `plan`.
   */
  planInterval?(interval: Interval): Promise<Plan>;
  /**
   * Claims for a retry what the ended run had drawn, given by its params: for pipelines whose plan draws from something
   * that others draw from too. Returns undefined, or a sentence that says why it cannot: then the retry is refused, and
   * there is no run. What it writes through `database` is written in the transaction that creates the run.
   */
  retake?(retry: Retake): Promise<string | undefined>;
  /** Tidies up after a run that ended; called again after a crash, so it must be repeatable. */
  settle?(run: { readonly id: string; readonly state: string; readonly params: Params }): Promise<void>;
}

/** Which ticks are made up for that came due during an outage or a pause: the newest `atMost`, oldest of them first. */
export type CatchUp = 'none' | 'latest' | 'all' | { readonly atMost: number };

/** What a tick does that finds a run of its pipeline: nothing, wait for its turn, or cancel that run and take its place. */
export type Overlap = 'skip' | 'queue' | 'replace';

/** When a pipeline runs by the clock. A pipeline has one. */
export interface Schedule {
  readonly pipeline: string;
  /** Five or six cron fields, or `off`. */
  readonly cron: string;
  readonly timeZone: string;
  /** `none` unless told otherwise. */
  readonly catchUp?: CatchUp | undefined;
  /** `skip` unless told otherwise. */
  readonly overlap?: Overlap | undefined;
}
