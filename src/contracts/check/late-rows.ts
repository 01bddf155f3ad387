import { type FileHandle, open } from 'node:fs/promises';
import type { LateBits } from '../sweep/late-bits.ts';
import type { FlaggedRow, FlaggedRows } from './flagged-rows.ts';
import { type Flag, flagReader } from './flags.ts';

const READ_BYTES = 64 * 1024;

/** The rows that DuckDB found to violate something, group by group. */
export class LateRows implements LateBits {
  readonly #sources: readonly FlaggedSource[];

  constructor(found: readonly FlaggedRows[], flags: readonly Flag[]) {
    const flagsIn = flagReader(flags);
    this.#sources = found.map(({ rows, firstMask }) => {
      const bitsOf = ({ masks }: FlaggedRow): readonly number[] => flagsIn(masks, firstMask).map(({ bit }) => bit);
      return new FlaggedSource(rows, bitsOf);
    });
  }

  async before(row: number): Promise<readonly number[]> {
    const pairs: number[] = [];
    for (const source of this.#sources) await source.take(row, pairs);
    return pairs;
  }

  async close(): Promise<void> {
    await Promise.all(this.#sources.map((source) => source.close()));
  }
}

/** Flagged rows of one group, in memory or read from a file as they are asked for. */
class FlaggedSource {
  readonly #path: string | undefined;
  readonly #bitsOf: (row: FlaggedRow) => readonly number[];
  #rows: readonly FlaggedRow[];
  #at = 0;
  #file: FileHandle | undefined;
  #carried = '';

  constructor(rows: FlaggedRows['rows'], bitsOf: (row: FlaggedRow) => readonly number[]) {
    this.#path = typeof rows === 'string' ? rows : undefined;
    this.#rows = typeof rows === 'string' ? [] : rows;
    this.#bitsOf = bitsOf;
  }

  /** Moves the pairs of the rows before this one to others. */
  async take(row: number, pairs: number[]): Promise<void> {
    for (;;) {
      for (; this.#at < this.#rows.length; this.#at++) {
        // Within the bounds of the list.
        const next = this.#rows[this.#at] as FlaggedRow;
        if (next.row >= row) return;
        for (const bit of this.#bitsOf(next)) pairs.push(next.row, bit);
      }
      if (this.#path === undefined || !(await this.#read(this.#path))) return;
    }
  }

  /** Reads the next rows; false at the end of the file. */
  async #read(path: string): Promise<boolean> {
    this.#file ??= await open(path);
    const { buffer, bytesRead } = await this.#file.read(Buffer.allocUnsafe(READ_BYTES), 0, READ_BYTES);
    if (bytesRead === 0) return false;
    const lines = (this.#carried + buffer.toString('latin1', 0, bytesRead)).split('\n');
    this.#carried = lines.pop() ?? '';
    this.#at = 0;
    this.#rows = lines.map((line) => {
      const [row = -1, ...masks] = line.split(',').map(Number);
      return { row, masks };
    });
    return true;
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }
}
