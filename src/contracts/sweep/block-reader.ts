import { isUtf8 } from 'node:buffer';
import { type Form, hasDefaultCells } from '../format/form.ts';
import type { Kernel, KernelResult } from '../kernel/kernel.ts';
import { openKernel } from '../kernel/open-kernel.ts';
import type { KernelPlan } from '../kernel/plan.ts';
import { endOfRecord } from '../scan/canonical-records.ts';
import { fieldsOf, toRecord } from '../scan/fields.ts';
import { maybeRecordKernel } from '../scan/record-kernel.ts';
import {
  type RecordPlace,
  type RecordRest,
  RecordScanner,
  type RecordSink,
  type RejectPlace,
} from '../scan/record-scanner.ts';
import { BlockCounts } from './block-counts.ts';
import type { BlockResult, Piece } from './block-result.ts';
import { FormBlocks } from './form-blocks.ts';
import { ByteList, KeyList, NumberList } from './growing.ts';
import { KeyWords } from './key-words.ts';
import { MarkedLines } from './marked-lines.ts';
import { NarrowRows } from './narrow-rows.ts';
import { RowTests } from './row-tests.ts';
import type { BlockPlan } from './sweep-plan.ts';

/** What is known of a block beside its bytes, which begin with a record. */
export interface BlockStart {
  /** Whether the file ends with it. */
  readonly isLast: boolean;
  /** The record that the blocks before ended in. */
  readonly rest: RecordRest | undefined;
}

const LF = 10;
/** From so many stops on in a block, its other records are written anew. */
const STOPS_MAX = 100;

/**
 * Reads blocks of records: the kernel passes the regular ones, the careful scanner decides on each of the others, and what
 * turns out to be a row goes through the kernel in canonical form. It keeps nothing from one block to the next.
 */
export class BlockReader {
  readonly #plan: KernelPlan;
  readonly #kernel: Kernel;
  /** Passes what is no fault but not canonical as it stands, for blocks that are full of it. */
  #rewriting: Kernel | undefined;
  readonly #tests: RowTests;
  readonly #narrow: NarrowRows | undefined;
  readonly #words: KeyWords | undefined;
  readonly #lists: BlockLists;
  /** Of a file that is not in the default form; its regular records may need no other form than the kernel reads. */
  readonly #forms: FormBlocks | undefined;
  readonly #direct: { readonly kernel: Kernel; readonly comment: Uint8Array | undefined } | undefined;

