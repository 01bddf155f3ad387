import { type ChildProcess, fork } from 'node:child_process';
import { StoreError } from '../errors.ts';
import { LastWords } from '../last-words.ts';
import { childFile } from './child-file.ts';
import type { Answer, DuckdbSettings, Exceeded, Request } from './messages.ts';

type Rows = Extract<Answer, { rows: unknown }>['rows'];

interface Pending {
  readonly resolve: (rows: Rows) => void;
  readonly reject: (error: Error) => void;
}

export interface DuckdbProcessOptions {
  readonly settings: DuckdbSettings;
  /** With more memory than this the process ends itself, whatever it is doing. */
  readonly residentBytesMax: number;
}

const BYTES_PER_MB = 2 ** 20;
const STDERR_MAX = 2_000;
/** Returned rows should be few; without their own limit they could fill gigabytes between two checks. */
const HEAP_MB = 512;

/** The parent's side of one DuckDB process. When it ends, all requests fail with the reason. */
export class DuckdbProcess {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #use = 1;
  readonly #lastWords = new LastWords(STDERR_MAX);
  #residentBytes = 0;
  #ended: StoreError | undefined;
  /** Resolves when the process has ended. */
  readonly gone: Promise<void>;

  constructor({ settings, residentBytesMax }: DuckdbProcessOptions) {
    this.#child = forkChild();
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#lastWords.add(text);
    });
    this.#child.on('message', (message) => {
      // Only the child is at the other end of the channel.
      const told = message as Answer | Exceeded;
      if ('kind' in told) this.kill(exceededError(told, residentBytesMax));
      else this.#settle(told);
    });
    this.gone = new Promise((resolve) => {
      this.#child.once('error', (cause) => {
        this.#fail(
          new StoreError('duckdb_ended', `The DuckDB process could not be started: ${cause.message}`, { cause }),
        );
        resolve();
      });
      this.#child.once('close', (code, signal) => {
        this.#fail(this.#crash(signal ?? `code ${code}`));
        resolve();
      });
    });
    this.#send({ kind: 'open', settings, residentBytesMax });
  }

  /** Memory of the process when it last returned rows. */
  get residentBytes(): number {
    return this.#residentBytes;
  }

  ask(kind: 'run' | 'all', sql: string): Promise<Rows> {
    return this.#request({ kind, id: ++this.#lastId, use: this.#use, sql });
  }

  /** Whether the process still runs: the exit event of one that just died may be pending. */
  async isAlive(): Promise<boolean> {
    return this.#request({ kind: 'ping', id: ++this.#lastId, use: this.#use }).then(
      () => true,
      () => false,
    );
  }

  /** Drops what the piece of work left, including running statements; the next one starts clean. */
  async renew(): Promise<void> {
    await this.#request({ kind: 'end', id: ++this.#lastId, use: this.#use++ });
  }

  /** Ends the process now; all requests fail with the reason. */
  kill(reason: StoreError): void {
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
    // A channel that cannot be written to belongs to a process that is ending; its `close` event has the reason.
    this.#child.send(request, () => {});
  }

  #settle(answer: Answer): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if ('error' in answer) {
      pending?.reject(
        new StoreError(OUT_OF_MEMORY.test(answer.error) ? 'duckdb_memory' : 'duckdb_statement', answer.error),
      );
      return;
    }
    this.#residentBytes = answer.residentBytes;
    pending?.resolve(answer.rows);
  }

  #fail(reason: StoreError): void {
    this.#ended ??= reason;
    for (const { reject } of this.#pending.values()) reject(this.#ended);
    this.#pending.clear();
  }

  #crash(how: string): StoreError {
    const said = this.#lastWords.read();
    if (HEAP_EXHAUSTED.test(said))
      return new StoreError(
        'duckdb_memory',
        `The rows requested from DuckDB take more than ${HEAP_MB} MB. Request fewer at a time.`,
      );
    return new StoreError(
      'duckdb_ended',
      `The DuckDB process ended unexpectedly (${how})${said === '' ? '' : `; it said: ${said}`}. Try again; if it ran out of memory, lower duckdb.memoryLimitMb.`,
    );
  }
}

/** The message of DuckDB when its own limit, or the system, refuses more memory. */
const OUT_OF_MEMORY = /^Out of Memory Error|std::bad_alloc/;
const HEAP_EXHAUSTED = /JavaScript heap out of memory/;

function exceededError({ residentBytes }: Exceeded, residentBytesMax: number): StoreError {
  const [came, most] = [residentBytes, residentBytesMax].map((bytes) => `${Math.round(bytes / BYTES_PER_MB)} MB`);
  return new StoreError(
    'duckdb_memory',
    `The DuckDB process took ${came} of memory; expected ${most} at most, so it was ended. Give it less to do at once, or raise duckdb.memoryLimitMb.`,
  );
}

function forkChild(): ChildProcess {
  // An empty environment: results depend on no variable, and secrets stay here.
  return fork(childFile(), [], {
    execArgv: [`--max-old-space-size=${HEAP_MB}`],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: {},
  });
}
