import type { DuckdbPool } from '#store';
import type { Contract, Role } from '../contract.ts';

/** What to check, against what, and where the parts go. */
export interface CheckFileOptions {
  /** The file to check; it is read once and never changed. */
  readonly path: string;
  /** What the file must be. */
  readonly contract: Contract;
  /**
   * The contract for a file whose columns have these names, where the names decide it; `contract` unless set, whose
   * delimiter it has.
   */
  readonly contractFor?: (names: readonly string[]) => Contract;
  /**
   * Roles whose columns the file may lack; none unless set. A file that lacks such a column is checked without it, and
   * without the expectations that name it.
   */
  readonly mayLack?: readonly Role[];
  /**
   * Where the parts are written; created if missing. `check.json` with the result is written last: when it exists, all
   * parts do.
   */
  readonly folder: string;
  /** The DuckDB that reads the file: `openDuckdbPool()`. */
  readonly duckdb: DuckdbPool;
  /**
   * Files of the other datasets that the contract compares this one with, by their names there; none unless set. Each is read
   * once, in any format that a check reads.
   */
  readonly references?: Readonly<Record<string, string>>;
  /** Name of the file in reports; the name in `path` by default. */
  readonly name?: string;
  /** Encoding of files without a byte order mark, by its name on the web; that of the contract's `format` unless set. */
  readonly encoding?: string;
  /**
   * What separates the cells of a CSV file; unless set, the delimiter of the contract's `format`, or without one the
   * contract's delimiter, or another with which more names of its first line are those of the contract.
   */
  readonly delimiter?: string;
  /** A record longer than this many bytes is rejected; 4 MiB by default. */
  readonly recordBytesMax?: number;
  /** How many columns are in one DuckDB query; 100 by default. It affects memory and time, never the result. */
  readonly groupColumns?: number;
  /** Whether `files.lines` tells the lines of the good rows; it does not unless set. */
  readonly keepsLines?: boolean;
  /** Stops the work; nothing is left in the folder then. */
  readonly signal?: AbortSignal;
  /** Called repeatedly with the share of the work done, 0 to 1, never decreasing. */
  readonly onProgress?: (share: number) => void;
}
