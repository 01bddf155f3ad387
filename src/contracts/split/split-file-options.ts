import type { DuckdbPool } from '#store';
import type { Contract } from '../contract.ts';
import type { Encoding } from '../scan/encoding.ts';

/** Which file to split, into how many, and where they go. */
export interface SplitFileOptions {
  /** The file to read; it is never changed. */
  readonly path: string;
  /** Folder for the parts; created if missing. */
  readonly into: string;
  /** How many files to make, 1 to 10,000. */
  readonly files: number;
  /** The DuckDB that reads and writes Parquet: `openDuckdbPool()`. */
  readonly duckdb: DuckdbPool;
  /** Delimiter of CSV; `,` by default. */
  readonly delimiter?: Contract['delimiter'];
  /** Encoding of files without a byte order mark; UTF-8 by default. */
  readonly encoding?: Encoding;
  /** Whether files in the folder that are named like parts are replaced; unless set, they are an error. */
  readonly isReplacing?: boolean;
  /** Stops the work. */
  readonly signal?: AbortSignal;
  /** Called from time to time with the share of the work done, 0 to 1. */
  readonly onProgress?: (done: number) => void;
}
