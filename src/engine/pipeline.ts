import type { Goal, Params } from './goal.ts';
import type { Trigger } from './run/states.ts';

/** What a pipeline answers when asked for a run: goals with every impure choice already fixed in their params, or a reason not to run. */
export type Plan =
  | { readonly kind: 'run'; readonly goals: readonly Goal[]; readonly params: Params }
  | { readonly kind: 'skip'; readonly reason: string; readonly params: Params };

export interface PlanRequest {
  readonly runId: string;
  readonly trigger: Trigger;
  readonly at: Date;
}

/** Named goals with params, and when they are asked for. */
export interface Pipeline {
  readonly name: string;
  readonly description: string;
  /** Draws what is impure and fixes it. Called inside the creation of the run. */
  plan(request: PlanRequest): Promise<Plan>;
  /** Tidies up after a run that ended; called again after a crash, so it must be repeatable. */
  settle?(run: { readonly id: string; readonly state: string; readonly params: Params }): Promise<void>;
}

/** When a pipeline runs by the clock. */
export interface Schedule {
  readonly pipeline: string;
  /** Five or six cron fields, or `off`. */
  readonly cron: string;
  readonly timeZone: string;
}
