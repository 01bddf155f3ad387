import type { RowPiece } from './block-result.ts';
import { NumberList } from './growing.ts';

/**
 * The lines of the records of a block, asked in ascending order, by pairs of a record and the line it begins on; both are
 * counted from `behind` on.
 */
export class MarkedLines {
  readonly #marks: Uint32Array;
  readonly #behind: { readonly records: number; readonly lines: number };
  #at = 0;

  constructor(marks: Uint32Array, behind: { readonly records: number; readonly lines: number }) {
    this.#marks = marks;
    this.#behind = behind;
  }

  /** Of so many records from one on: the line of the first, and what is to be added for those behind it. */
  of(first: number, records: number): Pick<RowPiece, 'line' | 'shifts'> {
    const marks = this.#marks;
    while (this.#at + 2 < marks.length && this.#recordAt(this.#at + 2) <= first) this.#at += 2;
    const line = this.#lineAt(this.#at) + first - this.#recordAt(this.#at);
    const shifts = new NumberList(0);
    for (let at = this.#at + 2; at < marks.length && this.#recordAt(at) < first + records; at += 2) {
      const row = this.#recordAt(at) - first;
      shifts.push(row);
      shifts.push(this.#lineAt(at) - line - row);
    }
    return { line, shifts: shifts.length === 0 ? undefined : shifts.taken() };
  }

  #recordAt(at: number): number {
    return (this.#marks[at] ?? 0) + this.#behind.records;
  }

  #lineAt(at: number): number {
    return (this.#marks[at + 1] ?? 0) + this.#behind.lines;
  }
}
