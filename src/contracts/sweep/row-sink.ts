/** Rows that lie one after the other in a text, each ended by LF. */
export interface RowRange {
  readonly text: Buffer;
  readonly start: number;
  readonly end: number;
}

/** Where the rows of a file go, in its order. */
export interface RowSink {
  /** Whether it wants to know the lines of good rows. */
  readonly keepsLines: boolean;
  /** Where the next row will be found, if it is good or bad. */
  placeOf(isBad: boolean): number;
  /** The place of a good row that is added so many bytes after the next one. */
  placeBehind(bytes: number): number;
  /** The cells of a row that was added, by its place. */
  cellsAt(place: number): readonly string[];
  /** Notes the line of a good row, counted from the next one that is added. */
  noteLine(row: number, line: number): void;
  /** Tells what the next row violates, before it is added. */
  noteBits(bits: readonly number[]): void;
  addGood(range: RowRange, rows: number): void;
  /** Adds one row with the bits that it violates, and as the file has it; both are valid during the call. */
  addBad(
    range: RowRange,
    about: { readonly line: number; readonly bits: readonly number[]; readonly shown: RowRange },
  ): void;
  /** Writes what there is, once it is enough. */
  flush(): Promise<void>;
  close(): Promise<void>;
  abandon(): Promise<void>;
}
