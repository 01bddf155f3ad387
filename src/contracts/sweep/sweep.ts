import { COERCIONS } from '../coercions/coercion.ts';
import { ByteWriter } from '../scan/byte-writer.ts';
import { toRecord } from '../scan/fields.ts';
import type { LineMarkReader } from '../scan/line-marks.ts';
import type { Fault, RecordRest } from '../scan/record-scanner.ts';
import { type RejectedRecord, RejectedWriter } from '../scan/rejected-writer.ts';
import { BlockBuffers } from './block-buffers.ts';
import { BlockCounts } from './block-counts.ts';
import { BlockReader } from './block-reader.ts';
import type { BlockResult, Piece } from './block-result.ts';
import { BlockThreads, type ReadBlock } from './block-threads.ts';
import { cutBlocks } from './cut-blocks.ts';
import { FunctionTests } from './function-tests.ts';
import type { FoundHeader } from './header.ts';
import type { KeyFiles } from './key-files.ts';
import { keysOf } from './keys.ts';
import type { LateBits } from './late-bits.ts';
import { maybeRecordTexts } from './record-texts.ts';
import type { RowSink } from './row-sink.ts';
import { RowSplitter } from './row-splitter.ts';
import type { Sample } from './samples.ts';
import type { BlockPlan, SweepPlan } from './sweep-plan.ts';

/** What takes all rows, block by block, in the order of the file. */
export interface BlockTaker {
  /** The bytes and the result are used again afterwards. */
  take(result: BlockResult, bytes: Buffer): void;
}

export interface SweepOptions {
  readonly plan: SweepPlan;
  /** The blocks of the file behind what `header` holds. */
  readonly blocks: AsyncGenerator<Buffer, void, undefined>;
  readonly header: FoundHeader;
  /** Where the rows go, and what separates their cells there. */
  readonly sink: RowSink;
  readonly delimiter: string;
  /** Takes the rows instead, and what the plan tells of their keys. */
  readonly taker?: BlockTaker | undefined;
  /** Path of the file for records that are no rows. */
  readonly rejects: string;
  /** Path and names of the columns of a file for the cells that `plan.narrow` copies. */
  readonly narrow?: { readonly path: string; readonly names: readonly string[] } | undefined;
  /** Where the keys of the rows go, if those of other files are compared with them. */
  readonly words?: KeyFiles | undefined;
  /** What violations of rows were found before. */
  readonly late?: LateBits | undefined;
  /** Of rows that were on other lines before they were written where they are read. */
  readonly marks?: Pick<LineMarkReader, 'linesOf'> | undefined;
  /** Whether no row is good. */
  readonly isEachBad: boolean;
  /** How many threads read blocks beside this one; 0 for none. */
  readonly threads: number;
  readonly signal?: AbortSignal | undefined;
  /** Memory that keys may take together; `KEY_BYTES_MAX` unless set. */
  readonly keyBytesMax?: number;
  /** Called when the rows of a block are parted. */
  readonly onBlock: () => void;
}

/** What one pass over a file found, and left in files. */
export interface Sweep {
  /** Rows of the file, and records that are none. */
  readonly records: number;
  readonly rejected: number;
  readonly faults: ReadonlyMap<Fault, number>;
  readonly firstRejected: ReadonlyMap<Fault, readonly RejectedRecord[]>;
  /** By bit, how many rows violate it. */
  readonly counts: Uint32Array;
  readonly columns: BlockCounts['columns'];
  /** The sums of the columns, and what their roundings lost, to be added to those of other files. */
  readonly sums: Pick<BlockCounts['columns'], 'sum' | 'lost'>;
  /** Cells that were changed: for each column of the file, by the coercions in their order; empty where none may be. */
  readonly coerced: Float64Array;
  readonly samples: ReadonlyMap<number, readonly Sample[]>;
  /** By bit of a tally, rows by value; undefined where there are too many values to count. */
  readonly tallies: ReadonlyMap<number, ReadonlyMap<string, number> | undefined>;
  /** By bit of a function, what it says of the first row for which it throws. */
  readonly failures: ReadonlyMap<number, string>;
  /** Bytes of the longest record in the file of copied cells. */
  readonly narrowLongest: number;
}

