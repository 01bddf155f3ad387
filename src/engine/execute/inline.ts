import type { ArtifactDriver, Database } from '#store';
import { createFileDigests } from '../define/file-digests.ts';
import { createRegistry } from '../define/registry.ts';
import type { AnyTask } from '../define/task.ts';
import { runAttempt } from './attempt.ts';
import { ATTEMPT_FOLDER_DEFAULT, removeAbandonedFolders } from './attempt-folder.ts';
import { runBatch } from './batch.ts';
import type { Executor } from './executor.ts';
import type { FileDisk } from './place-file.ts';
import type { Sink } from './sink.ts';
import { createSinks } from './sinks.ts';

export interface InlineExecutorOptions {
  readonly tasks: readonly AnyTask[];
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  readonly slots?: number;
  /** Attempts that may wait for needs in addition to those in slots. */
  readonly suspendedMax?: number;
  readonly sinks?: readonly Sink[];
  /** Where private folders of attempts are created; the system's temporary folder when absent. */
  readonly folder?: string;
}

const SLOTS_DEFAULT = 4;

/**
 * Runs attempts in this process: the fastest executor, without isolation. An aborted attempt's code keeps running; its
 * late writes are fenced.
 */
export function createInlineExecutor(
  options: InlineExecutorOptions,
  { disk }: { readonly disk?: FileDisk } = {},
): Executor {
  const { tasks, database, artifacts, sinks, folder = ATTEMPT_FOLDER_DEFAULT, slots = SLOTS_DEFAULT } = options;
  const { suspendedMax } = options;
  const workplace = {
    registry: createRegistry(tasks),
    database,
    artifacts,
    sinks: createSinks(database, sinks),
    digestFile: createFileDigests(),
    folder,
    disk,
  };
  void removeAbandonedFolders(folder);
  return {
    name: 'inline',
    slots,
    suspendedMax,
    execute: (assignment, context) => runAttempt(assignment, context, workplace),
    executeBatch: (assignments, { signal, report, log }) =>
      runBatch(assignments, { signal, log, report: async (item, outcome) => report(item, outcome) }, workplace),
    close: async () => undefined,
  };
}
