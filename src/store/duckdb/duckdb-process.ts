import type { ChildProcess } from 'node:child_process';
import { StoreError } from '../errors.ts';
import { LastWords } from '../last-words.ts';
import type { Answer, DuckdbSettings, Exceeded, Request } from './messages.ts';
import { HEAP_MB, startChild } from './start-child.ts';

type Rows = Extract<Answer, { rows: unknown }>['rows'];

interface Pending {
  readonly resolve: (rows: Rows) => void;
  readonly reject: (error: Error) => void;
}

export interface DuckdbProcessOptions {
  readonly settings: DuckdbSettings;
  /** With more memory than this the process is ended, whatever it is doing. */
  readonly residentBytesMax: number;
  readonly threads: number | undefined;
}

const BYTES_PER_MB = 2 ** 20;
const STDERR_MAX = 2_000;

/** The parent's side of one DuckDB process. When it ends, all requests fail with the reason. */
export class DuckdbProcess {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #use = 1;
  readonly #lastWords = new LastWords(STDERR_MAX);
  readonly #residentBytesMax: number;
  #residentBytes = 0;
  #wasRefusedMemory = false;
  #ended: StoreError | undefined;
  /** Resolves when the process has ended. */
  readonly gone: Promise<void>;

  constructor({ settings, residentBytesMax, threads }: DuckdbProcessOptions) {
    this.#residentBytesMax = residentBytesMax;
    this.#child = startChild({ residentBytesMax, threads });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#lastWords.add(text);
    });
    this.#child.on('message', (message) => {
      // Only the child is at the other end of the channel.
      const told = message as Answer | Exceeded;
      if ('kind' in told) this.endBeyond(told.residentBytes);
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

  /** How many pieces of work it has ended. */
  get uses(): number {
    return this.#use - 1;
  }

  /** Whether the operating system has refused it memory, after which its allocators cannot be relied on. */
  get wasRefusedMemory(): boolean {
    return this.#wasRefusedMemory;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Ends the process when its memory is more than it may have. */
  endBeyond(residentBytes: number): void {
    if (residentBytes <= this.#residentBytesMax) return;
    this.kill(memoryError(`took ${inMb(residentBytes)} of memory and was ended`, this.#residentBytesMax));
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
      this.#wasRefusedMemory ||= REFUSED_MEMORY.test(answer.error);
      pending?.reject(this.#statementError(answer.error));
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

  #statementError(message: string): StoreError {
    if (REFUSED_MEMORY.test(message)) return this.#refusedError();
    return new StoreError(OUT_OF_MEMORY.test(message) ? 'duckdb_memory' : 'duckdb_statement', message);
  }

  #refusedError(): StoreError {
    return memoryError('was refused more memory by the operating system', this.#residentBytesMax);
  }

  #crash(how: string): StoreError {
    const said = this.#lastWords.read();
    if (HEAP_EXHAUSTED.test(said))
      return new StoreError(
        'duckdb_memory',
        `The rows requested from DuckDB take more than ${HEAP_MB} MB. Request fewer at a time.`,
      );
    if (REFUSED_MEMORY.test(said)) return this.#refusedError();
    return new StoreError(
      'duckdb_ended',
      `The DuckDB process ended unexpectedly (${how})${said === '' ? '' : `; it said: ${said}`}. Try again; if it ran out of memory, lower duckdb.memoryLimitMb.`,
    );
  }
}

/** The message of DuckDB when its own limit refuses more memory. */
const OUT_OF_MEMORY = /^Out of Memory Error/;
/** The messages when the operating system does: of DuckDB, of C++ and of Node. */
const REFUSED_MEMORY =
  /^Out of Memory Error: (?:Allocation failure|Failed to allocate .*\(bad allocation\))|std::bad_alloc|Committing semi space failed/;
const HEAP_EXHAUSTED = /JavaScript heap out of memory/;

const inMb = (bytes: number): string => `${Math.round(bytes / BYTES_PER_MB)} MB`;

function memoryError(what: string, residentBytesMax: number): StoreError {
  return new StoreError(
    'duckdb_memory',
    `The DuckDB process ${what}; expected ${inMb(residentBytesMax)} at most. Give it less to do at once, or raise duckdb.memoryLimitMb.`,
  );
}