/** Reads a file once: checks its rows, and gives them to their sink as good or bad ones. */
export async function sweep(options: SweepOptions): Promise<Sweep> {
  const pass = new Pass(options);
  try {
    await pass.run(options);
    await pass.close();
    return pass.found();
  } catch (error) {
    await pass.abandon();
    throw error;
  } finally {
    await pass.end();
  }
}

/** A promise that is awaited later, or never when the work fails before. */
function noted<T>(promise: Promise<T>): Promise<T> {
  promise.catch(ignoreUnawaited);
  return promise;
}

function ignoreUnawaited(): void {
  // Who awaits the promise sees the error.
}

class Pass {
  readonly #plan: BlockPlan;
  #reader: BlockReader | undefined;
  #threads: BlockThreads | undefined;
  readonly #sink: RowSink;
  readonly #functions: FunctionTests;
  readonly #splitter: RowSplitter;
  readonly #rejects: ByteWriter;
  readonly #rejected: RejectedWriter;
  readonly #faults = new Map<Fault, number>();
  readonly #counted: BlockCounts;
  readonly #coerced: Float64Array;
  readonly #narrow: ByteWriter | undefined;
  #narrowLongest = 0;
  readonly #late: LateBits | undefined;
  readonly #words: KeyFiles | undefined;
  readonly #taker: BlockTaker | undefined;
  readonly #marks: SweepOptions['marks'];
  #records = 0;
  #line: number;
  #offset: number;
  #rest: RecordRest | undefined;
  readonly #buffers = new BlockBuffers();
  /** Bytes of a record that goes on in the next block. */
  #carried: Buffer = Buffer.alloc(0);

