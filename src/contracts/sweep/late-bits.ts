/** What is known of the rows of a file before it is read again. */
export interface LateBits {
  /** Pairs of a row and a bit that it violates, of the rows before this one that were not asked for yet, in their order. */
  before(row: number): Promise<readonly number[]>;
}
