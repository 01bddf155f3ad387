import { EngineError } from '../define/errors.ts';
import type { Executor } from './executor.ts';
import { TaskChild } from './task-child.ts';
import type { StrictMode } from './watch.ts';

export interface ProcessExecutorOptions {
  /** A module that calls `serveTasks`; `.ts` runs under tsx, `.js` as it is. */
  readonly entry: URL;
  readonly slots: number;
  /** Children beyond the slots, whose attempts wait for needs; an attempt beyond these ends and starts again later. */
  readonly suspendedMax?: number;
  /** Children to fork at the start, so that the first attempts need not wait for them; none when absent. */
  readonly warm?: number;
  readonly argv?: readonly string[];
  /** The whole environment of the children; that of this process when absent. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * What each child receives as its first message, as JSON, read by `readStart`. Secrets belong here, because an
   * environment is inherited by every process that a task starts, and other processes of the user can read it.
   */
  readonly start?: unknown;
  readonly abortGraceMs?: number;
  /**
   * Records what attempts read that is not among their inputs: environment, files, clock, randomness, network,
   * processes. Such an attempt fails, or its log reports it. Each call of a watched Node function costs a little.
   */
  readonly strict?: StrictMode;
}

const ABORT_GRACE_MS_DEFAULT = 1_000;
/** A waiting child costs tens of megabytes; a restarted attempt repeats its work before the need. */
export const SUSPENDED_CHILDREN_MAX_DEFAULT = 8;

/** Runs attempts in a warm pool of forked children, one attempt at a time in each. */
export function processExecutor(options: ProcessExecutorOptions): Executor {
  const { entry, slots, warm = 0, argv = [], env, start, abortGraceMs = ABORT_GRACE_MS_DEFAULT } = options;
  const { suspendedMax = SUSPENDED_CHILDREN_MAX_DEFAULT, strict } = options;
  const children = new Set<TaskChild>();
  const idle: TaskChild[] = [];
  let isClosed = false;
  const fork = (): TaskChild => {
    const child = new TaskChild({ entry, argv, env, start, abortGraceMs, strict });
    children.add(child);
    return child;
  };
  for (let forked = 0; forked < Math.min(warm, slots); forked++) idle.push(fork());
  const take = (): TaskChild => {
    for (let child = idle.pop(); child !== undefined; child = idle.pop()) {
      if (child.isAlive) return child;
      children.delete(child);
    }
    return fork();
  };
  const give = async (child: TaskChild): Promise<void> => {
    // Attempts that wait for a need are outside the slots, so more children than slots may exist.
    if (child.isAlive && idle.length < slots && !isClosed) {
      idle.push(child);
      return;
    }
    await child.kill();
    children.delete(child);
  };
  const withChild = async <T>(work: (child: TaskChild) => Promise<T>): Promise<T> => {
    if (isClosed) throw new EngineError('engine_closed', 'This executor is closed.');
    const child = take();
    try {
      return await work(child);
    } finally {
      await give(child);
    }
  };
  return {
    name: 'process',
    slots,
    suspendedMax,
    execute: (assignment, context) => withChild((child) => child.execute(assignment, context)),
    executeBatch: (assignments, context) => withChild((child) => child.executeBatch(assignments, context)),
    close: async () => {
      isClosed = true;
      await Promise.all([...children].map((child) => child.kill()));
      children.clear();
    },
  };
}
