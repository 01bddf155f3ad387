import type { ArtifactDriver, Database } from '#store';
import { createRegistry } from '../registry.ts';
import type { Task } from '../task.ts';
import { runAttempt } from './attempt.ts';
import type { Executor, Outcome } from './executor.ts';
import { toFailureRecord } from './failure.ts';

export interface InlineExecutorOptions {
  readonly tasks: readonly Task[];
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  readonly slots?: number;
  /** Where private folders of attempts are made; the system's temporary folder when absent. */
  readonly folder?: string;
}

const SLOTS_DEFAULT = 4;

/** Runs attempts in this process: the quickest executor, without isolation. An abort leaves the code behind; its late writes are fenced. */
export function inlineExecutor(options: InlineExecutorOptions): Executor {
  const { tasks, database, artifacts, folder, slots = SLOTS_DEFAULT } = options;
  const workplace = { registry: createRegistry(tasks), database, artifacts, folder };
  return {
    name: 'inline',
    slots,
    execute: (assignment, context) =>
      Promise.race([runAttempt(assignment, context, workplace), whenAborted(context.signal)]),
    close: async () => undefined,
  };
}

function whenAborted(signal: AbortSignal): Promise<Outcome> {
  return new Promise((resolve) => {
    const abort = (): void => resolve({ kind: 'failed', error: toFailureRecord(signal.reason), log: '' });
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
