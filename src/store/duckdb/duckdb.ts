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

export interface DuckdbOptions {
  readonly memoryLimitMb?: number;
  readonly threads?: number;
  readonly temporaryFolder?: string;
}

/** A DuckDB for one piece of work; the process behind it is kept warm and given to the next. */
export interface DuckdbPool {
  use<T>(
    work: (duckdb: Duckdb) => Promise<T>,
    options?: { readonly signal?: AbortSignal; readonly timeoutMs?: number },
  ): Promise<T>;
  close(): Promise<void>;
}
