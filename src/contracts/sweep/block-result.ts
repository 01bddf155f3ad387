import type { ColumnCounts } from '../kernel/kernel.ts';
import type { NarrowText } from '../scan/record-kernel.ts';
import type { RecordRest, RejectPlace } from '../scan/record-scanner.ts';
import type { WordTally } from '../tally/word-tally.ts';

/** Records of a block one after the other in one text: those of one call of the kernel, or a rewritten one. */
export interface RowPiece {
  readonly kind: 'rows';
  /** Where their text is: in the block itself, or in what was written anew. */
  readonly text: 'block' | 'written';
  /** Number of the first among the records of the block. */
  readonly first: number;
  readonly records: number;
  /** Index in `starts` of where the first begins; where the last one ends follows the others. */
  readonly startsAt: number;
  /** The line of the first, from 0 as the first of the block. */
  readonly line: number;
  /** As the kernel tells them; by the number within the piece. */
  readonly shifts: Uint32Array | undefined;
}

/** Bytes of a record that is no row; lines and offsets count from the block's beginning. */
export interface RejectedPiece {
  readonly kind: 'rejected';
  readonly place: RejectPlace;
}

export type Piece = RowPiece | RejectedPiece;

/** All that was found in a block, in the order of the file. */
export interface BlockResult {
  /** How many bytes are done with; those behind them belong to a record that goes on in the next block. */
  readonly consumed: number;
  /** Lines that are done with. */
  readonly lines: number;
  /** Within a record that is too long to buffer. */
  readonly rest: RecordRest | undefined;
  readonly records: number;
  readonly longest: number;
  readonly pieces: readonly Piece[];
  readonly starts: Uint32Array;
  readonly written: Uint8Array;
  /** By record, where it begins and ends in the block; only of a file whose cells may have other texts than the rows. */
  readonly places: Uint32Array | undefined;
  /** Cells that were changed: for each column of the file, by the coercions in their order; empty where none may be. */
  readonly coerced: Uint32Array;
  /** Of the columns that are copied. */
  readonly narrow: NarrowText | undefined;
  /** Pairs of a record of the block and a bit that it violates. */
  readonly flags: Uint32Array;
  /** By bit, how many rows violate it; nothing of keys. */
  readonly counts: Uint32Array;
  readonly columns: ColumnCounts;
  /** By key of the plan, by record of the block; empty where their words tell all that is asked. */
  readonly keys: readonly BigInt64Array[];
  /** By key of the plan; nothing where nothing is asked of them, and of few records. */
  readonly words: readonly (WordTally | undefined)[];
}
