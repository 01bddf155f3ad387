import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { StoreError } from '../errors.ts';
import type { Duckdb, DuckdbOptions, DuckdbPool } from './duckdb.ts';
import { DuckdbProcess } from './duckdb-process.ts';
import { type DuckdbEffects, REAL_EFFECTS } from './effects.ts';
import type { DuckdbSettings } from './messages.ts';
import { collectSpillFolders, nameSpillFolder } from './spill-folder.ts';

/** How many DuckDB processes, and their limits. */
export interface DuckdbPoolOptions extends DuckdbOptions {
  /** How many pieces of work may run at once, each in a process of its own; 1 unless set. */
  readonly size?: number;
}

type UseOptions = Parameters<DuckdbPool['use']>[1];

const MEMORY_LIMIT_MB = 1024;
/**
 * Memory of a process in addition to the buffers that DuckDB's own limit covers: Node and the library (90 MB), plans,
 * which grow with the number of columns and are not counted, and memory that the allocator has not returned.
 */
const BESIDE_LIMIT_MB = 256;
/**
 * A process that still holds more than this share of its bound after the work is replaced, so that memory does not
 * accumulate.
 */
const KEPT_SHARE = 0.5;
/** A new process takes some 100 ms, so this is less than a millisecond for each piece of work. */
const REPLACE_AFTER = 200;
const BYTES_PER_MB = 2 ** 20;

/**
 * A pool of up to `size` DuckDB processes; further work waits in order. None is started before the first use. A process
 * is ended when it takes more memory than it may, and replaced when it keeps much of it, or after `replaceAfter` uses.
 */
export function openDuckdbPool(options: DuckdbPoolOptions = {}, effects: DuckdbEffects = REAL_EFFECTS): DuckdbPool {
  return new ProcessPool(options, effects);
}

