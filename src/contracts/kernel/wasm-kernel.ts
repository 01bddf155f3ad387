import type { KernelMemory, WebAssemblyRuntime } from '#store';
import { maybeValue } from '../kinds/cell-value.ts';
import type { Kernel, KernelResult, KernelStop } from './kernel.ts';
import { kernelWasm } from './kernel-wasm.ts';
import { type KernelLayout, layOut } from './layout.ts';
import { textMaxOf } from './limits.ts';
import type { KernelPlan } from './plan.ts';

const PAGE_BYTES = 65_536;
const ALIGN_BYTES = 16;
/** The kernel reads and writes so far behind a block, a text and its scratch. */
const SLACK_BYTES = 64;
const INT_MAX = 0x7fff_ffff;
const STOPS: readonly KernelStop[] = ['end', 'irregular', 'full'];

interface Exports {
  open(): void;
  addText(table: number, mask: number, start: number, length: number, index: number): void;
  addBits(table: number, mask: number, value: bigint, index: number): void;
  run(...places: readonly (number | boolean)[]): void;
}

/** Where a block lies, and what its records are written with. */
interface Area {
  readonly block: number;
  readonly sizeBytes: number;
  readonly text: number;
  readonly textMax: number;
  readonly scratch: number;
  readonly end: number;
}

/** A module with its memory, and the plan that lies there, if any. */
interface Instance {
  readonly memory: KernelMemory;
  readonly exports: Exports;
  plan: KernelPlan | undefined;
}

/** Views of the memory that are the same in every run. They are kept, as a view costs as much as many records. */
interface Views {
  readonly buffer: ArrayBuffer;
  readonly results: Int32Array;
  readonly counts: Uint32Array;
  readonly columns: KernelResult['columns'];
}

const NONE = new Uint32Array();
const RESULTS = 8;

/** Memories of closed kernels are kept, as a new one costs as much as the check of a small file. */
const IDLE_MAX = 4;
const IDLE_BYTES_MAX = 16 << 20;

let compiled: object | undefined;
const idle = new WeakMap<WebAssemblyRuntime, Instance[]>();
/** Files of one contract have one plan, whose layout takes as long as some thousand cells. */
const layouts = new WeakMap<KernelPlan, KernelLayout>();

/** The kernel in WebAssembly, sixteen bytes at a time. */
export function openWasmKernel(plan: KernelPlan, runtime: WebAssemblyRuntime): Kernel {
  return new WasmKernel(plan, runtime);
}

class WasmKernel implements Kernel {
  readonly #plan: KernelPlan;
  readonly #runtime: WebAssemblyRuntime;
  readonly #layout: KernelLayout;
  readonly #memory: KernelMemory;
  readonly #kernel: Exports;
  readonly #instance: Instance;
  #area: Area;
  #views: Views | undefined;

