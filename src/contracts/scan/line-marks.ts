import { type FileHandle, open } from 'node:fs/promises';
import type { ByteWriter } from './byte-writer.ts';

/*
 * Record k is usually on line k + 2. A mark is written where this offset changes (a quoted line end, a rejected or a
 * blank line), so that the line of any record can be computed from a file that is usually empty.
 */

const MARK_BYTES = 16;
const MARKS_PER_READ = 4096;

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
  #next: { record: number; shift: number } | undefined;
  #done = false;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async open(path: string): Promise<LineMarkReader> {
    return new LineMarkReader(await open(path));
  }

  async lineOf(record: number): Promise<number> {
    while (!this.#done) {
      this.#next ??= await this.#read();
      if (this.#next === undefined || this.#next.record > record) break;
      this.#shift = this.#next.shift;
      this.#next = undefined;
    }
    return record + this.#shift;
  }

  async #read(): Promise<{ record: number; shift: number } | undefined> {
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
