import { EngineError, TaskError } from '../define/errors.ts';
import { toFailureRecord } from '../define/failure.ts';
import type { BatchItem, Inputs, Outputs, Task } from '../define/task.ts';
import { makeContext, Parking, publish, tidyUp, untilAborted, type Workplace, watchOf } from './attempt.ts';
import { ATTEMPT_FOLDER_DEFAULT, type AttemptFolder, openAttemptFolder } from './attempt-folder.ts';
import { type AttemptLog, createAttemptLog, followLogs } from './attempt-log.ts';
import type { AttemptReceipts } from './attempt-receipts.ts';
import type { Assignment, BatchEnd, BatchExecution, Outcome } from './executor.ts';
import { holdPaths } from './held-paths.ts';
import { toArtifacts } from './outputs.ts';
import type { StagedFile } from './place-file.ts';
import { listening } from './printing.ts';
import { reportUndeclared, unwatchedMembers, type Watch, watched } from './watch.ts';

export interface BatchReporting extends Pick<BatchExecution, 'signal' | 'log'> {
  /** Resolves once the outcome reaches the engine even if this process dies. */
  report(item: number, outcome: Outcome): Promise<void>;
}

interface OpenItem {
  readonly assignment: Assignment;
  readonly log: AttemptLog;
  readonly staged: StagedFile[];
  hasOutcome: boolean;
  /** An outcome that is being reported. */
  ending: Promise<void> | undefined;
}

/** Runs a batch, reports each outcome, and returns what ended it; never throws. Used by every executor. */
export async function runBatch(
  assignments: readonly Assignment[],
  reporting: BatchReporting,
  place: Workplace,
): Promise<BatchEnd> {
  const held = holdPaths(place.artifacts);
  const workplace = { ...place, artifacts: held.artifacts };
  const items = assignments.map(toOpenItem);
  const end = (error: unknown): BatchEnd => ({
    error: toFailureRecord(error),
    logs: items.map(({ log, hasOutcome }) => (hasOutcome ? '' : log.text())),
  });
  let folder: AttemptFolder | undefined;
  let printing: ReturnType<typeof listening> | undefined;
  const stopTelling = followItems(items, reporting.log);
  try {
    const task = workplace.registry.task(assignments[0]?.task ?? '');
    const { batch, name } = task;
    if (batch === undefined) throw new EngineError('task_invalid', `Task ${name} does not run in batches.`);
    const opened = await openAttemptFolder(workplace.folder ?? ATTEMPT_FOLDER_DEFAULT, name);
    folder = opened;
    const receipts: AttemptReceipts[] = [];
    // One watch for the whole execution: what it read before an item ended may be part of that item's result.
    const watch = watchOf(opened, receipts);
    const given = await openItems(items, { task, folder: opened, reporting, workplace, receipts, watch });
    const log = (message: string): void => {
      for (const item of items) if (!item.hasOutcome) item.log.add(message);
    };
    const { signal } = reporting;
    // Of the batch as a whole, like its log.
    printing = listening((stream, text) => {
      for (const item of items) if (!item.hasOutcome) item.log.print(stream, text);
    });
    const { run: whileHeard } = printing;
    const batchContext = {
      signal,
      log,
      get folder(): string {
        return opened.path();
      },
    };
    if (given.length > 0) {
      const work = Promise.resolve(
        watched(watch, () => whileHeard(() => batch.run(given, unwatchedMembers(batchContext)))),
      ).finally(() => Promise.all(items.map(({ ending }) => ending)));
      await untilAborted(work, { signal });
    }
    const openCount = items.filter(({ hasOutcome }) => !hasOutcome).length;
    throw new TaskError(
      `batch.run of task ${name} returned, and ${openCount} of its ${items.length} items have no outcome. Call succeed, fail or skip of each.`,
      { code: 'outcome_missing', class: 'user' },
    );
  } catch (error) {
    return end(error);
  } finally {
    // What an aborted batch still does is ignored.
    printing?.stop();
    stopTelling();
    for (const item of items) item.hasOutcome = true;
    await tidyUp({ staged: items.flatMap(({ staged }) => staged), folder, held });
  }
}

const toOpenItem = (assignment: Assignment): OpenItem => ({
  ...{ assignment, log: createAttemptLog(), staged: [], hasOutcome: false, ending: undefined },
});

/** The last log of an ended item is in its outcome. */
function followItems(items: readonly OpenItem[], tell: BatchReporting['log']): () => void {
  if (tell === undefined) return () => undefined;
  return followLogs(
    items.map(({ log }) => log),
    (place, text) => {
      if (items[place]?.hasOutcome === false) tell(place, text);
    },
  );
}

interface ItemPlace {
  readonly task: Task;
  readonly folder: AttemptFolder;
  readonly reporting: BatchReporting;
  readonly workplace: Workplace;
  /** Those of all items. */
  readonly receipts: AttemptReceipts[];
  readonly watch: Watch;
}

type AnyItem = BatchItem<Assignment['params'], Inputs, Outputs>;

/** Items as `batch.run` sees them, without those whose inputs could not be read. */
async function openItems(items: readonly OpenItem[], place: ItemPlace): Promise<readonly AnyItem[]> {
  const opened = await Promise.all(items.map((item, index) => openItem(item, { ...place, index })));
  return opened.flatMap((item) => item ?? []);
}

async function openItem(item: OpenItem, place: ItemPlace & { readonly index: number }): Promise<AnyItem | undefined> {
  const { task, folder, reporting, workplace, index } = place;
  const { assignment, log, staged } = item;
  const end = async (outcome: Outcome): Promise<void> => {
    // The first counts: it may be committed already.
    if (item.hasOutcome) return;
    item.hasOutcome = true;
    await reporting.report(index, outcome);
  };
  const endFailed = (error: unknown): Promise<void> =>
    end({ kind: 'failed', error: toFailureRecord(error), log: log.text() });
  const need = (): Promise<never> =>
    Promise.reject(
      new EngineError(
        'need_refused',
        'An item of a batch cannot need goals while it runs. Make them inputs of the task.',
      ),
    );
  try {
    const context = { signal: reporting.signal, need };
    const { params, inputs, runId, attempt, receipts, blob, file, rows } = await makeContext({
      ...{ assignment, context, workplace, log, staged, folder, parking: new Parking() },
    });
    place.receipts.push(receipts);
    const keep = async (returned: unknown): Promise<void> => {
      try {
        reportUndeclared(place.watch, { name: task.name, log: log.add });
        const { artifacts } = workplace;
        const outputs = await toArtifacts(task, { returned, receipts, artifacts, staged });
        await publish(staged, { assignment, workplace });
        await end({ kind: 'succeeded', outputs, log: log.text() });
      } catch (error) {
        await endFailed(error);
      }
    };
    // Kept, because an outcome that was not awaited is awaited at the end of the batch.
    const once = (make: () => Promise<void>): Promise<void> => {
      item.ending ??= make();
      return item.ending;
    };
    const opened: Omit<AnyItem, 'inputs'> = {
      ...{ params, inputs, runId, attempt, blob, file, rows },
      log: (message) => log.add(message),
      succeed: (returned) => once(() => keep(returned)),
      fail: (error) => once(() => endFailed(error)),
      skip: (reason) => once(() => end({ kind: 'skipped', reason, log: log.text() })),
    };
    // With the inputs that makeContext read, in the line above.
    return unwatchedMembers(opened) as AnyItem;
  } catch (error) {
    await endFailed(error);
    return undefined;
  }
}
