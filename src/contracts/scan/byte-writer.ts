import { readSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { recordAt } from './record-at.ts';

const BUFFER_BYTES = 1 << 18;
/** A file that is not larger is written at once. */
const AT_ONCE_BYTES_MAX = 1 << 16;
const TEXT_LENGTH_MAX = 1000;
/** Of each of the 16-bit units that a text consists of. */
const UTF8_BYTES_MAX = 3;
const compressed = promisify(gzip);

/** Buffers bytes: `append` in hot loops, `flush` between blocks. */
export class ByteWriter {
  readonly path: string;
  readonly #isCompressed: boolean;
  #file: FileHandle | undefined;
  #buffer: Buffer;
  #used = 0;
  #written = 0;

  /** When compressed, every write is a separate gzip member; readers concatenate them. */
  constructor(path: string, { bufferBytes = 64 * 1024, isCompressed = false } = {}) {
    this.path = path;
    this.#isCompressed = isCompressed;
    this.#buffer = Buffer.allocUnsafeSlow(bufferBytes);
  }

  /** How many bytes were appended. */
  get length(): number {
    return this.#written + this.#used;
  }

  append(bytes: Buffer, start = 0, end = bytes.length): void {
    this.#reserve(end - start);
    this.#used += bytes.copy(this.#buffer, this.#used, start, end);
  }

  appendByte(byte: number): void {
    this.#reserve(1);
    this.#buffer[this.#used++] = byte;
  }

  appendText(text: string): void {
    // Room for the most it can take costs less than counting, unless it is long.
    this.#reserve(text.length > TEXT_LENGTH_MAX ? Buffer.byteLength(text) : text.length * UTF8_BYTES_MAX);
    this.#used += this.#buffer.write(text, this.#used);
  }

  /**
   * The text of the record of canonical CSV that was appended at this place, without its line end. Of a file that is
   * not compressed.
   */
  recordAt(place: number): string {
    return recordAt((length) => this.#bytesAt(place, length));
  }

  /** So many bytes from a place on, or as many as there are. */
  #bytesAt(place: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(Math.min(length, this.length - place));
    const ofFile = Math.max(0, Math.min(bytes.length, this.#written - place));
    for (let from = 0; from < ofFile; ) {
      const read = this.#file === undefined ? 0 : readSync(this.#file.fd, bytes, from, ofFile - from, place + from);
      if (read === 0) throw new Error(`${this.path} ends before byte ${place + ofFile}.`);
      from += read;
    }
    if (ofFile === bytes.length) return bytes;
    // The rest is not written yet.
    this.#buffer.copy(bytes, ofFile, place + ofFile - this.#written, place + bytes.length - this.#written);
    return bytes;
  }

  /** Writes what was appended, once there is enough. */
  async flush(): Promise<void> {
    if (this.#used >= BUFFER_BYTES) await this.#write();
  }

  /** Writes the rest and closes; the file exists afterwards even when it is empty. */
  async close(): Promise<void> {
    if (this.#file === undefined && !this.#isCompressed && this.#used <= AT_ONCE_BYTES_MAX) {
      // Three operations by the threads of the disk take ten times as long as one that is not awaited.
      writeFileSync(this.path, this.#buffer.subarray(0, this.#used), { flag: 'wx' });
      return;
    }
    if (this.#used > 0 || this.#file === undefined) await this.#write();
    await this.#file?.close();
  }

  /** Closes and drops what was not written. */
  async abandon(): Promise<void> {
    await this.#file?.close();
  }

  async #write(): Promise<void> {
    const appended = this.#buffer.subarray(0, this.#used);
    const bytes = this.#isCompressed ? await compressed(appended) : appended;
    this.#file ??= await open(this.path, 'wx+');
    for (let from = 0; from < bytes.length; ) from += (await this.#file.write(bytes, from)).bytesWritten;
    this.#written += this.#used;
    this.#used = 0;
  }

  #reserve(bytes: number): void {
    const needed = this.#used + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#used);
    this.#buffer = larger;
  }
}
