import path from 'node:path';
import { ByteWriter } from '../scan/byte-writer.ts';
import { fieldsOf, toField, toRecord } from '../scan/fields.ts';
import { LineMarkWriter } from '../scan/line-marks.ts';

export interface RowFilesOptions {
  readonly folder: string;
  /** The names of the columns, as the files have them. */
  readonly names: readonly string[];
  readonly delimiter: string;
  /** Whether the lines of the good rows are kept too. */
  readonly keepsLines: boolean;
}

/** Rows of a block that lie one after the other in its text, each ended by LF. */
export interface RowRange {
  readonly text: Buffer;
  readonly start: number;
  readonly end: number;
}

/** The files that rows go to: good ones as they stand, bad ones with their line and their reasons. */
export class RowFiles {
  readonly paths: { readonly good: string; readonly bad: string; readonly lines: string };
  readonly #delimiter: string;
  readonly #good: ByteWriter;
  readonly #bad: ByteWriter;
  readonly #lines: ByteWriter | undefined;
  readonly #marks: LineMarkWriter | undefined;
  /** The end of a bad row by its reasons. */
  readonly #ends = new Map<string, Buffer>();
  good = 0;
  bad = 0;

  constructor({ folder, names, delimiter, keepsLines }: RowFilesOptions) {
    this.paths = {
      good: path.join(folder, 'good.csv'),
      bad: path.join(folder, 'bad.csv'),
      lines: path.join(folder, 'good-lines'),
    };
    this.#delimiter = delimiter;
    this.#good = new ByteWriter(this.paths.good);
    this.#bad = new ByteWriter(this.paths.bad);
    this.#lines = keepsLines ? new ByteWriter(this.paths.lines, { bufferBytes: 4096 }) : undefined;
    this.#marks = this.#lines && new LineMarkWriter(this.#lines);
    const header = toRecord(names, delimiter);
    this.#good.appendText(`${header}\n`);
    this.#bad.appendText(`line${delimiter}${header}${delimiter}violations\n`);
  }

  /** Where the next good row will be. */
  get goodPlace(): number {
    return this.#good.length * 2;
  }

  /** Where the next bad row will be. */
  get badPlace(): number {
    return this.#bad.length * 2 + 1;
  }

  addGood({ text, start, end }: RowRange, rows: number): void {
    this.#good.append(text, start, end);
    this.good += rows;
  }

  /** Notes the line of the good row that is added next. */
  noteLine(row: number, line: number): void {
    this.#marks?.note(row, line);
  }

  get keepsLines(): boolean {
    return this.#marks !== undefined;
  }

  /** Adds one row, with the line it begins on and its reasons. */
  addBad({ text, start, end }: RowRange, { line, reasons }: { readonly line: number; readonly reasons: string }): void {
    this.#bad.appendText(`${line}${this.#delimiter}`);
    this.#bad.append(text, start, end - 1);
    this.#bad.append(this.#endOf(reasons));
    this.bad++;
  }

  /** The cells of a row that was added, by its place. */
  cellsAt(place: number): readonly string[] {
    const isBad = place % 2 === 1;
    const record = (isBad ? this.#bad : this.#good).recordAt(Math.floor(place / 2));
    const cells = fieldsOf(record, this.#delimiter);
    return isBad ? cells.slice(1) : cells;
  }

  /** Writes what there is, once it is enough. */
  async flush(): Promise<void> {
    await this.#good.flush();
    await this.#bad.flush();
    await this.#lines?.flush();
  }

  /** Leaves no file that has no row. */
  async close(): Promise<void> {
    await (this.good > 0 ? this.#good.close() : this.#good.abandon());
    await (this.bad > 0 ? this.#bad.close() : this.#bad.abandon());
    await (this.good > 0 ? this.#lines?.close() : this.#lines?.abandon());
  }

  async abandon(): Promise<void> {
    await Promise.all([this.#good.abandon(), this.#bad.abandon(), this.#lines?.abandon()]);
  }

  #endOf(reasons: string): Buffer {
    let end = this.#ends.get(reasons);
    if (end === undefined) {
      end = Buffer.from(`${this.#delimiter}${toField(reasons, this.#delimiter)}\n`);
      // Most rows have one of few combinations of reasons.
      if (this.#ends.size < ENDS_MAX) this.#ends.set(reasons, end);
    }
    return end;
  }
}

const ENDS_MAX = 1000;
