import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { LastWords } from '#store';
import { raceAbort } from '../define/effects.ts';
import { TaskError } from '../define/errors.ts';
import type { FailureRecord } from '../define/failure.ts';
import { reasonOf, toFailureRecord } from '../define/failure.ts';
import { messageOf } from '../define/thrown.ts';
import { removeAbandonedFolders } from './attempt-folder.ts';
import { type AttemptLog, createAttemptLog, followLog, joinLogs } from './attempt-log.ts';
import type {
  Assignment,
  BatchEnd,
  BatchExecution,
  ExecutionContext,
  FromChild,
  NeedAnswer,
  Outcome,
  ToChild,
} from './executor.ts';
import type { StrictMode } from './watch.ts';

export interface TaskChildOptions {
  readonly entry: URL;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly start?: unknown;
  /** Whether reading anything besides the inputs fails the attempt or is reported. */
  readonly strict?: StrictMode | undefined;
  /** How long an aborted attempt may clean up before its process group is killed. */
  readonly abortGraceMs: number;
}

/** A request to a child, and how its answer is read. */
interface Work<R> {
  readonly message: ToChild;
  readonly signal: AbortSignal;
  /** The result, when the message holds it. */
  hear(message: FromChild): R | undefined;
  /** The result when the child died or was aborted; `last` is its last message. */
  fail(error: FailureRecord, last: R | undefined): R;
  /** How many attempts it contains. */
  readonly itemCount: number;
  /** Called with the log of an attempt while it runs. */
  readonly tell?: ((item: number, text: string) => void) | undefined;
  /**
   * The result with additional output: logs that arrived before a death, and what was written directly to the
   * descriptors.
   */
  join(result: R, beside: { readonly streamed: readonly string[]; readonly written: string }): R;
}

/** The work that a child is doing now. */
interface Serving {
  /** What the child and its own children write to the descriptors that they inherited. */
  readonly written: AttemptLog;
  /** The log of each attempt, as far as it was sent. */
  readonly streamed: string[];
  hear(message: FromChild): void;
  died(how: string): void;
}

const STDERR_LENGTH_MAX = 4_000;

/** One forked child: leader of a process group of its own, serving one attempt at a time. */
export class TaskChild {
  readonly #process: ChildProcess;
  readonly #options: TaskChildOptions;
  readonly #exited: Promise<void>;
  readonly #ready: Promise<void>;
  /** How it ended; undefined while it runs. */
  #end: string | undefined;
  #folder: string | undefined;
  readonly #lastWords = new LastWords(STDERR_LENGTH_MAX);
  // A callback instead of a promise, whose reactions would stay in memory as long as the child runs.
  #serving: Serving | undefined;