class ProcessPool implements DuckdbPool {
  readonly #options: DuckdbPoolOptions;
  readonly #effects: DuckdbEffects;
  readonly #temporaryFolder: string;
  readonly #residentBytesMax: number;
  readonly #idle: DuckdbProcess[] = [];
  readonly #all = new Set<DuckdbProcess>();
  readonly #waiting: (() => void)[] = [];
  #free: number;
  #collected: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: DuckdbPoolOptions, effects: DuckdbEffects) {
    this.#options = options;
    this.#effects = effects;
    this.#residentBytesMax = ((options.memoryLimitMb ?? MEMORY_LIMIT_MB) + BESIDE_LIMIT_MB) * BYTES_PER_MB;
    this.#free = Math.max(1, options.size ?? 1);
    this.#temporaryFolder = options.temporaryFolder ?? path.join(tmpdir(), 'weir-duckdb');
  }

  async use<T>(work: (duckdb: Duckdb) => Promise<T>, { signal, timeoutMs }: UseOptions = {}): Promise<T> {
    await this.#takeSlot(signal);
    let duckdb: DuckdbProcess;
    try {
      duckdb = (await this.#takeIdle()) ?? (await this.#start());
    } catch (error) {
      this.#leaveSlot();
      throw error;
    }
    const guard = guardProcess(duckdb, { signal, timeoutMs });
    const release = this.#hold(duckdb);
    const session = openSession(duckdb);
    try {
      return await Promise.race([work(session), guard.broken]);
    } finally {
      guard.release();
      await session.close();
      // Not awaited here: only the next piece of work in this slot has to wait.
      this.#giveBack(duckdb).finally(release);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const processes = [...this.#all];
    for (const duckdb of processes) duckdb.kill(closedError());
    for (const wake of this.#waiting.splice(0)) wake();
    await Promise.all(processes.map(({ gone }) => gone));
  }

  async #takeSlot(signal: AbortSignal | undefined): Promise<void> {
    if (this.#free === 0) await this.#waitForSlot(signal);
    else this.#free--;
    if (!this.#isClosed && !signal?.aborted) return;
    this.#leaveSlot();
    throw this.#isClosed ? closedError() : cancelledError(signal);
  }

  // A slot is passed to the longest waiter, so that no other can overtake.
  #waitForSlot(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const wake = (): void => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const abort = (): void => {
        const at = this.#waiting.indexOf(wake);
        if (at < 0) return;
        this.#waiting.splice(at, 1);
        reject(cancelledError(signal));
      };
      this.#waiting.push(wake);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  #leaveSlot(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }

  async #takeIdle(): Promise<DuckdbProcess | undefined> {
    let idle = this.#idle.pop();
    while (idle !== undefined && !(await idle.isAlive())) idle = this.#idle.pop();
    return idle;
  }

  async #start(): Promise<DuckdbProcess> {
    this.#collected ??= this.#collect();
    await this.#collected;
    const spillFolder = await nameSpillFolder(this.#temporaryFolder);
    if (this.#isClosed) throw closedError();
    const duckdb = new DuckdbProcess({
      settings: settingsOf(this.#options, spillFolder),
      residentBytesMax: this.#residentBytesMax,
      threads: this.#options.threads,
    });
    this.#all.add(duckdb);
    duckdb.gone.then(async () => {
      this.#all.delete(duckdb);
      const at = this.#idle.indexOf(duckdb);
      if (at >= 0) this.#idle.splice(at, 1);
      // The spill files of a killed DuckDB; the next pool removes what cannot be removed now.
      await rm(spillFolder, { recursive: true, force: true }).catch(() => {});
    });
    return duckdb;
  }

  #isWorn({ residentBytes, uses, wasRefusedMemory }: DuckdbProcess): boolean {
    const { replaceAfter = REPLACE_AFTER } = this.#options;
    return wasRefusedMemory || uses >= replaceAfter || residentBytes > this.#residentBytesMax * KEPT_SHARE;
  }

  async #collect(): Promise<void> {
    await mkdir(this.#temporaryFolder, { recursive: true });
    await collectSpillFolders(this.#temporaryFolder);
  }

  // From outside, as the process cannot look at itself while it turns rows into objects.
  #hold(duckdb: DuckdbProcess): () => void {
    const { maybeResidentBytes, repeat } = this.#effects;
    const { pid } = duckdb;
    if (pid === undefined) return () => {};
    return repeat(async () => duckdb.endBeyond((await maybeResidentBytes(pid)) ?? 0));
  }

  // The slot stays taken until the process is clean.
  async #giveBack(duckdb: DuckdbProcess): Promise<void> {
    try {
      await duckdb.renew();
      if (this.#isWorn(duckdb)) duckdb.kill(new StoreError('duckdb_ended', 'The DuckDB process was replaced.'));
      else this.#idle.push(duckdb);
    } catch (cause) {
      // It ended, or could not be cleaned: the next use starts a new one.
      duckdb.kill(new StoreError('duckdb_ended', 'DuckDB could not be cleaned up after a piece of work.', { cause }));
    } finally {
      this.#leaveSlot();
    }
  }
}

// A session that is used after its piece of work must not reach into the next one.
function openSession(duckdb: DuckdbProcess): Duckdb {
  let isOpen = true;
  const ask = async (kind: 'run' | 'all', sql: string): Promise<readonly unknown[]> => {
    if (!isOpen)
      throw new StoreError(
        'duckdb_ended',
        'This DuckDB was closed when its piece of work ended; open another with use().',
      );
    return duckdb.ask(kind, sql);
  };
  return {
    run: async (sql) => {
      await ask('run', sql);
    },
    // The caller declares the type of the rows it selects.
    all: async <R>(sql: string) => (await ask('all', sql)) as readonly R[],
    close: async () => {
      isOpen = false;
    },
  };
}

interface Guard {
  /** Rejects at the timeout or when the work is cancelled; the process is killed then. */
  readonly broken: Promise<never>;
  release(): void;
}

interface Limits {
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number | undefined;
}

function guardProcess(duckdb: DuckdbProcess, { signal, timeoutMs }: Limits): Guard {
  let timer: NodeJS.Timeout | undefined;
  let abort = (): void => {};
  const broken = new Promise<never>((_, reject) => {
    const end = (reason: StoreError): void => {
      duckdb.kill(reason);
      reject(reason);
    };
    abort = () => end(cancelledError(signal));
    if (timeoutMs !== undefined) {
      timer = setTimeout(
        () =>
          end(
            new StoreError(
              'duckdb_ended',
              `The work in DuckDB took longer than its timeout of ${timeoutMs} ms and was ended.`,
            ),
          ),
        timeoutMs,
      );
    }
  });
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted) abort();
  return {
    broken,
    release: () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    },
  };
}

function settingsOf(
  { memoryLimitMb = MEMORY_LIMIT_MB, threads }: DuckdbPoolOptions,
  spillFolder: string,
): DuckdbSettings {
  return {
    memory_limit: `${memoryLimitMb}MB`,
    temp_directory: spillFolder,
    // parquet, json and icu are built in; anything else would be fetched from the network.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    ...(threads === undefined ? {} : { threads: String(threads) }),
  };
}

function cancelledError(signal: AbortSignal | undefined): StoreError {
  return new StoreError('duckdb_ended', 'The work in DuckDB was cancelled.', { cause: signal?.reason });
}

function closedError(): StoreError {
  return new StoreError('duckdb_ended', 'The DuckDB pool is closed.');
}
