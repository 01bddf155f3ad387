/** How long one run of a graph of no-ops took. */
export interface RunTime {
  readonly seconds: number;
  /** Of all threads and child processes. */
  readonly processorSeconds: number;
}

/** Every goal of a graph, first with nothing known, then with everything complete. */
export interface GraphFigures {
  readonly goals: number;
  readonly cold: RunTime;
  readonly warm: RunTime;
  /** How much the files on disk grew in the cold run, where that was measured. */
  readonly diskBytes?: number;
}

/** Planning and deciding in memory, without a database. */
export interface PlannerFigures extends RunTime {
  readonly goals: number;
}

/** How soon a goal goes on when its need has ended, beside goals that are blocked. */
export interface LatencyFigures {
  readonly blocked: number;
  /** Of the scheduler alone, in memory. */
  readonly decisionMs: readonly number[];
  /** From the end of one attempt to the start of the next, both durable. */
  readonly startMs: readonly number[];
  /** Live memory of the whole run while it is blocked, for each goal. */
  readonly heapBytesPerGoal: number;
}

export interface CodeFigures {
  readonly tasks: number;
  readonly firstSeconds: number;
  readonly changedSeconds: number;
  readonly unchangedSeconds: number;
}
