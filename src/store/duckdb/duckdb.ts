/** A value DuckDB returns as JSON: numbers stay numbers, BIGINT within 2^53 too, dates and timestamps are ISO strings. */
export type Cell = string | number | boolean | null | readonly Cell[] | { readonly [field: string]: Cell };

/** One DuckDB connection in a child process of its own, with a memory limit: a crash there is an error here. */
export interface Duckdb {
  /** Runs one or more statements and drops their rows. */
  run(sql: string): Promise<void>;
  /** Runs one statement and returns its rows as objects. Keep them few; bulk data stays in SQL and files. */
  all<R = Readonly<Record<string, Cell>>>(sql: string): Promise<readonly R[]>;
  close(): Promise<void>;
}

/** Limits of each DuckDB process. */
export interface DuckdbOptions {
  /** Memory for its buffers, in MB; 1024 unless set. */
  readonly memoryLimitMb?: number;
  /** How many threads it uses; the number of processors unless set. */
  readonly threads?: number;
  /** After how many pieces of work, such as a file each, a process is replaced by a new one; 200 unless set. */
  readonly replaceAfter?: number;
  /** Where it puts what does not fit into memory; `weir-duckdb` in the temporary folder of the system unless set. */
  readonly temporaryFolder?: string;
}

/** A DuckDB for one piece of work; the process behind it is kept warm and given to the next. */
export interface DuckdbPool {
  /** Gives the work a DuckDB of its own; more work than `size` waits. Ended by the signal, or after `timeoutMs`. */
  use<T>(
    work: (duckdb: Duckdb) => Promise<T>,
    options?: { readonly signal?: AbortSignal; readonly timeoutMs?: number },
  ): Promise<T>;
  /** Ends all processes; work in progress fails. */
  close(): Promise<void>;
}