  constructor(options: SweepOptions) {
    const { plan, header, sink, delimiter, rejects, isEachBad, keyBytesMax, narrow } = options;
    this.#plan = {
      kernel: plan.kernel,
      rowTests: plan.rowTests,
      form: plan.form,
      narrow: plan.narrow,
      words: plan.words,
    };
    this.#late = options.late;
    this.#words = options.words;
    this.#taker = options.taker;
    this.#marks = options.marks;
    if (narrow !== undefined) {
      this.#narrow = new ByteWriter(narrow.path);
      this.#narrow.appendText(`${toRecord(narrow.names, delimiter)}\n`);
    }
    this.#sink = sink;
    const keys = keysOf({ keys: options.taker === undefined ? plan.kernel.keys : [] }, keyBytesMax);
    const texts = plan.form && maybeRecordTexts(plan.form, { delimiter, recordBytesMax: plan.kernel.recordBytesMax });
    const { bits, tallies } = plan;
    this.#functions = new FunctionTests(plan.functions, delimiter);
    this.#splitter = new RowSplitter({
      ...{ bits, tallies, keys, sink, delimiter, isEachBad, texts, words: options.words },
    });
    this.#rejects = new ByteWriter(rejects, { bufferBytes: 4096 });
    this.#rejected = new RejectedWriter(this.#rejects);
    this.#counted = new BlockCounts(plan.kernel);
    this.#coerced = new Float64Array((plan.form?.coerced.length ?? 0) * COERCIONS.length);
    this.#line = header.line;
    this.#offset = header.offset;
  }

  async run({ header, blocks, threads, signal, onBlock }: SweepOptions): Promise<void> {
    if (threads > 0) this.#threads = new BlockThreads(this.#plan, threads);
    const ahead: Promise<ReadBlock>[] = [];
    const cutting = { recordBytesMax: this.#plan.kernel.recordBytesMax, buffers: this.#buffers };
    for await (const block of cutBlocks(header.rest, blocks, cutting)) {
      signal?.throwIfAborted();
      if (this.#threads !== undefined) ahead.push(noted(this.#threads.read(block)));
      const first = ahead.length > (this.#threads?.ahead ?? 0) ? await ahead.shift() : undefined;
      if (this.#threads !== undefined && first === undefined) continue;
      await this.#next(first ?? { bytes: block, result: undefined });
      onBlock();
    }
    for (const read of ahead) {
      await this.#next(await read);
      onBlock();
    }
    signal?.throwIfAborted();
    if (this.#carried.length === 0 && this.#rest === undefined) return;
    await this.#take(this.#read(this.#carried, true), this.#carried);
    await this.#flush();
  }

  /** Takes the next block: as it was read, when a record really begins with it. */
  async #next({ bytes, result }: { readonly bytes: Buffer; readonly result: BlockResult | undefined }): Promise<void> {
    const isBegun = this.#carried.length > 0 || this.#rest !== undefined;
    const block = this.#carried.length === 0 ? bytes : Buffer.concat([this.#carried, bytes]);
    const read = result === undefined || isBegun ? this.#read(block, false) : result;
    await this.#take(read, block);
    // What is left is small, and copied, so that the block can be used again.
    this.#carried = Buffer.from(block.subarray(read.consumed));
    this.#buffers.give(bytes);
    if (result !== undefined) this.#threads?.giveBack(result);
    await this.#flush();
  }

  #read(bytes: Buffer, isLast: boolean): BlockResult {
    this.#reader ??= new BlockReader(this.#plan);
    return this.#reader.read(bytes, { isLast, rest: this.#rest });
  }

  async #take(result: BlockResult, bytes: Buffer): Promise<void> {
    for (const piece of result.pieces) {
      if (piece.kind !== 'rejected') continue;
      const { start, end, line, offset, fault, complete } = piece.place;
      const place = { start, end, line: line + this.#line, offset: offset + this.#offset, fault, complete };
      this.#rejected.add(bytes, place);
      if (complete) this.#faults.set(fault, (this.#faults.get(fault) ?? 0) + 1);
    }
    const tested = this.#functions.tested(result, bytes);
    const late = await this.#late?.before(this.#records + result.records);
    const pieces = this.#marks === undefined ? result.pieces : await this.#lined(result.pieces, this.#marks);
    if (this.#taker !== undefined) this.#taker.take(tested, bytes);
    else this.#splitter.split({ ...tested, pieces }, { bytes, line: this.#line, late });
    if (result.narrow !== undefined) {
      this.#narrow?.append(Buffer.from(result.narrow.text.buffer, 0, result.narrow.text.length));
      this.#narrowLongest = Math.max(this.#narrowLongest, result.narrow.longest);
    }
    this.#counted.add(tested);
    for (const [index, cells] of result.coerced.entries())
      this.#coerced[index] = (this.#coerced[index] as number) + cells;
    this.#records += result.records;
    this.#line += result.lines;
    this.#offset += result.consumed;
    this.#rest = result.rest;
  }

  /** The pieces of a block with the lines that their rows had before. */
  async #lined(pieces: BlockResult['pieces'], marks: Pick<LineMarkReader, 'linesOf'>): Promise<BlockResult['pieces']> {
    const lined: Piece[] = [];
    for (const piece of pieces) {
      if (piece.kind !== 'rows') continue;
      const { line, shifts } = await marks.linesOf(this.#records + piece.first, piece.records);
      lined.push({ ...piece, line: line - this.#line, shifts });
    }
    return lined;
  }

  async #flush(): Promise<void> {
    await this.#sink.flush();
    await this.#narrow?.flush();
    await this.#words?.flush();
    await this.#rejects.flush();
  }

  async close(): Promise<void> {
    await this.#sink.close();
    await this.#narrow?.close();
    await this.#words?.close();
    await (this.#faults.size > 0 ? this.#rejects.close() : this.#rejects.abandon());
  }

  async end(): Promise<void> {
    this.#reader?.close();
    await this.#threads?.close();
  }

  async abandon(): Promise<void> {
    const writers = [this.#sink, this.#rejects, this.#narrow, this.#words];
    await Promise.all(writers.map((writer) => writer?.abandon()));
  }

  found(): Sweep {
    const rejected = [...this.#faults.values()].reduce((sum, count) => sum + count, 0);
    return {
      records: this.#records,
      rejected,
      faults: this.#faults,
      firstRejected: this.#rejected.firsts,
      counts: this.#counted.counts.map((count, bit) => count + (this.#splitter.repeated[bit] ?? 0)),
      columns: this.#counted.totals,
      sums: this.#counted.columns,
      coerced: this.#coerced,
      samples: this.#splitter.samples.byBit,
      tallies: this.#splitter.tallies.byBit,
      failures: this.#functions.failures,
      narrowLongest: this.#narrowLongest,
    };
  }
}
