import { type KernelMemory, type WebAssemblyRuntime, webAssembly } from '#store';
import { BINS, type BinnedRows, type Histograms, MISSING_BIN } from './histograms.ts';
import { histogramsWasm } from './histograms-wasm.ts';
import { type BinSums, CURVATURE_MIN, GAIN_MIN } from './thresholds.ts';

const PAGE_BYTES = 65_536;
const PAGES_MAX = 65_536;
const BIN_BYTES = 16;
const COLUMN_BYTES = BINS * BIN_BYTES;
/** What `scan` writes. */
const FOUND_NUMBERS = 7;
/** A count, below what is left of the second number. */
const COUNT_BITS = 24;
const COUNT_MASK = 2 ** COUNT_BITS - 1;

/** Histograms in a separate memory, or undefined where WebAssembly cannot hold the rows. */
export function maybeSimdHistograms(rows: BinnedRows, slots: number): Histograms | undefined {
  const { rowCount, width } = rows;
  const places = placesOf(rows, slots);
  const memory = webAssembly && maybeMemory(webAssembly, places.end);
  if (webAssembly === undefined || memory === undefined) return undefined;
  const kernel = instantiate(webAssembly, memory);
  const { buffer } = memory;
  const slotAt = (slot: number): number => places.histograms + slot * width * COLUMN_BYTES;
  const words = new Int32Array(buffer, places.histograms, (slots * width * COLUMN_BYTES) / 4);
  const counts = new Int32Array(buffer, places.binCounts, width);
  const found = new Float64Array(buffer, places.found, FOUND_NUMBERS);
  const goes = new Uint8Array(buffer, places.goesLeft, BINS);
  return {
    bins: new Uint8Array(buffer, places.bins, rowCount * width),
    order: new Uint32Array(buffer, places.order, rowCount),
    gradients: new Float64Array(buffer, places.gradients, rowCount * 2),
    sealBins: () => kernel.transpose(places.bins, rowCount, width, places.rows),
    sealGradients: () => kernel.seal(places.gradients, rowCount),
    build: (slot, { from, to }) =>
      kernel.build(places.rows, width, places.order, from, to, places.gradients, slotAt(slot)),
    subtract: (slot, other) => kernel.subtract(slotAt(slot), slotAt(other), width),
    read: (slot, column, into) => readSums(words, ((slot * width + column) * COLUMN_BYTES) / 4, into),
    maybeBestThreshold: (slot, { total, binCounts, rules }) => {
      counts.set(binCounts);
      const { gradient, curvature, count } = total;
      const { gradientUnit, curvatureUnit, l2, leafRowsMin } = rules;
      kernel.scan(
        ...[slotAt(slot), width, places.binCounts, gradient, curvature, BigInt(count), gradientUnit, curvatureUnit, l2],
        ...[BigInt(leafRowsMin), CURVATURE_MIN, GAIN_MIN, places.found],
      );
      const [gain = 0, column = -1, at = 0, side = 0, leftGradient = 0, leftCurvature = 0, leftCount = 0] = found;
      if (column === -1) return undefined;
      const left = { gradient: leftGradient, curvature: leftCurvature, count: leftCount };
      const isAnyMissing = words[((slot * width + column) * BINS + MISSING_BIN) * 4 + 2] !== 0;
      return { gain, column, at, left, isAnyMissing, side: side === 1 ? 'left' : 'right' };
    },
    partition: (column, goesLeft, { from, to }) => {
      goes.set(goesLeft);
      return kernel.partition(places.bins + column * rowCount, places.goesLeft, places.order, places.spare, from, to);
    },
  };
}

/** Where everything begins in the memory, in bytes, each at a multiple of 16. */
function placesOf({ rowCount, width }: BinnedRows, slots: number) {
  let end = 0;
  const place = (sizeBytes: number): number => {
    const start = end;
    end += Math.ceil(sizeBytes / BIN_BYTES) * BIN_BYTES;
    return start;
  };
  const places = {
    bins: place(rowCount * width),
    rows: place(rowCount * width),
    gradients: place(rowCount * BIN_BYTES),
    order: place(rowCount * 4),
    spare: place(rowCount * 4),
    goesLeft: place(BINS),
    binCounts: place(width * 4),
    found: place(FOUND_NUMBERS * 8),
    histograms: place(slots * width * COLUMN_BYTES),
  };
  return { ...places, end };
}

function maybeMemory({ Memory }: WebAssemblyRuntime, sizeBytes: number): KernelMemory | undefined {
  const initial = Math.ceil(sizeBytes / PAGE_BYTES);
  if (initial > PAGES_MAX) return undefined;
  try {
    return new Memory({ initial });
  } catch (error) {
    // Only an allocation shows that the address space is used up.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Both numbers of each bin from their halves: 64-bit integers of JavaScript are many times slower. */
function readSums(words: Int32Array, start: number, into: BinSums): void {
  const { gradients, curvatures, counts } = into;
  for (let bin = 0, at = start; bin < BINS; bin += 1, at += 4) {
    const low = words[at + 2]!;
    gradients[bin] = words[at + 1]! * 2 ** 32 + (words[at]! >>> 0);
    counts[bin] = low & COUNT_MASK;
    curvatures[bin] = words[at + 3]! * 2 ** (32 - COUNT_BITS) + (low >>> COUNT_BITS);
  }
}

type KernelFunction = (...numbers: readonly (number | bigint)[]) => number;
const FUNCTIONS = ['transpose', 'seal', 'build', 'subtract', 'scan', 'partition'] as const;
type Kernel = Readonly<Record<(typeof FUNCTIONS)[number], KernelFunction>>;

let compiled: object | undefined;

function instantiate({ Module, Instance }: WebAssemblyRuntime, memory: KernelMemory): Kernel {
  compiled ??= new Module(Buffer.from(histogramsWasm, 'base64'));
  const { exports } = new Instance(compiled, { env: { memory } });
  for (const name of FUNCTIONS)
    if (typeof exports[name] !== 'function')
      throw new Error('The kernel lacks a function; run "node scripts/compile-kernels.mjs".');
  // histograms.as declares all of them with numbers only, `scan` some of them with 64 bits.
  return exports as unknown as Kernel;
}