  constructor({ kernel, rowTests, form, narrow, words }: BlockPlan) {
    this.#plan = kernel;
    this.#kernel = openKernel(kernel);
    const delimiter = String.fromCharCode(kernel.outputDelimiter);
    this.#tests = new RowTests(rowTests, delimiter);
    if (narrow !== undefined) {
      this.#narrow = new NarrowRows(narrow, { delimiter: kernel.outputDelimiter, kernel: maybeRecordKernel() });
    }
    if (words !== undefined) this.#words = new KeyWords(words);
    this.#lists = {
      starts: new NumberList(1024),
      flags: new NumberList(256),
      written: new ByteList(0),
      keys: kernel.keys.map(() => new KeyList()),
    };
    if (form === undefined) return;
    this.#forms = new FormBlocks(form, { delimiter, recordBytesMax: kernel.recordBytesMax });
    if (hasDefaultCells(form.form)) this.#direct = directOf(form.form, kernel);
  }

  /** Gives the memory to the reader of another file. */
  close(): void {
    this.#kernel.close();
    this.#rewriting?.close();
    this.#direct?.kernel.close();
  }

  read(bytes: Buffer, start: BlockStart): BlockResult {
    return this.#forms === undefined ? this.#readDefault(bytes, start) : this.#readForm(bytes, start, this.#forms);
  }

  /** The kernel passes records up to the first that it does not know; what is behind it is written in the default form. */
  #readForm(bytes: Buffer, start: BlockStart, forms: FormBlocks): BlockResult {
    const sink = this.#newSink();
    const direct = start.rest === undefined ? this.#pass(bytes, { isLast: start.isLast, sink }) : NOTHING_PASSED;
    const { text, marks, places, coerced, rejected, ...end } = forms.read(bytes.subarray(direct.end), start);
    for (const place of rejected) sink.addRejected(moved(place, direct));
    sink.marked = new MarkedLines(marks, { records: sink.records, lines: direct.lines });
    const kernel = this.#kernel;
    kernel.load(text);
    for (let at = 0; at < text.length; ) {
      const run = kernel.run({ start: at, isSound: true });
      sink.pass(run, 'written');
      at = run.end;
      if (run.stop === 'full' || at >= text.length) continue;
      // With its quotes it is longer than a record of the file may be.
      const next = endOfRecord(text, at);
      sink.pass(kernel.runOne(text.subarray(at, next)), 'record');
      at = next;
    }
    const { consumed, lines, rest } = end;
    return sink.result({ consumed: consumed + direct.end, lines: lines + direct.lines, rest, places, coerced });
  }

  /** Passes the regular records at the beginning of a block as they stand, where they can be told. */
  #pass(bytes: Buffer, { isLast, sink }: { readonly isLast: boolean; readonly sink: BlockSink }): Passed {
    if (this.#direct === undefined) return NOTHING_PASSED;
    const { kernel, comment } = this.#direct;
    if (comment !== undefined && hasLineOf(bytes, comment)) return NOTHING_PASSED;
    const isSound = isSoundText(bytes, isLast);
    let [end, lines] = [0, 0];
    sink.lineOf = () => lines + 1;
    kernel.load(bytes);
    for (;;) {
      const run = kernel.run({ start: end, isSound });
      sink.pass(run, 'written');
      lines += run.lineFeeds;
      end = run.end;
      if (run.stop !== 'full') return { end, lines };
    }
  }

  #readDefault(bytes: Buffer, { isLast, rest }: BlockStart): BlockResult {
    const { fields, recordBytesMax, delimiter } = this.#plan;
    const sink = this.#newSink();
    const scanner = new RecordScanner({
      ...{ delimiter: String.fromCharCode(delimiter), recordBytesMax, sink, isUtf8, kernel: undefined, fields, rest },
    });
    sink.lineOf = () => scanner.line;
    const sound = isSoundText(bytes, isLast);
    let kernel = this.#kernel;
    kernel.load(bytes);
    let at = 0;
    let stops = 0;
    while (at < bytes.length) {
      if (scanner.rest === undefined) {
        const run = kernel.run({ start: at, isSound: sound });
        sink.pass(run, kernel === this.#rewriting || this.#plan.output === 'rewrite' ? 'written' : 'block');
        scanner.skipLines(run.lineFeeds);
        at = run.end;
        if (run.stop === 'full') continue;
        if (++stops === STOPS_MAX && this.#plan.output === 'ranges') kernel = this.#rewritingOf(bytes);
      }
      if (at >= bytes.length) break;
      const next = scanner.scanOne(bytes, { start: at, isLast, sound });
      if (next < 0) break;
      at = next;
    }
    if (isLast) scanner.finish(Buffer.alloc(0));
    return sink.result({
      consumed: at,
      lines: scanner.line - 1,
      rest: scanner.rest,
      places: undefined,
      coerced: NO_COUNTS,
    });
  }

  #newSink(): BlockSink {
    const tools = { kernel: this.#kernel, tests: this.#tests, narrow: this.#narrow, words: this.#words };
    return new BlockSink(this.#plan, { ...tools, lists: this.#lists });
  }

  #rewritingOf(bytes: Buffer): Kernel {
    this.#rewriting ??= openKernel({ ...this.#plan, output: 'rewrite' });
    this.#rewriting.load(bytes);
    return this.#rewriting;
  }
}

/** How far a block was passed. */
interface Passed {
  readonly end: number;
  readonly lines: number;
}

const NOTHING_PASSED: Passed = { end: 0, lines: 0 };

/** A kernel for the records of a form as they stand. */
function directOf({ delimiter, hasTrailingDelimiter, comment }: Form, plan: KernelPlan) {
  const [byte = plan.delimiter] = delimiter;
  return { kernel: openKernel({ ...plan, delimiter: byte, hasTrailingDelimiter, output: 'rewrite' }), comment };
}

/** Whether the complete records of a block are UTF-8 without NUL, by two native searches. */
function isSoundText(bytes: Buffer, isLast: boolean): boolean {
  const whole = bytes.subarray(0, isLast ? bytes.length : bytes.lastIndexOf(LF) + 1);
  return isUtf8(whole) && !whole.includes(0);
}

function hasLineOf(bytes: Buffer, mark: Uint8Array): boolean {
  return bytes.indexOf(mark) === 0 || bytes.includes(Buffer.concat([LINE_END, mark]));
}

function moved(place: RejectPlace, { end, lines }: Passed): RejectPlace {
  const { start, end: placeEnd, line, offset } = place;
  return { ...place, start: start + end, end: placeEnd + end, line: line + lines, offset: offset + end };
}

/** What is found in one block after the other. New lists for each would lie there until the heap is collected. */
interface BlockLists {
  readonly starts: NumberList;
  readonly flags: NumberList;
  readonly written: ByteList;
  /** By key. */
  readonly keys: readonly KeyList[];
}

interface BlockTools {
  readonly kernel: Kernel;
  readonly tests: RowTests;
  readonly narrow: NarrowRows | undefined;
  readonly words: KeyWords | undefined;
  readonly lists: BlockLists;
}

