import path from 'node:path';
import { ByteWriter } from '../scan/byte-writer.ts';
import { fieldsOf, toField, toRecord } from '../scan/fields.ts';
import { LineMarkWriter } from '../scan/line-marks.ts';
import type { RowNotes } from './row-notes.ts';
import type { RowRange, RowSink } from './row-sink.ts';
import type { SweepPlan } from './sweep-plan.ts';

export interface RowFilesOptions {
  readonly folder: string;
  /** The names of the columns, as the files have them. */
  readonly names: readonly string[];
  readonly delimiter: string;
  /** Whether the lines of the good rows are kept too. */
  readonly keepsLines: boolean;
  /** What it means that a row has a bit. */
  readonly bits: SweepPlan['bits'];
  /** Reasons that every row has. */
  readonly everyRow: readonly string[];
  /** Whether bad rows have other texts in their file, while their values are still asked for. */
  readonly keepsBadValues: boolean;
  /** Whether these values stay when the pass is over, for keys of other files; they do not unless set. */
  readonly leavesBadValues?: boolean;
  /** Where it is written down which rows violate what, if they may be parted again. */
  readonly notes?: RowNotes | undefined;
}

/** Where the values of bad rows are, of a file that has other texts. */
export const badValuesFile = (folder: string): string => path.join(folder, 'bad-values');

/** The files that rows go to: good ones as they stand, bad ones as the file has them, with their line and their reasons. */
export class RowFiles implements RowSink {
  readonly paths: { readonly good: string; readonly bad: string; readonly lines: string };
  readonly #delimiter: string;
  readonly #good: ByteWriter;
  readonly #bad: ByteWriter;
  readonly #badValues: ByteWriter | undefined;
  readonly #leavesBadValues: boolean;
  readonly #lines: ByteWriter | undefined;
  readonly #marks: LineMarkWriter | undefined;
  readonly #notes: RowNotes | undefined;
  readonly #bits: SweepPlan['bits'];
  readonly #everyRow: readonly string[];
  /** The end of a bad row by its bits. */
  readonly #ends = new Map<string, Buffer>();
  good = 0;
  bad = 0;

  constructor(options: RowFilesOptions) {
    const { folder, names, delimiter, keepsLines, bits, everyRow, keepsBadValues } = options;
    this.#bits = bits;
    this.#notes = options.notes;
    this.#everyRow = everyRow;
    this.paths = {
      good: path.join(folder, 'good.csv'),
      bad: path.join(folder, 'bad.csv'),
      lines: path.join(folder, 'good-lines'),
    };
    this.#delimiter = delimiter;
    this.#good = new ByteWriter(this.paths.good);
    this.#bad = new ByteWriter(this.paths.bad);
    if (keepsBadValues) this.#badValues = new ByteWriter(badValuesFile(folder));
    this.#leavesBadValues = options.leavesBadValues === true;
    this.#lines = keepsLines ? new ByteWriter(this.paths.lines, { bufferBytes: 4096 }) : undefined;
    this.#marks = this.#lines && new LineMarkWriter(this.#lines);
    const header = toRecord(names, delimiter);
    this.#good.appendText(`${header}\n`);
    this.#bad.appendText(`line${delimiter}${header}${delimiter}violations\n`);
  }

  /** The places of good rows are even, those of bad ones odd. */
  placeOf(isBad: boolean): number {
    return isBad ? (this.#badValues ?? this.#bad).length * 2 + 1 : this.#good.length * 2;
  }

  placeBehind(bytes: number): number {
    return (this.#good.length + bytes) * 2;
  }

  noteBits(bits: readonly number[]): void {
    this.#notes?.note(this.good + this.bad, bits);
  }

  addGood({ text, start, end }: RowRange, rows: number): void {
    this.#good.append(text, start, end);
    this.good += rows;
  }

  noteLine(row: number, line: number): void {
    this.#marks?.note(this.good + row, line);
  }

  get keepsLines(): boolean {
    return this.#marks !== undefined;
  }

  addBad(
    values: RowRange,
    { line, bits, shown }: { readonly line: number; readonly bits: readonly number[]; readonly shown: RowRange },
  ): void {
    this.#badValues?.append(values.text, values.start, values.end);
    this.#bad.appendText(`${line}${this.#delimiter}`);
    this.#bad.append(shown.text, shown.start, shown.end - 1);
    this.#bad.append(this.endOf(bits));
    this.bad++;
  }

  cellsAt(place: number): readonly string[] {
    const isBad = place % 2 === 1;
    const file = isBad ? (this.#badValues ?? this.#bad) : this.#good;
    const cells = fieldsOf(file.recordAt(Math.floor(place / 2)), this.#delimiter);
    return file === this.#bad ? cells.slice(1) : cells;
  }

  async flush(): Promise<void> {
    await this.#good.flush();
    await this.#bad.flush();
    await this.#badValues?.flush();
    await this.#lines?.flush();
    await this.#notes?.flush();
  }

  /** Leaves no file that has no row. */
  async close(): Promise<void> {
    await Promise.all([
      this.#leavesBadValues ? this.#badValues?.close() : this.#badValues?.abandon(),
      this.#notes?.close(),
      this.good > 0 ? this.#good.close() : this.#good.abandon(),
      this.bad > 0 ? this.#bad.close() : this.#bad.abandon(),
      this.good > 0 ? this.#lines?.close() : this.#lines?.abandon(),
    ]);
  }

  async abandon(): Promise<void> {
    await Promise.all(
      [this.#good, this.#bad, this.#badValues, this.#lines, this.#notes].map((writer) => writer?.abandon()),
    );
  }

  /** What stands behind the cells of a bad row with these bits. */
  endOf(bits: readonly number[]): Buffer {
    const key = bits.join();
    let end = this.#ends.get(key);
    if (end === undefined) {
      const placeOf = (bit: number): number => this.#bits[bit]?.place ?? bit;
      const own = bits.toSorted((a, b) => placeOf(a) - placeOf(b));
      const reasons = [...this.#everyRow, ...own.map((bit) => this.#bits[bit]?.reason)].join('; ');
      end = Buffer.from(`${this.#delimiter}${toField(reasons, this.#delimiter)}\n`);
      // Most rows have one of few combinations.
      if (this.#ends.size < ENDS_MAX) this.#ends.set(key, end);
    }
    return end;
  }
}

const ENDS_MAX = 1000;