  constructor(options: TaskChildOptions) {
    this.#options = options;
    const child = fork(fileURLToPath(options.entry), options.argv, {
      execArgv: execArgvOf(options),
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      ...(options.env === undefined ? {} : { env: options.env }),
    });
    this.#process = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#serving?.written.print('stdout', text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#serving?.written.print('stderr', text);
      this.#lastWords.add(text);
    });
    this.#exited = new Promise((resolve) => {
      child.once('error', (error) => this.#die(`could not be started: ${error.message}`, resolve));
      child.once('close', (code, signal) =>
        this.#die(signal === null ? `ended with code ${code}` : `was ended by ${signal}`, resolve),
      );
    });
    this.#ready = new Promise((resolve) => {
      child.on('message', (message: FromChild) => {
        if (message.kind === 'ready') {
          this.#folder = message.folder;
          resolve();
        } else this.#serving?.hear(message);
      });
    });
    if (options.start !== undefined) this.#send({ kind: 'start', start: options.start });
    // Idle children do not keep this process alive.
    child.unref();
    child.channel?.unref();
  }

  get isAlive(): boolean {
    return this.#end === undefined && this.#process.connected;
  }

  /** Resolves with an outcome even when the child dies; one that was aborted never serves again. */
  execute(assignment: Assignment, context: ExecutionContext): Promise<Outcome> {
    return this.#serve<Outcome>({
      message: { kind: 'assign', assignment },
      signal: context.signal,
      hear: (message) => {
        if (message.kind === 'need') void this.#ask(message, context);
        return message.kind === 'outcome' ? message.outcome : undefined;
      },
      itemCount: 1,
      tell: (_, text) => context.log?.(text),
      join: (outcome, { streamed: [streamed = ''], written }) => ({
        ...outcome,
        log: joinLogs(outcome.log === '' ? streamed : outcome.log, written),
      }),
      // One that succeeded in the last moment has succeeded.
      fail: (error, last) => (last?.kind === 'succeeded' ? last : { kind: 'failed', error, log: last?.log ?? '' }),
    });
  }

  /** The same for a batch; what was reported before the child died has arrived by then. */
  executeBatch(assignments: readonly Assignment[], context: BatchExecution): Promise<BatchEnd> {
    return this.#serve<BatchEnd>({
      message: { kind: 'assign-batch', assignments },
      signal: context.signal,
      itemCount: assignments.length,
      tell: context.log,
      hear: (message) => {
        if (message.kind === 'report') {
          const { item, outcome } = message;
          if (this.#serving !== undefined) this.#serving.streamed[item] = '';
          context.report(item, { ...outcome, log: joinLogs(outcome.log, this.#serving?.written.text() ?? '') });
        }
        return message.kind === 'batch-ended' ? message.end : undefined;
      },
      join: ({ error, logs }, { streamed, written }) => ({
        error,
        logs: assignments.map((_, item) => joinLogs(logs[item] || (streamed[item] ?? ''), written)),
      }),
      fail: (error, last) => ({ error, logs: last?.logs ?? [] }),
    });
  }

  async #serve<R>(work: Work<R>): Promise<R> {
    const { signal } = work;
    this.#process.ref();
    this.#process.channel?.ref();
    const streamed: string[] = Array.from({ length: work.itemCount }, () => '');
    const serving: Pick<Serving, 'written' | 'streamed'> = { written: createAttemptLog(), streamed };
    const answer = this.#assign(work, serving);
    const stopTelling = followLog(serving.written, (written) => {
      for (const [item, text] of streamed.entries()) work.tell?.(item, joinLogs(text, written));
    });
    const first = await raceAbort(answer, signal);
    const result =
      first === 'aborted' ? work.fail(toFailureRecord(signal.reason), await this.#abort(signal, answer)) : first;
    // Output from before the outcome is in the pipes by now; this turn of the event loop reads it.
    await nextTurn();
    await nextTurn();
    const joined = work.join(result, { streamed, written: serving.written.text() });
    stopTelling();
    this.#serving = undefined;
    this.#process.unref();
    this.#process.channel?.unref();
    return joined;
  }

  /** Sends the work as soon as the child is ready, and returns its answer, or that it died. */
  #assign<R>(work: Work<R>, logs: Pick<Serving, 'written' | 'streamed'>): Promise<R> {
    return new Promise((resolve) => {
      const serving: Serving = Object.assign(logs, {
        hear: (message: FromChild) => {
          if (message.kind === 'log') {
            const { item, text } = message;
            logs.streamed[item] = text;
            work.tell?.(item, joinLogs(text, logs.written.text()));
          }
          const result = work.hear(message);
          if (result !== undefined) resolve(result);
        },
        died: (how: string) => resolve(work.fail(this.#deathError(how), undefined)),
      });
      this.#serving = serving;
      if (this.#end !== undefined) serving.died(this.#end);
      else void this.#ready.then(() => this.#serving === serving && !work.signal.aborted && this.#send(work.message));
    });
  }

  /** Ends the child and everything it started. */
  async kill(): Promise<void> {
    if (this.#end === undefined) this.#killGroup();
    await this.#exited;
    if (this.#folder !== undefined) await removeAbandonedFolders(this.#folder);
  }

  async #ask(question: Extract<FromChild, { kind: 'need' }>, context: ExecutionContext): Promise<void> {
    const answer = await context.need(question.goal).catch((error: unknown): NeedAnswer => {
      return { kind: 'refused', reason: reasonOf(error), isError: true };
    });
    this.#send({ kind: 'answer', question: question.question, answer });
  }

  /** Lets the child clean up, then ends it; returns its last message. */
  async #abort<R>(signal: AbortSignal, answer: Promise<R>): Promise<R | undefined> {
    this.#send({ kind: 'abort', reason: messageOf(signal.reason) });
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, this.#options.abortGraceMs, undefined);
    });
    const last = await Promise.race([answer, grace]);
    clearTimeout(timer);
    await this.kill();
    return last;
  }

  #send(message: ToChild): void {
    // A message to a dead child is answered by its exit event.
    if (this.#process.connected) this.#process.send(message, () => undefined);
  }

  #die(how: string, resolve: () => void): void {
    this.#end = how;
    // Processes that it started may still run in its group.
    this.#killGroup();
    this.#serving?.died(how);
    resolve();
  }

  #killGroup(): void {
    const { pid } = this.#process;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // ESRCH: the group is empty.
    }
  }

  #deathError(how: string): FailureRecord {
    const words = this.#lastWords.read();
    const said = words === '' ? '' : ` It last wrote: ${words}`;
    return toFailureRecord(
      new TaskError(`The process of this attempt ${how}.${said}`, { code: 'process_ended', class: 'infrastructure' }),
    );
  }
}

// Source runs under tsx with the condition of the doors; built code runs as it is.
function execArgvOf({ entry, strict }: TaskChildOptions): string[] {
  const flags: string[] = [];
  if (entry.pathname.endsWith('.ts')) {
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    flags.push('--import', tsx, '--conditions=weir-source');
  }
  if (strict !== undefined) {
    const guard = new URL(`./guard.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);
    guard.searchParams.set('mode', strict);
    flags.push('--import', guard.href);
  }
  return flags;
}
