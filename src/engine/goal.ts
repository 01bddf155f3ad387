/** A value that is the same in JSON: what params and small outputs are made of. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [field: string]: Json };

export type Params = { readonly [name: string]: Json };

/** What a run is asked to complete: a task by name, with params. This is all that ever travels to an executor. */
export interface Goal {
  readonly task: string;
  readonly params: Params;
}
