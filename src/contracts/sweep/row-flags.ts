import { closeSync, openSync, readSync } from 'node:fs';
import { ByteWriter } from '../scan/byte-writer.ts';
import { fieldsOf } from '../scan/fields.ts';
import { recordAt } from '../scan/record-at.ts';
import type { RowRange, RowSink } from './row-sink.ts';

export interface RowFlagsOptions {
  /** Where the rows with violations are written: one line each, its number from 0 and its masks. */
  readonly path: string;
  /** The canonical file that the rows are read from, and where its first row begins. */
  readonly canonical: string;
  readonly firstRow: number;
  readonly delimiter: string;
  /** How many masks of `maskBits` bits a row has. */
  readonly masks: number;
  readonly maskBits: number;
  /** Whether a row with the bit is bad. */
  readonly isFailing: (bit: number) => boolean;
}

/** Notes which rows of a canonical file violate what; the rows stay where they are. */
export class RowFlags implements RowSink {
  readonly keepsLines = false;
  readonly #options: RowFlagsOptions;
  readonly #writer: ByteWriter;
  readonly #file: number;
  #place: number;
  #row = 0;
  /** Rows with a bit that is failing. */
  bad = 0;

  constructor(options: RowFlagsOptions) {
    this.#options = options;
    this.#writer = new ByteWriter(options.path);
    this.#file = openSync(options.canonical, 'r');
    this.#place = options.firstRow;
  }

  placeOf(): number {
    return this.#place;
  }

  placeBehind(bytes: number): number {
    return this.#place + bytes;
  }

  cellsAt(place: number): readonly string[] {
    const record = recordAt((length) => {
      const bytes = Buffer.allocUnsafe(length);
      return bytes.subarray(0, readSync(this.#file, bytes, 0, length, place));
    });
    return fieldsOf(record, this.#options.delimiter);
  }

  noteLine(): void {
    // The lines of a canonical file are known already.
  }

  addGood({ start, end }: RowRange, rows: number): void {
    this.#row += rows;
    this.#place += end - start;
  }

  addBad({ start, end }: RowRange, { bits }: { readonly bits: readonly number[] }): void {
    const { masks, maskBits, isFailing } = this.#options;
    const own = new Uint32Array(masks);
    for (const bit of bits) {
      const mask = Math.floor(bit / maskBits);
      own[mask] = (own[mask] ?? 0) | (1 << (bit % maskBits));
    }
    this.#writer.appendText(`${this.#row},${own.join(',')}\n`);
    if (bits.some(isFailing)) this.bad++;
    this.#row++;
    this.#place += end - start;
  }

  flush(): Promise<void> {
    return this.#writer.flush();
  }

  async close(): Promise<void> {
    await this.#writer.close();
    closeSync(this.#file);
  }

  async abandon(): Promise<void> {
    closeSync(this.#file);
    await this.#writer.abandon();
  }
}
