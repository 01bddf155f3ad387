import { type FileHandle, open } from 'node:fs/promises';
import type { ByteWriter } from './byte-writer.ts';

/*
 * Record k is usually on line k + 2. A mark is written where this offset changes (a quoted line end, a rejected or a
 * blank line), so that the line of any record can be computed from a file that is usually empty.
 */

const MARK_BYTES = 16;
const MARKS_PER_READ = 4096;

interface Mark {
  readonly record: number;
  readonly shift: number;
}

/** Writes a mark whenever a record is not on the line after the one before. */
export class LineMarkWriter {
  readonly #writer: ByteWriter;
  #shift = 0;
  count = 0;

  constructor(writer: ByteWriter) {
    this.#writer = writer;
  }

  note(record: number, line: number): void {
    const shift = line - record;
    if (shift === this.#shift) return;
    this.#shift = shift;
    const mark = Buffer.allocUnsafe(MARK_BYTES);
    mark.writeDoubleLE(record, 0);
    mark.writeDoubleLE(shift, 8);
    this.#writer.append(mark);
    this.count++;
  }
}

/** Returns the lines of records, requested in ascending order. */
export class LineMarkReader {
  readonly #file: FileHandle;
  readonly #buffer = Buffer.allocUnsafe(MARK_BYTES * MARKS_PER_READ);
  #used = 0;
  #at = 0;
  #shift = 0;
  #next: Mark | undefined;
  #done = false;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async open(path: string): Promise<LineMarkReader> {
    return new LineMarkReader(await open(path));
  }

  async lineOf(record: number): Promise<number> {
    while ((await this.#pass(record)) !== undefined);
    return record + this.#shift;
  }

  /**
   * Of so many records from one on: the line of the first; and pairs of a record, counted from the first, and a number: from
   * it on the line is so many further than the number of the record says.
   */
  async linesOf(
    first: number,
    records: number,
  ): Promise<{ readonly line: number; readonly shifts: Uint32Array | undefined }> {
    const line = await this.lineOf(first);
    const shifts: number[] = [];
    for (;;) {
      const mark = await this.#pass(first + records - 1);
      if (mark === undefined) break;
      shifts.push(mark.record - first, mark.shift + first - line);
    }
    return { line, shifts: shifts.length === 0 ? undefined : Uint32Array.from(shifts) };
  }

  /** Passes the next mark, if it is not behind the record. */
  async #pass(record: number): Promise<Mark | undefined> {
    if (this.#done) return undefined;
    this.#next ??= await this.#read();
    const mark = this.#next;
    if (mark === undefined || mark.record > record) return undefined;
    this.#shift = mark.shift;
    this.#next = undefined;
    return mark;
  }

  async #read(): Promise<Mark | undefined> {
    if (this.#at >= this.#used) {
      const { bytesRead } = await this.#file.read(this.#buffer, 0, this.#buffer.length);
      this.#used = bytesRead;
      this.#at = 0;
      this.#done = bytesRead === 0;
      if (this.#done) return undefined;
    }
    const mark = { record: this.#buffer.readDoubleLE(this.#at), shift: this.#buffer.readDoubleLE(this.#at + 8) };
    this.#at += MARK_BYTES;
    return mark;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
