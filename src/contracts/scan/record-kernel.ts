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
  records(): number;
  longest(): number;
}

let compiled: object | undefined;

/** Undefined where Node has no WebAssembly compiler; the scanner then works without it, more slowly. */
export function maybeRecordKernel(runtime: WebAssemblyRuntime | undefined = webAssembly): RecordKernel | undefined {
  if (runtime === undefined) return undefined;
  compiled ??= new runtime.Module(Buffer.from(recordsWasm, 'base64'));
  const memory = new runtime.Memory({ initial: 1 });
  // records.as declares these four, with numbers only.
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
  };
}

function reserve(memory: KernelMemory, sizeBytes: number): void {
  const missing = sizeBytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
}
