import type { DuckdbPool } from '#store';
import type { FileFormat } from '../format/file-format.ts';

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
  /** What separates the cells of CSV; that of `format`, or else `,`, unless set. */
  readonly delimiter?: string;
  /** How CSV is written; in the default form unless set. The parts are written in the same form. */
  readonly format?: FileFormat | undefined;
  /** Encoding of files without a byte order mark, by its name on the web; that of the contract's `format` unless set. */
  readonly encoding?: string;
  /** Whether files in the folder that are named like parts are replaced; unless set, they are an error. */
  readonly isReplacing?: boolean;
  /** Stops the work. */
  readonly signal?: AbortSignal;
  /** Called from time to time with the share of the work done, 0 to 1. */
  readonly onProgress?: (done: number) => void;
}
