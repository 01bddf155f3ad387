import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { TaskError } from '../errors.ts';
import { removeAttemptFoldersOf } from './attempt-folder.ts';
import type { Assignment, ExecutionContext, Outcome } from './executor.ts';
import { clean, toFailureRecord } from './failure.ts';
import type { FromChild, ToChild } from './messages.ts';

export interface TaskChildOptions {
  readonly entry: URL;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** How long an aborted attempt may tidy up before its process group is killed. */
  readonly abortGraceMs: number;
}

const STDERR_LENGTH_MAX = 4_000;

/** One forked child: leader of a process group of its own, serving one attempt at a time. */
export class TaskChild {
  readonly #process: ChildProcess;
  readonly #options: TaskChildOptions;
  readonly #exited: Promise<string>;
  readonly #ready: Promise<void>;
  #isAlive = true;
  #folder: string | undefined;
  #stderr = '';
  #onMessage: (message: FromChild) => void = () => undefined;

  constructor(options: TaskChildOptions) {
    this.#options = options;
    const child = fork(fileURLToPath(options.entry), options.argv, {
      execArgv: execArgvOf(options.entry),
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      ...(options.env === undefined ? {} : { env: options.env }),
    });
    this.#process = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_LENGTH_MAX);
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
        } else this.#onMessage(message);
      });
    });
    // Idle children keep nobody alive.
    child.unref();
    child.channel?.unref();
  }

  get isAlive(): boolean {
    return this.#isAlive && this.#process.connected;
  }

  /** Resolves with an outcome even when the child dies; one that was aborted never serves again. */
  async execute(assignment: Assignment, context: ExecutionContext): Promise<Outcome> {
    this.#process.ref();
    this.#process.channel?.ref();
    const outcome = new Promise<Outcome>((resolve) => {
      this.#onMessage = (message) => {
        if (message.kind === 'outcome') resolve(message.outcome);
        else if (message.kind === 'need') void this.#ask(message, context);
      };
    });
    const death = this.#exited.then((how) => this.#deathOutcome(how));
    const aborted = new Promise<'aborted'>((resolve) => {
      if (context.signal.aborted) resolve('aborted');
      else context.signal.addEventListener('abort', () => resolve('aborted'), { once: true });
    });
    const isReady = await Promise.race([
      this.#ready.then(() => true),
      death.then(() => false),
      aborted.then(() => false),
    ]);
    if (isReady) this.#send({ kind: 'assign', assignment });
    const first = await Promise.race([outcome, death, aborted]);
    const result = first === 'aborted' ? await this.#abort(context.signal, outcome) : first;
    this.#onMessage = () => undefined;
    this.#process.unref();
    this.#process.channel?.unref();
    return result;
  }

  /** Ends the child and everything it started. */
  async kill(): Promise<void> {
    if (this.#isAlive) this.#killGroup();
    await this.#exited;
    if (this.#folder !== undefined && this.#process.pid !== undefined)
      await removeAttemptFoldersOf(this.#process.pid, this.#folder);
  }

  async #ask(question: Extract<FromChild, { kind: 'need' }>, context: ExecutionContext): Promise<void> {
    const answer = await context.need(question.goal);
    this.#send({ kind: 'answer', question: question.question, answer });
  }

  async #abort(signal: AbortSignal, outcome: Promise<Outcome>): Promise<Outcome> {
    const reason: unknown = signal.reason;
    this.#send({ kind: 'abort', reason: reason instanceof Error ? reason.message : String(reason) });
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, this.#options.abortGraceMs, undefined);
    });
    const tidied = await Promise.race([outcome, grace, this.#exited.then(() => undefined)]);
    clearTimeout(timer);
    await this.kill();
    // One that succeeded in the last moment has succeeded.
    if (tidied?.kind === 'succeeded') return tidied;
    return { kind: 'failed', error: toFailureRecord(reason), log: tidied?.log ?? '' };
  }

  #send(message: ToChild): void {
    // A message to a child that is gone is answered by its death.
    if (this.#process.connected) this.#process.send(message, () => undefined);
  }

  #die(how: string, resolve: (how: string) => void): void {
    this.#isAlive = false;
    // What it started may live on in its group.
    this.#killGroup();
    resolve(how);
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

  #deathOutcome(how: string): Outcome {
    const said = this.#stderr === '' ? '' : ` It last wrote: ${clean(this.#stderr, STDERR_LENGTH_MAX)}`;
    const error = new TaskError(`The process of this attempt ${how}.${said}`, { class: 'infrastructure' });
    return { kind: 'failed', error: toFailureRecord(error), log: '' };
  }
}

// Source runs under tsx with the doors' condition; what was built runs plainly.
function execArgvOf(entry: URL): string[] {
  if (!entry.pathname.endsWith('.ts')) return [];
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return ['--import', tsx, '--conditions=weir-source'];
}
