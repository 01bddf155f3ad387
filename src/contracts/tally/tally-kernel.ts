import type { KernelMemory, WebAssemblyRuntime } from '#store';
import { tallyWasm } from './tally-wasm.ts';

/** What tally.as exports. */
export interface TallyExports {
  countWords(at: number, end: number, slotBits: number): number;
  sampleWords(at: number, end: number, way: number, to: number): void;
  addUp(at: number, end: number, limit: number, unit: number): void;
  spread(...places: readonly number[]): void;
  addPairs(...places: readonly number[]): void;
  countUpTo(at: number, end: number, smallest: number, scale: number): void;
  sortNumbers(at: number, end: number, spare: number): number;
}

export interface TallyKernel {
  readonly memory: KernelMemory;
  readonly exports: TallyExports;
  /** Makes the memory so large. */
  reserve(sizeBytes: number): void;
}

const PAGE_BYTES = 65_536;

let compiled: object | undefined;

/**
 * A kernel with a memory of its own. It doubles, as the heap is collected whenever it grows; of pages that nobody writes on the
 * system holds none.
 */
export function openTallyKernel(runtime: WebAssemblyRuntime): TallyKernel {
  compiled ??= new runtime.Module(Buffer.from(tallyWasm, 'base64'));
  const memory = new runtime.Memory({ initial: 2 });
  // tally.as declares them, with numbers only.
  const exports = new runtime.Instance(compiled, { env: { memory } }).exports as unknown as TallyExports;
  return {
    memory,
    exports,
    reserve: (sizeBytes) => {
      const missing = sizeBytes - memory.buffer.byteLength;
      if (missing > 0) memory.grow(Math.ceil(Math.max(missing, memory.buffer.byteLength) / PAGE_BYTES));
    },
  };
}
