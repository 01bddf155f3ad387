import type { ColumnKind } from '../../contract.ts';
import { fieldsOf } from '../../scan/fields.ts';
import type { BlockResult, RowPiece } from '../../sweep/block-result.ts';
import type { KeyMemory } from '../../sweep/key-memory.ts';
import type { BlockTaker } from '../../sweep/sweep.ts';
import { openNumbers } from '../../tally/open-numbers.ts';
import { ColumnTally } from './column-tally.ts';

/** Collects what a profile tells of the columns of a file, block by block. */
export class FileTally implements BlockTaker {
  readonly columns: readonly ColumnTally[];
  /** Has the numbers of all columns. */
  readonly store = openNumbers();
  readonly #delimiter: string;

  constructor(kinds: readonly ColumnKind[], { delimiter, memory }: { delimiter: string; memory: KeyMemory }) {
    this.columns = kinds.map((kind) => new ColumnTally(kind, { memory, store: this.store }));
    this.#delimiter = delimiter;
  }

  take(result: BlockResult, bytes: Buffer): void {
    const rows = new BlockRows(result, { bytes, delimiter: this.#delimiter });
    for (const [position, column] of this.columns.entries()) {
      const words = result.keys[position];
      if (words === undefined) continue;
      for (const record of column.add(words, result.words[position]))
        column.texts.push(rows.cellsOf(record)[position] ?? '');
      if (!column.counts.isFew) column.texts.length = 0;
    }
  }
}

/** The cells of single rows of a block. */
class BlockRows {
  readonly #result: BlockResult;
  readonly #bytes: Buffer;
  readonly #delimiter: string;
  readonly #written: Buffer;
  readonly #pieces: readonly RowPiece[];
  /** New values of several columns often stand in the same rows. */
  readonly #read = new Map<number, readonly string[]>();

  constructor(result: BlockResult, { bytes, delimiter }: { bytes: Buffer; delimiter: string }) {
    this.#result = result;
    this.#bytes = bytes;
    this.#delimiter = delimiter;
    this.#written = Buffer.from(result.written.buffer, result.written.byteOffset, result.written.length);
    this.#pieces = result.pieces.filter((piece) => piece.kind === 'rows');
  }

  cellsOf(record: number): readonly string[] {
    const known = this.#read.get(record);
    if (known !== undefined) return known;
    const cells = this.#cells(record);
    this.#read.set(record, cells);
    return cells;
  }

  #cells(record: number): readonly string[] {
    const piece = this.#pieceOf(record);
    const at = piece.startsAt + record - piece.first;
    const text = piece.text === 'block' ? this.#bytes : this.#written;
    const [start = 0, end = 0] = this.#result.starts.subarray(at, at + 2);
    return fieldsOf(text.toString('utf8', start, end - 1), this.#delimiter);
  }

  #pieceOf(record: number): RowPiece {
    let [low, high] = [0, this.#pieces.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#pieces[middle]?.first ?? 0) <= record) low = middle;
      else high = middle - 1;
    }
    const piece = this.#pieces[low];
    if (piece === undefined) throw new Error('A block has no such row.');
    return piece;
  }
}