/** Collects what is found in a block. */
class BlockSink implements RecordSink {
  readonly #plan: KernelPlan;
  readonly #kernel: Kernel;
  readonly #tests: RowTests;
  readonly #narrow: NarrowRows | undefined;
  readonly #words: KeyWords | undefined;
  readonly #pieces: Piece[] = [];
  readonly #starts: NumberList;
  readonly #flags: NumberList;
  readonly #keys: readonly KeyList[];
  readonly #written: ByteList;
  readonly #counted: BlockCounts;
  records = 0;
  #longest = 0;
  lineOf: () => number = () => 1;
  /** The lines of records that were written in the default form. */
  marked: MarkedLines | undefined;

  constructor(plan: KernelPlan, { kernel, tests, narrow, words, lists }: BlockTools) {
    this.#plan = plan;
    this.#kernel = kernel;
    this.#tests = tests;
    this.#narrow = narrow;
    this.#words = words;
    this.#starts = lists.starts;
    this.#flags = lists.flags;
    this.#keys = lists.keys;
    this.#written = lists.written;
    this.#counted = new BlockCounts(plan);
  }

  /** Takes over what the kernel passed: records as they stand in the block, written anew, or one that a scanner decided on. */
  pass(run: KernelResult, of: 'block' | 'written' | 'record'): void {
    const { records, starts, flags, keys, shifts, longest } = run;
    if (records === 0) return;
    const isOfBlock = of === 'block';
    const lines = this.marked?.of(this.records, records) ?? {
      line: this.lineOf() - 1,
      shifts: of !== 'record' && shifts.length > 0 ? shifts.slice() : undefined,
    };
    this.#pieces.push({
      ...{ kind: 'rows', text: isOfBlock ? 'block' : 'written', first: this.records, records },
      ...{ startsAt: this.#starts.length, ...lines },
    });
    const begin = starts[0] ?? 0;
    this.#starts.append(starts, { count: records + 1, shift: isOfBlock ? 0 : this.#written.length - begin });
    if (!isOfBlock) this.#written.append(run.text.subarray(begin, starts[records]));
    this.#addFlags(this.#tests.isEmpty ? flags : this.#tested(run));
    for (const [index, list] of this.#keys.entries()) list.append((keys[index] ?? NO_KEYS).subarray(0, records));
    this.#counted.add(run);
    this.#narrow?.add(run);
    this.records += records;
    if (longest > this.#longest) this.#longest = longest;
  }

  /** The flags of the kernel and of the tests beside it, in the order of records. */
  #tested({ text, starts, records, flags }: KernelResult): Uint32Array {
    const merged = new NumberList(flags.length + 64);
    let at = 0;
    const passTo = (record: number): void => {
      for (; at < flags.length && (flags[at] as number) <= record; at += 2) {
        merged.push(flags[at] as number);
        merged.push(flags[at + 1] as number);
      }
    };
    const bytes = Buffer.from(text.buffer, text.byteOffset, text.length);
    this.#tests.run({ text: bytes, starts, records }, (record, bit) => {
      passTo(record);
      merged.push(record);
      merged.push(bit);
      this.#counted.count(bit);
    });
    passTo(records);
    return merged.taken();
  }

  #addFlags(flags: Uint32Array): void {
    for (let at = 0; at < flags.length; at += 2) {
      this.#flags.push((flags[at] as number) + this.records);
      this.#flags.push(flags[at + 1] as number);
    }
  }

  run(): void {
    // Only a scanner with its own kernel finds runs.
  }

  record(bytes: Buffer, { start, end, regular }: RecordPlace): void {
    const canonical =
      regular && end > start
        ? Buffer.concat([bytes.subarray(start, end), LINE_END])
        : Buffer.from(`${this.#rewritten(bytes.toString('utf8', start, end))}\n`);
    this.pass(this.#kernel.runOne(canonical), 'record');
  }

  /** With the delimiter of the file. */
  #rewritten(record: string): string {
    const delimiter = String.fromCharCode(this.#plan.delimiter);
    return toRecord(fieldsOf(record, delimiter), delimiter);
  }

  reject(_: Buffer, { start, end, line, offset, fault, complete }: RejectPlace): void {
    this.addRejected({ start, end, line: line - 1, offset, fault, complete });
  }

  addRejected(place: RejectPlace): void {
    this.#pieces.push({ kind: 'rejected', place });
  }

  blank(): void {
    // A blank line is no row.
  }

  result(end: Pick<BlockResult, 'consumed' | 'lines' | 'rest' | 'places' | 'coerced'>): BlockResult {
    const { counts, columns } = this.#counted;
    const words = this.#words?.talliesOf(this.#keys) ?? [];
    return {
      ...end,
      records: this.records,
      longest: this.#longest,
      pieces: this.#pieces,
      starts: this.#starts.taken(),
      written: this.#written.taken(),
      flags: this.#flags.taken(),
      counts,
      columns,
      keys: this.#keys.map((list) => list.taken()),
      words,
      narrow: this.#narrow?.taken(),
    };
  }
}

const LINE_END = Buffer.of(LF);
const NO_KEYS = new BigInt64Array(0);
const NO_COUNTS = new Uint32Array(0);
