import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { DuckdbError } from './errors.ts';
import type { Answer, DuckdbSettings, Request } from './messages.ts';

type Rows = Extract<Answer, { rows: unknown }>['rows'];

interface Pending {
  readonly resolve: (rows: Rows) => void;
  readonly reject: (error: Error) => void;
}

const STDERR_MAX = 2_000;

/** The parent's side of one DuckDB process. When it ends, whatever is asked of it fails with the reason. */
export class DuckdbProcess {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #use = 1;
  #stderr = '';
  #ended: DuckdbError | undefined;
  /** Resolves when the process has gone. */
  readonly gone: Promise<void>;

  constructor(settings: DuckdbSettings) {
    this.#child = forkChild();
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_MAX);
    });
    this.#child.on('message', (message) => {
      // Only our child is at the other end of the channel.
      this.#settle(message as Answer);
    });
    this.gone = new Promise((resolve) => {
      this.#child.once('error', (cause) => {
        this.#fail(new DuckdbError(`The DuckDB process could not be started: ${cause.message}`, { cause }));
        resolve();
      });
      this.#child.once('close', (code, signal) => {
        this.#fail(this.#crash(signal ?? `code ${code}`));
        resolve();
      });
    });
    this.#send({ kind: 'open', settings });
  }

  ask(kind: 'run' | 'all', sql: string): Promise<Rows> {
    return this.#request({ kind, id: ++this.#lastId, use: this.#use, sql });
  }

  /** Whether the process is still there: one that died a moment ago has not told yet. */
  async isAlive(): Promise<boolean> {
    return this.#request({ kind: 'ping', id: ++this.#lastId, use: this.#use }).then(
      () => true,
      () => false,
    );
  }

  /** Drops what the piece of work left, running statements included; the next one starts clean. */
  async renew(): Promise<void> {
    await this.#request({ kind: 'end', id: ++this.#lastId, use: this.#use++ });
  }

  /** Ends the process now; whatever it was asked fails with the reason. */
  kill(reason: DuckdbError): void {
    this.#fail(reason);
    this.#child.kill('SIGKILL');
  }

  #request(request: Exclude<Request, { kind: 'open' }>): Promise<Rows> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#pending.set(request.id, { resolve, reject });
      this.#send(request);
    });
  }

  #send(request: Request): void {
    // A channel that cannot be written to belongs to a process that is ending, and `close` says why.
    this.#child.send(request, () => {});
  }

  #settle(answer: Answer): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if ('rows' in answer) pending?.resolve(answer.rows);
    else pending?.reject(new DuckdbError(answer.error));
  }

  #fail(reason: DuckdbError): void {
    this.#ended ??= reason;
    for (const { reject } of this.#pending.values()) reject(this.#ended);
    this.#pending.clear();
  }

  #crash(how: string): DuckdbError {
    const said = this.#stderr.trim();
    return new DuckdbError(
      `The DuckDB process ended unexpectedly (${how})${said === '' ? '' : `; it said: ${said}`}. Try again; if it ran out of memory, lower duckdb.memoryLimitMb.`,
    );
  }
}

function forkChild(): ChildProcess {
  const isSource = import.meta.url.endsWith('.ts');
  const entry = fileURLToPath(new URL(isSource ? './child.ts' : './child.js', import.meta.url));
  // By its path, since the working folder may be a project without tsx.
  const loader = isSource ? ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href] : [];
  return fork(entry, [], { execArgv: loader, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
}
