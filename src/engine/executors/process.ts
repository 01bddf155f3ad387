import type { Executor } from './executor.ts';

export interface ProcessExecutorOptions {
  /** A module which calls `serveTasks`; `.ts` runs under tsx, `.js` plainly. */
  readonly entry: URL;
  readonly slots: number;
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs attempts in a warm pool of forked children, one attempt at a time in each. */
export declare function processExecutor(options: ProcessExecutorOptions): Executor;
