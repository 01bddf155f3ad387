import type { Row } from '../rules/row.ts';
import type { BlockResult, RowPiece } from './block-result.ts';
import { RowReader, type RowTestColumn } from './row-tests.ts';

/** A function that decides of each row whether it violates a bit; no thread can be given it. */
export interface FunctionTestPlan {
  readonly bit: number;
  /** Counts the rows for which it throws; they violate the bit too. */
  readonly failureBit: number;
  readonly columns: readonly RowTestColumn[];
  readonly isViolated: (row: Row) => boolean;
}

/** Tests the rows of blocks by functions, in the thread that has them. */
export class FunctionTests {
  readonly #plans: readonly FunctionTestPlan[];
  readonly #reader: RowReader;
  /** By bit, what the function says of the first row for which it throws. */
  readonly failures = new Map<number, string>();

  constructor(plans: readonly FunctionTestPlan[], delimiter: string) {
    this.#plans = plans;
    this.#reader = new RowReader(
      plans.flatMap(({ columns }) => columns),
      delimiter,
    );
  }

  /** What was found in a block, and what the functions find in its rows. */
  tested(result: BlockResult, bytes: Buffer): BlockResult {
    if (this.#plans.length === 0) return result;
    const counts = result.counts.slice();
    const pairs: (readonly [number, number])[] = [];
    const written = Buffer.from(result.written.buffer, result.written.byteOffset, result.written.length);
    for (const piece of result.pieces) {
      if (piece.kind !== 'rows') continue;
      const text = piece.text === 'block' ? bytes : written;
      this.#test(piece, { text, starts: result.starts, counts, pairs });
    }
    if (pairs.length === 0) return result;
    for (let at = 0; at < result.flags.length; at += 2) pairs.push([result.flags[at] ?? 0, result.flags[at + 1] ?? 0]);
    return { ...result, counts, flags: Uint32Array.from(pairs.sort(([a], [b]) => a - b).flat()) };
  }

  #test({ first, records, startsAt }: RowPiece, { text, starts, counts, pairs }: Testing): void {
    const rows = { text, starts: starts.subarray(startsAt, startsAt + records + 1), records };
    this.#reader.each(rows, (row, record) => {
      for (const plan of this.#plans) {
        if (!this.#isViolated(plan, { row, counts })) continue;
        counts[plan.bit] = (counts[plan.bit] ?? 0) + 1;
        pairs.push([first + record, plan.bit]);
      }
    });
  }

  #isViolated(
    { bit, failureBit, isViolated }: FunctionTestPlan,
    { row, counts }: { readonly row: Row; readonly counts: Uint32Array },
  ): boolean {
    try {
      return isViolated(row);
    } catch (error) {
      counts[failureBit] = (counts[failureBit] ?? 0) + 1;
      if (!this.failures.has(bit)) this.failures.set(bit, error instanceof Error ? error.message : String(error));
      return true;
    }
  }
}

interface Testing {
  readonly text: Buffer;
  readonly starts: Uint32Array;
  /** By bit; added to. */
  readonly counts: Uint32Array;
  /** Of a record and a bit; added to. */
  readonly pairs: (readonly [number, number])[];
}
