import path from 'node:path';
import type { ArtifactDriver, Database } from '#store';
import type { Artifacts } from '../define/artifact.ts';
import { EngineError, TaskError } from '../define/errors.ts';
import { toFailureRecord } from '../define/failure.ts';
import type { FileDigests } from '../define/file-digests.ts';
import { gatherInputs } from '../define/inputs.ts';
import { ownParamsOf } from '../define/reads.ts';
import type { Registry } from '../define/registry.ts';
import type { Cause } from '../define/states.ts';
import type { BlobReceipt, RowsReceipt, Task, TaskContext } from '../define/task.ts';
import { isInstance } from '../define/thrown.ts';
import { assertClaimHeld } from '../records/start-attempts.ts';
import { ATTEMPT_FOLDER_DEFAULT, type AttemptFolder, openAttemptFolder } from './attempt-folder.ts';
import { type AttemptLog, createAttemptLog, followLog } from './attempt-log.ts';
import { AttemptReceipts } from './attempt-receipts.ts';
import type { Assignment, ExecutionContext, Outcome } from './executor.ts';
import { type HeldPaths, holdPaths } from './held-paths.ts';
import { readArtifacts, toArtifacts } from './outputs.ts';
import { type FileDisk, type StagedFile, stageFile } from './place-file.ts';
import { listening } from './printing.ts';
import type { Sinks } from './sinks.ts';
import { reportUndeclared, unwatched, unwatchedMembers, Watch, watched } from './watch.ts';

/** Ends an attempt that is to start again later, even if the task catches errors. */
export class ParkSignal extends Error {
  override readonly name = 'ParkSignal';
}

const OVER = new ParkSignal('This attempt is over.');

/**
 * Whether an attempt may still request goals. An abort signal could hold this too, but costs half as much as an empty
 * task.
 */
export class Parking {
  #end: ParkSignal | undefined;
  #onEnd: (signal: ParkSignal) => void = () => undefined;

