import type { ArtifactDriver, Database } from '#store';
import type { Task } from '../task.ts';
import type { Executor } from './executor.ts';

export interface InlineExecutorOptions {
  readonly tasks: readonly Task[];
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  readonly slots?: number;
  /** Where private folders of attempts are made; the system's temporary folder when absent. */
  readonly folder?: string;
}

/** Runs attempts in this process: the quickest executor, without isolation. */
export declare function inlineExecutor(options: InlineExecutorOptions): Executor;
