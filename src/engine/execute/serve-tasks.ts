import { once } from 'node:events';
import { type ArtifactDriver, type Database, traced, traceOf } from '#store';
import { EngineError } from '../define/errors.ts';
import { createFileDigests } from '../define/file-digests.ts';
import { createRegistry } from '../define/registry.ts';
import type { AnyTask } from '../define/task.ts';
import { runAttempt, type Workplace } from './attempt.ts';
import { ATTEMPT_FOLDER_DEFAULT, removeAbandonedFolders } from './attempt-folder.ts';
import { runBatch } from './batch.ts';
import type { Assignment, FromChild, NeedAnswer, Outcome, ToChild } from './executor.ts';
import type { Sink } from './sink.ts';
import { createSinks } from './sinks.ts';

export interface ServeTasksOptions {
  readonly tasks: readonly AnyTask[];
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  readonly sinks?: readonly Sink[];
  /** Where private folders of attempts are created; the system's temporary folder when absent. */
  readonly folder?: string;
}

/** The first message of the parent to each of its children. */
export async function readStart(): Promise<unknown> {
  assertHasParent('readStart');
  const [message] = await once(process, 'message');
  return message.start;
}

function assertHasParent(asked: string): void {
  if (process.send === undefined)
    throw new EngineError(
      'process_invalid',
      `${asked} runs in a child that processExecutor forked; this process has no parent to serve.`,
    );
}

/** The child's side of `processExecutor`: serves attempts until the parent is gone, then ends the process group. */
export function serveAttempts(options: ServeTasksOptions): void {
  assertHasParent('serveTasks');
  const { tasks, database, artifacts, sinks: given, folder = ATTEMPT_FOLDER_DEFAULT } = options;
  const sinks = createSinks(database, given);
  const digestFile = createFileDigests();
  const workplace: Workplace = { registry: createRegistry(tasks), database, artifacts, sinks, digestFile, folder };
  const questions = new Map<number, (answer: NeedAnswer) => void>();
  let controller = new AbortController();
  let lastQuestion = 0;
  // Resolves once the message reaches the parent even if this process dies. A dead parent is noticed by the disconnect.
  const send = (message: FromChild): Promise<void> =>
    new Promise((resolve) => void process.send?.(message, undefined, undefined, () => resolve()));
  const serve = async (assignment: Assignment): Promise<void> => {
    controller = new AbortController();
    const need = (goal: Parameters<Parameters<typeof runAttempt>[1]['need']>[0]): Promise<NeedAnswer> =>
      new Promise((resolve, reject) => {
        const question = ++lastQuestion;
        questions.set(question, resolve);
        // Params that were not created by `task.goal` may be unserialisable.
        send({ kind: 'need', question, goal }).catch(reject);
      });
    const log = (text: string): void => void send({ kind: 'log', item: 0, text });
    const { signal } = controller;
    const outcome = await tracedWork(assignment, () => runAttempt(assignment, { signal, need, log }, workplace));
    // Goals that it requested and did not await.
    questions.clear();
    void send({ kind: 'outcome', outcome });
  };
  const serveBatch = async (assignments: readonly Assignment[]): Promise<void> => {
    controller = new AbortController();
    const { signal } = controller;
    const report = (item: number, outcome: Outcome): Promise<void> => send({ kind: 'report', item, outcome });
    const log = (item: number, text: string): void => void send({ kind: 'log', item, text });
    const end = await tracedWork(assignments[0], () => runBatch(assignments, { signal, report, log }, workplace));
    void send({ kind: 'batch-ended', end });
  };
  process.on('message', (message: ToChild) => {
    switch (message.kind) {
      case 'start':
        // Read before, by `readStart`.
        return;
      case 'assign':
        void serve(message.assignment);
        return;
      case 'assign-batch':
        void serveBatch(message.assignments);
        return;
      case 'abort':
        controller.abort(new EngineError('attempt_aborted', message.reason));
        return;
      case 'answer':
        questions.get(message.question)?.(message.answer);
        questions.delete(message.question);
    }
  });
  process.on('disconnect', endProcessGroup);
  void removeAbandonedFolders(folder);
  void send({ kind: 'ready', folder });
}

/** The part of a trace that this process does. */
function tracedWork<T>(assignment: Assignment | undefined, work: () => Promise<T>): Promise<T> {
  const attributes = { 'weir.task': assignment?.task ?? '', 'weir.run.id': assignment?.runId ?? '' };
  return traced('execute in a child process', work, { parent: traceOf(assignment?.trace), attributes });
}

/** Nobody is left to commit what this child does; its own children end with it. */
function endProcessGroup(): void {
  try {
    process.kill(-process.pid, 'SIGKILL');
  } catch {
    // Not the leader of a process group: it was started by hand.
    process.kill(process.pid, 'SIGKILL');
  }
}
