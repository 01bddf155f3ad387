import type { ArtifactDriver, Database } from '#store';
import type { Task } from '../task.ts';

export interface ServeTasksOptions {
  readonly tasks: readonly Task[];
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  readonly folder?: string;
}

/** The child's side of `processExecutor`: serves attempts until the parent goes away, then ends the process group. */
export declare function serveTasks(options: ServeTasksOptions): void;