  /** The first end counts. */
  end(signal: ParkSignal = OVER): void {
    if (this.#end !== undefined) return;
    this.#end = signal;
    this.#onEnd(signal);
  }

  throwIfEnded(): void {
    if (this.#end !== undefined) throw this.#end;
  }

  /** One listener; it is called at once when the attempt has ended already. */
  whenEnded(callback: (signal: ParkSignal) => void): void {
    this.#onEnd = callback;
    if (this.#end !== undefined) callback(this.#end);
  }
}

/** What an attempt needs from the process it runs in. */
export interface Workplace {
  readonly registry: Registry;
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  readonly sinks: Pick<Sinks, 'write'>;
  readonly digestFile: FileDigests;
  /** Where private folders are created. */
  readonly folder?: string | undefined;
  /** The disk to place files on; the real one when absent. */
  readonly disk?: FileDisk | undefined;
}

/** Ends a task run as skipped; thrown, so that it ends `run` wherever it is called. */
class SkipSignal extends Error {
  override readonly name = 'SkipSignal';
}

/** A needed goal without outputs: unless the task catches this error, the task run is skipped for the same reason. */
export class NeedRefused extends Error {
  override readonly name = 'NeedRefused';
  readonly needEnd: Cause | undefined;
  constructor(message: string, needEnd?: Cause) {
    super(message);
    this.needEnd = needEnd;
  }
}

/** Runs one assignment and returns its outcome; never throws. Used by every executor. */
export async function runAttempt(
  assignment: Assignment,
  context: ExecutionContext,
  place: Workplace,
): Promise<Outcome> {
  const held = holdPaths(place.artifacts);
  const workplace = { ...place, artifacts: held.artifacts };
  const log = createAttemptLog();
  const printing = listening((stream, text) => log.print(stream, text));
  const stopTelling = context.log === undefined ? undefined : followLog(log, context.log);
  const staged: StagedFile[] = [];
  const parking = new Parking();
  const folder = await openAttemptFolder(workplace.folder ?? ATTEMPT_FOLDER_DEFAULT, assignment.task);
  try {
    const task = workplace.registry.task(assignment.task);
    const taskContext = await makeContext({ assignment, context, workplace, log, staged, folder, parking });
    const watch = watchOf(folder, [taskContext.receipts]);
    const working = Promise.resolve(watched(watch, () => printing.run(() => task.run(taskContext))));
    const returned: unknown = await untilAborted(working, { signal: context.signal, parking });
    reportUndeclared(watch, { name: task.name, log: log.add });
    const { artifacts } = workplace;
    const { receipts } = taskContext;
    // `accepts` is the task's own code too.
    const outputs = await printing.run(() => toArtifacts(task, { returned, receipts, artifacts, staged }));
    await publish(staged, { assignment, workplace });
    return { kind: 'succeeded', outputs, log: log.text() };
  } catch (error) {
    if (isInstance(error, SkipSignal)) return { kind: 'skipped', reason: error.message, log: log.text() };
    if (isInstance(error, NeedRefused))
      return { kind: 'skipped', reason: error.message, cause: error.needEnd, log: log.text() };
    if (isInstance(error, ParkSignal)) return { kind: 'parked', log: log.text() };
    return { kind: 'failed', error: toFailureRecord(error), log: log.text() };
  } finally {
    // Code that still runs may request nothing any more: its child may already serve the next attempt.
    parking.end();
    printing.stop();
    stopTelling?.();
    await tidyUp({ staged, folder, held });
  }
}

interface Leftovers {
  readonly staged: readonly StagedFile[];
  readonly folder: AttemptFolder | undefined;
  readonly held: HeldPaths;
}

/** Removes what an attempt leaves. A failure changes no outcome: leftovers are searched when a process starts. */
export async function tidyUp({ staged, folder, held }: Leftovers): Promise<void> {
  const ignore = (): void => undefined;
  await Promise.all(staged.map((file) => file.discard().catch(ignore)));
  await folder?.remove().catch(ignore);
  await held.release().catch(ignore);
}

/** What a task does after the abort is lost: its late writes are fenced, its folder is gone. */
export function untilAborted<T>(
  work: Promise<T>,
  { signal, parking }: { readonly signal: AbortSignal; readonly parking?: Parking },
): Promise<T> {
  return new Promise((resolve, reject) => {
    parking?.whenEnded(reject);
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

interface ContextParts {
  readonly assignment: Assignment;
  readonly context: ExecutionContext;
  readonly workplace: Workplace;
  readonly log: AttemptLog;
  readonly staged: StagedFile[];
  readonly folder: Pick<AttemptFolder, 'path'>;
  /** Aborted when the attempt has to end, to start again later. */
  readonly parking: Parking;
}

/** The context that `run` gets, with its inputs read; the receipts it creates prove where outputs come from. */
export async function makeContext(parts: ContextParts) {
  const { assignment, context, workplace, log, staged, folder, parking } = parts;
  const receipts = new AttemptReceipts(workplace.digestFile);
  const read = async (artifacts: Artifacts): Promise<Record<string, unknown>> => {
    await receipts.takeInputs(artifacts);
    return readArtifacts(artifacts, workplace.artifacts, receipts);
  };
  const inputs: Record<string, unknown> = {};
  for (const [name, artifacts] of Object.entries(assignment.inputs)) inputs[name] = await read(artifacts);
  const taskContext = {
    params: ownParamsOf(workplace.registry.task(assignment.task), assignment.params),
    inputs: gatherInputs(inputs, assignment.groups),
    runId: assignment.runId,
    attempt: assignment.attempt,
    signal: context.signal,
    get folder() {
      return folder.path();
    },
    receipts,
    log: (message: string) => log.add(message),
    blob: async (content: Uint8Array | { readonly path: string }): Promise<BlobReceipt> => {
      const put =
        content instanceof Uint8Array ? workplace.artifacts.put(content) : workplace.artifacts.putFile(content.path);
      const { digest, sizeBytes } = await put;
      return receipts.give({ kind: 'blob', digest, sizeBytes });
    },
    file: async (from: string, to: string) => {
      const file = await stageFile({ from, to, attempt: folder.path() }, workplace.disk);
      staged.push(file);
      return receipts.give(file.receipt);
    },
    rows: async (output: string, write: Parameters<TaskContext<unknown, never>['rows']>[1]) =>
      receipts.give(await writeRows({ assignment, workplace, output, write })),
    need: async (goal: Parameters<TaskContext<unknown, never>['need']>[0]) => {
      parking.throwIfEnded();
      const answer = await context.need({ task: goal.task, params: goal.params });
      if (answer.kind === 'complete') return read(answer.artifacts);
      if (answer.kind === 'parked') {
        const signal = new ParkSignal('The attempt ends here and starts again when what it needs is there.');
        parking.end(signal);
        throw signal;
      }
      if (answer.isLimit === true) throw new EngineError('run_limit', answer.reason);
      if (answer.isError) throw new EngineError('need_refused', answer.reason);
      throw new NeedRefused(answer.reason, answer.cause);
    },
    skip: (reason: string): never => {
      throw new SkipSignal(reason);
    },
  };
  // The values were read as the task declares them; only the registry has lost the types.
  return unwatchedMembers(taskContext) as unknown as Parameters<Task['run']>[0] & {
    readonly receipts: AttemptReceipts;
  };
}

async function writeRows(request: {
  readonly assignment: Assignment;
  readonly workplace: Workplace;
  readonly output: string;
  readonly write: Parameters<TaskContext<unknown, never>['rows']>[1];
}): Promise<RowsReceipt> {
  const { assignment, workplace, output, write } = request;
  const { registry, sinks } = workplace;
  const declared = registry.task(assignment.task).outputs[output];
  if (declared?.kind !== 'rows')
    throw new TaskError(
      `Task ${assignment.task} writes rows of ${output}, which is not among its outputs of kind rows. Declare it.`,
      { code: 'output_invalid', class: 'user' },
    );
  return sinks.write({ owner: assignment, output, sink: declared.sink, write });
}

/** What the task's own code may read besides its inputs: its private folder, and the files it was given. */
export function watchOf(folder: AttemptFolder, given: readonly AttemptReceipts[]): Watch {
  return new Watch((file) => {
    const own = unwatched(() => folder.path());
    return file === own || file.startsWith(own + path.sep) || given.some((receipts) => receipts.isGivenFile(file));
  });
}

/** Names the staged files while the claim is locked, so that a late writer cannot replace what its successor placed. */
export async function publish(
  staged: readonly StagedFile[],
  owner: { readonly assignment: Assignment; readonly workplace: Workplace },
): Promise<void> {
  if (staged.length === 0) return;
  const { key, token } = owner.assignment;
  await owner.workplace.database.transaction(async (tx) => {
    await assertClaimHeld(tx, { key, token });
    for (const file of staged) await file.publish();
  });
}