  constructor(plan: KernelPlan, runtime: WebAssemblyRuntime) {
    this.#plan = plan;
    this.#runtime = runtime;
    this.#layout = layouts.get(plan) ?? layOut(plan);
    layouts.set(plan, this.#layout);
    this.#area = this.#areaAt(this.#layout.end, 0);
    this.#instance = maybeIdle(runtime, plan) ?? instantiate(runtime);
    this.#memory = this.#instance.memory;
    this.#kernel = this.#instance.exports;
    if (this.#instance.plan === plan) return;
    this.#reserve(this.#area.end);
    this.#open();
    this.#instance.plan = plan;
  }

  #open(): void {
    const { image, start, setValues } = this.#layout;
    new Uint8Array(this.#memory.buffer).set(image, start);
    this.#kernel.open();
    for (const { table, mask, index, value } of setValues) {
      if (typeof value === 'bigint') this.#kernel.addBits(table, mask, value, index);
      else this.#kernel.addText(table, mask, value.at, value.length, index);
    }
  }

  close(): void {
    const instances = idle.get(this.#runtime) ?? [];
    idle.set(this.#runtime, instances);
    if (instances.length < IDLE_MAX && this.#memory.buffer.byteLength <= IDLE_BYTES_MAX) instances.push(this.#instance);
  }

  place(sizeBytes: number): Uint8Array {
    this.#area = this.#areaAt(this.#layout.end, sizeBytes);
    this.#reserve(this.#area.end);
    return new Uint8Array(this.#memory.buffer, this.#area.block, sizeBytes);
  }

  load(bytes: Uint8Array): void {
    this.place(bytes.length).set(bytes);
  }

  run({ start, isSound }: { readonly start: number; readonly isSound: boolean }): KernelResult {
    const bytesMax = Math.min(this.#plan.recordBytesMax, INT_MAX);
    return this.#run(this.#area, { start, isSound, bytesMax });
  }

  runOne(record: Uint8Array): KernelResult {
    const area = this.#areaAt(this.#area.end, record.length);
    this.#reserve(area.end);
    new Uint8Array(this.#memory.buffer).set(record, area.block);
    return this.#run(area, { start: 0, isSound: true, bytesMax: INT_MAX });
  }

  #areaAt(at: number, sizeBytes: number): Area {
    const textMax = this.#plan.output === 'rewrite' ? textMaxOf(this.#plan, sizeBytes) : 0;
    const text = aligned(at + sizeBytes + SLACK_BYTES);
    const scratch = aligned(text + textMax + SLACK_BYTES);
    const end = aligned(scratch + sizeBytes * this.#layout.readingsMax + SLACK_BYTES);
    return { block: at, sizeBytes, text, textMax, scratch, end };
  }

  #reserve(sizeBytes: number): void {
    const missing = sizeBytes - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE_BYTES));
  }

  #run(
    { block, sizeBytes, text, textMax, scratch }: Area,
    { start, isSound, bytesMax }: { readonly start: number; readonly isSound: boolean; readonly bytesMax: number },
  ): KernelResult {
    this.#kernel.run(block, block + start, block + sizeBytes, bytesMax, isSound, text, textMax, scratch);
    const { buffer } = this.#memory;
    if (this.#views?.buffer !== buffer) this.#views = this.#viewsOf(buffer);
    const { places } = this.#layout;
    const { results, counts, columns } = this.#views;
    const [stop = 0, end = 0, records = 0, written = 0, longest = 0, lineFeeds = 0, shifts = 0, flags = 0] = results;
    const isRewritten = this.#plan.output === 'rewrite';
    return {
      // Each by its name: a spread would take longer than many records.
      end,
      records,
      longest,
      lineFeeds,
      counts,
      columns,
      stop: STOPS[stop] ?? 'end',
      text: isRewritten ? new Uint8Array(buffer, text, written) : new Uint8Array(buffer, block, sizeBytes),
      starts: new Uint32Array(buffer, places.starts, records + 1),
      shifts: shifts === 0 ? NONE : new Uint32Array(buffer, places.shifts, 2 * shifts),
      flags: flags === 0 ? NONE : new Uint32Array(buffer, places.flags, 2 * flags),
      keys: places.keys.map((at) => new BigInt64Array(buffer, at, records)),
    };
  }

  #viewsOf(buffer: ArrayBuffer): Views {
    const { places } = this.#layout;
    const { length } = this.#plan.columns;
    return {
      buffer,
      results: new Int32Array(buffer, places.results, RESULTS),
      counts: new Uint32Array(buffer, places.counts, this.#plan.bits),
      columns: {
        nulls: new Uint32Array(buffer, places.nulls, length),
        values: new Uint32Array(buffer, places.values, length),
        min: new Float64Array(buffer, places.min, length),
        max: new Float64Array(buffer, places.max, length),
        summands: new Uint32Array(buffer, places.summands, length),
        sum: new Float64Array(buffer, places.sum, length),
        lost: new Float64Array(buffer, places.lost, length),
        categories: places.categories.map((place) => new Uint32Array(buffer, place.at, place.length)),
      },
    };
  }
}

/** An instance that nobody uses: that of the plan, if there is one. */
function maybeIdle(runtime: WebAssemblyRuntime, plan: KernelPlan): Instance | undefined {
  const instances = idle.get(runtime) ?? [];
  const at = instances.findIndex((instance) => instance.plan === plan);
  return at < 0 ? instances.pop() : instances.splice(at, 1)[0];
}

function instantiate(runtime: WebAssemblyRuntime): Instance {
  compiled ??= new runtime.Module(Buffer.from(kernelWasm, 'base64'));
  const memory = new runtime.Memory({ initial: 1 });
  const textAt = (start: number, end: number): string => Buffer.from(memory.buffer).toString('latin1', start, end);
  const env = {
    memory,
    number: (start: number, end: number): number => Number(textAt(start, end)),
    whole: (start: number, end: number): number => Number(maybeValue('integer', textAt(start, end)) ?? Number.NaN),
  };
  // kernel.as declares these four.
  const exports = new runtime.Instance(compiled, { env }).exports as unknown as Exports;
  return { memory, exports, plan: undefined };
}

function aligned(at: number): number {
  return Math.ceil(at / ALIGN_BYTES) * ALIGN_BYTES;
}
