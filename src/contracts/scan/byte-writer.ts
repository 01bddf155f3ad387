import { type FileHandle, open } from 'node:fs/promises';

const BUFFER_BYTES = 1 << 20;

/** Collects bytes without waiting, and writes them when asked: `append` in hot loops, `flush` between blocks. */
export class ByteWriter {
  readonly path: string;
  #file: FileHandle | undefined;
  #buffer: Buffer;
  #used = 0;
  #written = 0;

  constructor(path: string, bufferBytes = 64 * 1024) {
    this.path = path;
    this.#buffer = Buffer.allocUnsafeSlow(bufferBytes);
  }

  /** Bytes appended so far. */
  get sizeBytes(): number {
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
    this.append(Buffer.from(text));
  }

  /** Writes what was appended, once it is worth a write. */
  async flush(options: { readonly all?: boolean } = {}): Promise<void> {
    if (this.#used === 0 || (this.#used < BUFFER_BYTES && options.all !== true)) return;
    this.#file ??= await open(this.path, 'wx');
    for (let from = 0; from < this.#used; ) {
      const { bytesWritten } = await this.#file.write(this.#buffer, from, this.#used - from);
      from += bytesWritten;
    }
    this.#written += this.#used;
    this.#used = 0;
  }

  /** Writes the rest and closes; the file exists afterwards even when it is empty. */
  async close(): Promise<void> {
    await this.flush({ all: true });
    this.#file ??= await open(this.path, 'wx');
    await this.#file.close();
  }

  /** Closes without caring for what was not written. */
  async abandon(): Promise<void> {
    await this.#file?.close();
  }

  #reserve(bytes: number): void {
    const needed = this.#used + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#used);
    this.#buffer = larger;
  }
}
