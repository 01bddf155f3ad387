import type { DuckdbPool } from '#store';
import type { Contract } from '../contract.ts';
import type { Encoding } from '../scan/decode.ts';

export interface SplitFileOptions {
  readonly path: string;
  /** Folder for the parts; made when it is not there. */
  readonly into: string;
  /** How many files to make, 1 to 10,000. */
  readonly files: number;
  readonly duckdb: DuckdbPool;
  /** Of CSV; `,` unless said. */
  readonly delimiter?: Contract['delimiter'];
  /** Of files without a byte order mark; UTF-8 unless said. */
  readonly encoding?: Encoding;
  readonly signal?: AbortSignal;
  /** Told now and then how much is done, 0 to 1. */
  readonly onProgress?: (done: number) => void;
}
