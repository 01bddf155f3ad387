import type { RowPiece } from './block-result.ts';

/** The lines of the rows of a piece, asked in ascending order. */
export class RowLines {
  readonly #first: number;
  readonly #shifts: Uint32Array | undefined;
  #at = 0;
  #shift = 0;

  /** `line` is where the block begins, from 1. */
  constructor({ line, shifts }: Pick<RowPiece, 'line' | 'shifts'>, blockLine: number) {
    this.#first = blockLine + line;
    this.#shifts = shifts;
  }

  lineOf(row: number): number {
    const shifts = this.#shifts;
    if (shifts !== undefined) {
      for (; this.#at < shifts.length && (shifts[this.#at] ?? 0) <= row; this.#at += 2)
        this.#shift = shifts[this.#at + 1] ?? 0;
    }
    return this.#first + row + this.#shift;
  }
}
