/** A value that JSON represents exactly: the type of params and small outputs. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [field: string]: Json };

/** Params of a goal: plain JSON by name. */
export type Params = { readonly [name: string]: Json };

/** What a run is asked to complete: a task by name, with params. Nothing else is sent to an executor. */
export interface Goal {
  /** Name of the task. */
  readonly task: string;
  /** What the task is asked for: `{ day: '2026-01-31' }`. */
  readonly params: Params;
}

/** A goal created by `task.goal`, so that its params need not be checked again. Serialises to a plain goal. */
export class MadeGoal implements Goal {
  readonly task: string;
  readonly params: Params;
  readonly #maker: object;

  constructor(maker: { readonly name: string }, params: Params) {
    this.task = maker.name;
    this.params = params;
    this.#maker = maker;
  }

  /** Whether this task created the goal. */
  static isMadeBy(maker: object, goal: Goal): boolean {
    return #maker in goal && goal.#maker === maker;
  }
}
