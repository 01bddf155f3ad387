import type { Executor } from './execute/executor.ts';
import { createInlineExecutor, type InlineExecutorOptions } from './execute/inline.ts';
import type { FileDisk } from './execute/place-file.ts';
import { type ServeTasksOptions, serveAttempts } from './execute/serve-tasks.ts';
import { verifiedArtifacts } from './upkeep/incidents.ts';

/**
 * Runs attempts in this process: the fastest executor, without isolation. An aborted attempt's code keeps running; its
 * late writes are fenced.
 */
export function inlineExecutor(options: InlineExecutorOptions, seams: { readonly disk?: FileDisk } = {}): Executor {
  return createInlineExecutor({ ...options, artifacts: verifiedArtifacts(options.artifacts, options.database) }, seams);
}

/** The child's side of `processExecutor`: serves attempts until the parent is gone, then ends the process group. */
export function serveTasks(options: ServeTasksOptions): void {
  serveAttempts({ ...options, artifacts: verifiedArtifacts(options.artifacts, options.database) });
}
