import { type KernelMemory, type WebAssemblyRuntime, webAssembly } from '#store';
import { recordsWasm } from './records-wasm.ts';

/** Skips regular records, sixteen bytes at a time; its own memory holds the bytes. */
export interface RecordKernel {
  /** Sets the bytes for the next calls. */
  load(bytes: Uint8Array): void;
  /**
   * Start of the first record from `start` on that is not clearly regular; how many were skipped, and the longest in
   * bytes.
   */
  run(start: number, rules: RunRules): { readonly end: number; readonly records: number; readonly longest: number };
  /** Skips that many records of canonical text, or those that end in these bytes. */
  skip(start: number, records: number): { readonly end: number; readonly records: number };
  /**
   * The cells of records that are kept: a byte for each up to the last of them. Valid until the next call; what was loaded is
   * gone.
   */
  narrow(records: CanonicalRecords, cells: { readonly kept: Uint8Array; readonly delimiter: number }): NarrowText;
}

/** Records of canonical text, one behind the other. */
export interface CanonicalRecords {
  readonly text: Uint8Array;
  /** Where each begins, and where the last one ends. */
  readonly starts: Uint32Array;
  readonly records: number;
}

/** Some cells of rows, as records of canonical text. */
export interface NarrowText {
  readonly text: Uint8Array;
  /** Bytes of the longest record, with its line end. */
  readonly longest: number;
}

export interface RunRules {
  /** As a byte. */
  readonly delimiter: number;
  readonly fields: number;
  readonly recordBytesMax: number;
  /** Also stops at records with a NUL or a byte above 127. */
  readonly isStrict: boolean;
}

const PAGE_BYTES = 65_536;
/** Below would be the compiler's own data, of which there is none. */
const BASE = 1024;
/** The last load may read this far past the bytes. */
const SLACK_BYTES = 16;
/** The kernel counts in signed 32 bits. */
const COUNT_MAX = 0x7fff_ffff;

interface Exports {
  run(...places: readonly (number | boolean)[]): number;
  skip(start: number, end: number, wanted: number): number;
  narrow(...places: readonly number[]): number;
  records(): number;
  longest(): number;
}

let compiled: object | undefined;

/** Undefined where Node has no WebAssembly compiler; the scanner then works without it, more slowly. */
export function maybeRecordKernel(runtime: WebAssemblyRuntime | undefined = webAssembly): RecordKernel | undefined {
  if (runtime === undefined) return undefined;
  compiled ??= new runtime.Module(Buffer.from(recordsWasm, 'base64'));
  const memory = new runtime.Memory({ initial: 1 });
  // records.as declares these five, with numbers only.
  const kernel = new runtime.Instance(compiled, { env: { memory } }).exports as unknown as Exports;
  let end = BASE;
  return {
    load: (bytes) => {
      reserve(memory, BASE + bytes.length + SLACK_BYTES);
      new Uint8Array(memory.buffer).set(bytes, BASE);
      end = BASE + bytes.length;
    },
    run: (start, { delimiter, fields, recordBytesMax, isStrict }) => {
      const bytesMax = Math.min(recordBytesMax, COUNT_MAX);
      const stop = kernel.run(BASE + start, end, delimiter, fields, bytesMax, isStrict);
      return { end: stop - BASE, records: kernel.records(), longest: kernel.longest() };
    },
    skip: (start, records) => {
      const stop = kernel.skip(BASE + start, end, Math.min(records, COUNT_MAX));
      return { end: stop - BASE, records: kernel.records() };
    },
    narrow: ({ text, starts, records }, { kept, delimiter }) => {
      const [first = 0, last = first] = [starts[0], starts[records]];
      const startsAt = aligned(BASE + kept.length);
      const textAt = aligned(startsAt + 4 * (records + 1));
      const outAt = aligned(textAt + last - first + SLACK_BYTES);
      // Each record may get two quotes.
      reserve(memory, outAt + last - first + 2 * records + SLACK_BYTES);
      const bytes = new Uint8Array(memory.buffer);
      bytes.set(kept, BASE);
      new Uint32Array(memory.buffer, startsAt, records + 1).set(starts.subarray(0, records + 1));
      bytes.set(text.subarray(first, last), textAt);
      const narrowed = kernel.narrow(startsAt, records, textAt - first, delimiter, BASE, kept.length, outAt);
      end = BASE;
      return { text: bytes.subarray(outAt, narrowed), longest: kernel.longest() };
    },
  };
}

function aligned(place: number): number {
  return Math.ceil(place / SLACK_BYTES) * SLACK_BYTES;
}

function reserve(memory: KernelMemory, sizeBytes: number): void {
  const missing = sizeBytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
}
