/** A value that is the same in JSON: what params and small outputs are made of. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [field: string]: Json };

export type Params = { readonly [name: string]: Json };

/** What a run is asked to complete: a task by name, with params. This is all that ever travels to an executor. */
export interface Goal {
  readonly task: string;
  readonly params: Params;
}

/** A goal that `task.goal` made, so that its params need not be checked again. Serialises to a plain goal. */
export class MadeGoal implements Goal {
  readonly task: string;
  readonly params: Params;
  readonly #maker: object;

  constructor(maker: { readonly name: string }, params: Params) {
    this.task = maker.name;
    this.params = params;
    this.#maker = maker;
  }

  /** Whether this very task made the goal. */
  static isMadeBy(maker: object, goal: Goal): boolean {
    return #maker in goal && goal.#maker === maker;
  }
}
