import { type FileHandle, open } from 'node:fs/promises';
import { canonicalBlocks, endOfRecord, skipRecords } from './canonical-records.ts';
import { maybeRecordKernel, type RecordKernel } from './record-kernel.ts';

/** Records one behind the other, each ended by LF. */
export interface RecordRun {
  readonly text: Buffer;
  readonly start: number;
  readonly end: number;
  readonly records: number;
}

/** The records of a canonical file behind its header, as many at once as are asked for and lie in one block. */
export class RecordRuns {
  readonly #path: string;
  readonly #kernel: RecordKernel | undefined = maybeRecordKernel();
  #file: FileHandle | undefined;
  #blocks: AsyncGenerator<Buffer, void, undefined> | undefined;
  #block: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** One record at least, and so many at most; valid until the next are asked for. */
  async take(records: number): Promise<RecordRun> {
    if (this.#at >= this.#block.length) await this.#next();
    const start = this.#at;
    const passed = this.#kernel?.skip(start, records) ?? skipRecords(this.#block, { at: start, records });
    this.#at = passed.end;
    return { text: this.#block, start, end: passed.end, records: passed.records };
  }

  async close(): Promise<void> {
    await this.#blocks?.return();
    await this.#file?.close();
  }

  async #next(): Promise<void> {
    const isFirst = this.#blocks === undefined;
    this.#file ??= await open(this.#path);
    this.#blocks ??= canonicalBlocks(this.#file);
    const { value: block } = await this.#blocks.next();
    if (block === undefined) throw new Error(`${this.#path} ends before the records that it had.`);
    this.#block = block;
    this.#kernel?.load(block);
    this.#at = isFirst ? endOfRecord(block, 0) : 0;
    if (this.#at >= block.length) await this.#next();
  }
}
