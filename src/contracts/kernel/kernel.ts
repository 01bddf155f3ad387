/** Walks over the records of a block, finds out what the plan asks, and leaves to the caller what is not plainly regular. */
export interface Kernel {
  /** Memory for the next block of so many bytes, to be filled by the caller. */
  place(sizeBytes: number): Uint8Array;
  /** Sets the next block. */
  load(bytes: Uint8Array): void;
  /** Passes records of the block. What it returns is valid until the next call of `run` or `runOne`. */
  run(options: RunOptions): KernelResult;
  /** Passes one canonical record of any length, ended by LF and with the delimiter of the file. The block stays. */
  runOne(record: Uint8Array): KernelResult;
  /** Gives its memory to the next kernel. Neither it nor its results are used any more. */
  close(): void;
}

export interface RunOptions {
  /** Where in the block a record begins. */
  readonly start: number;
  /** Whether the block is UTF-8 without NUL. In one that is not, a record with a NUL or a byte above 127 is irregular. */
  readonly isSound: boolean;
}

/**
 * `end`: the block ends, perhaps within a record. `irregular`: a record begins that the careful scanner must decide.
 * `full`: so much was found that a table is full; the next call goes on.
 */
export type KernelStop = 'end' | 'irregular' | 'full';

export interface KernelResult {
  /** Where in the block the first record begins that was not passed. */
  readonly end: number;
  readonly stop: KernelStop;
  readonly records: number;
  /** The block, or the records written anew. */
  readonly text: Uint8Array;
  /** Where each record begins in `text`, and where the last one ends, behind its line feed. */
  readonly starts: Uint32Array;
  /** Bytes of the longest record, without its line end. */
  readonly longest: number;
  /** Line feeds up to `end`: those of records, of blank lines and within quotes. */
  readonly lineFeeds: number;
  /**
   * Pairs of a record and a number: from this record on the line is so many further than the number of the record says.
   * Empty for most blocks.
   */
  readonly shifts: Uint32Array;
  /** Pairs of a record and a bit that its row violates, in the order of records. */
  readonly flags: Uint32Array;
  /** By bit: how many rows violate it; nothing of keys. */
  readonly counts: Uint32Array;
  /** By column of the plan. */
  readonly columns: ColumnCounts;
  /** By key of the plan, by record: the value (see `key-value.ts`), or `NO_KEY`. */
  readonly keys: readonly BigInt64Array[];
}

/** By column of the plan; of values only where the plan asks for them. */
export interface ColumnCounts {
  readonly nulls: Uint32Array;
  /** Values of the kind; with the smallest and the largest, which are Infinity and -Infinity where there is none. */
  readonly values: Uint32Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  /**
   * Values small enough for a sum, their sum in the order of the file, and what its roundings lost: both together are the
   * sum as if it were rounded once (Ogita, Rump and Oishi, Sum2, 2005).
   */
  readonly summands: Uint32Array;
  readonly sum: Float64Array;
  readonly lost: Float64Array;
  /** By value of the first set. */
  readonly categories: readonly Uint32Array[];
}
