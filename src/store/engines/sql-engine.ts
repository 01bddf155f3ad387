import type { Cell } from '../duckdb/duckdb.ts';

/** What runs SQL over data: DuckDB on this machine, or a cluster of Spark. Each has its own dialect, by its name. */
export interface SqlEngine {
  readonly name: 'duckdb' | 'spark';
  /** Runs one statement that gives no rows, such as one that makes a view. A query may not be run at all. */
  run(sql: string, work?: SqlWork): Promise<void>;
  /** Runs one query and returns its rows. Keep them few; bulk data stays with the engine. */
  all<R = Readonly<Record<string, Cell>>>(sql: string, work?: SqlWork): Promise<readonly R[]>;
  /** The columns that a query would have, without running it. Refuses SQL that the engine cannot parse or resolve. */
  describe(query: string): Promise<readonly SqlColumn[]>;
  /** Makes a view of Parquet files that have the same columns; `columns` are expressions over those and the place of a row. */
  viewParquet(view: string, source: ParquetSource): Promise<void>;
  /** Writes the rows of a query as Parquet files into a folder that is not there yet. */
  writeParquet(query: string, folder: string, work?: SqlWork): Promise<void>;
  close(): Promise<void>;
}

export interface ParquetSource {
  readonly paths: readonly string[];
  readonly columns: readonly string[];
}

export interface SqlColumn {
  readonly name: string;
  /** In the words of the engine, in lower case. */
  readonly type: string;
}

/** How one statement is run. */
export interface SqlWork {
  readonly signal?: AbortSignal;
  /** It is ended after so long; no bound unless set. */
  readonly timeoutMs?: number;
  /** Called with the share that is done, 0 to 1, where the engine says so. */
  readonly onProgress?: (share: number) => void;
}
