import { type KernelMemory, type WebAssemblyRuntime, webAssembly } from '#store';
import { BLOCK_ROWS, BOXES_AT_ONCE, nearbyOrder, writeBlocks, writeBoxes } from './blocks.ts';
import { nearestWasm } from './nearest-wasm.ts';
import { findNeighbours, type Neighbours, type Search, type SearchSpace } from './neighbours.ts';

/** Blocks that fit into the first-level cache together with a few queries. */
const TILE_BYTES = 16 * 1024;
const QUERIES_AT_ONCE = 256;
const KEY_BYTES = 8;
/** Where more blocks than this have neighbours, scanning all of them for two queries at a time is faster. */
const SCANNED_SHARE_MAX = 0.3;
const PAGE_BYTES = 65_536;
const PAGES_MAX = 65_536;
/** Below this many numbers a search takes microseconds, and a separate memory would cost more than it saves. */
const SIMD_NUMBERS_MIN = 4096;

/** Finds neighbours in one set of training rows; all implementations give the same result to the bit. */
export type Searcher = (search: Search) => Neighbours;

/** The fastest search for these rows: SIMD, or plain TypeScript for few rows and where memory is short. */
export function searcherOf(space: SearchSpace): Searcher {
  if (space.rows.length < SIMD_NUMBERS_MIN) return (search) => findNeighbours(space, search);
  let simd: Searcher | undefined;
  let isRefused = false;
  return (search) => {
    if (simd === undefined && !isRefused) {
      simd = maybeSimdSearcher(space);
      isRefused = simd === undefined;
    }
    return simd === undefined ? findNeighbours(space, search) : simd(search);
  };
}

/** A SIMD search with the rows in a separate memory, or undefined where WebAssembly cannot hold them. */
export function maybeSimdSearcher(space: SearchSpace): Searcher | undefined {
  const places = placesOf(space);
  const memory = webAssembly && maybeMemory(webAssembly, places.end + QUERIES_AT_ONCE * (space.width + 2) * 4);
  if (webAssembly === undefined || memory === undefined) return undefined;
  layOut(space, places, memory);
  const simd: Simd = { space, memory, places, ...instantiate(webAssembly, memory), isPruned: true };
  return (search) => searchInChunks(simd, search);
}

/** Where everything begins in the memory, in bytes; the rows begin at 0. */
interface Places {
  readonly ids: number;
  readonly boxes: number;
  readonly bounds: number;
  readonly end: number;
}

function placesOf({ rowCount, width }: SearchSpace): Places {
  const blocks = Math.ceil(rowCount / BLOCK_ROWS);
  const boxCount = Math.ceil(blocks / BOXES_AT_ONCE) * BOXES_AT_ONCE;
  const ids = blocks * BLOCK_ROWS * width * 4;
  const boxes = ids + blocks * BLOCK_ROWS * 4;
  const bounds = boxes + boxCount * width * 2 * 4;
  return { ids, boxes, bounds, end: bounds + boxCount * 4 };
}

function layOut(space: SearchSpace, { ids, boxes, bounds }: Places, { buffer }: KernelMemory): void {
  const order = nearbyOrder(space);
  writeBlocks(space, order, new Float32Array(buffer, 0, ids / 4));
  new Int32Array(buffer, ids, space.rowCount).set(order);
  writeBoxes(space, order, new Float32Array(buffer, boxes, (bounds - boxes) / 4));
}

function maybeMemory({ Memory }: WebAssemblyRuntime, sizeBytes: number): KernelMemory | undefined {
  const initial = Math.ceil(sizeBytes / PAGE_BYTES);
  if (initial > PAGES_MAX) return undefined;
  try {
    return new Memory({ initial });
  } catch (error) {
    // Only an allocation shows that the address space is used up; then the slower search is used.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

type KernelFunction = (...places: readonly number[]) => number;

interface Kernel {
  /** Scans the blocks that may have neighbours; returns how many. */
  readonly nearest: KernelFunction;
  /** Scans all blocks, two queries at a time. */
  readonly nearestOfAll: KernelFunction;
}

let compiled: object | undefined;

function instantiate({ Module, Instance }: WebAssemblyRuntime, memory: KernelMemory): Kernel {
  compiled ??= new Module(Buffer.from(nearestWasm, 'base64'));
  const { nearest, nearestOfAll } = new Instance(compiled, { env: { memory } }).exports;
  if (typeof nearest !== 'function' || typeof nearestOfAll !== 'function')
    throw new Error('The kernel lacks a function; run "node scripts/compile-kernels.mjs".');
  // nearest.as declares both with numbers only.
  return { nearest: nearest as KernelFunction, nearestOfAll: nearestOfAll as KernelFunction };
}

interface Simd extends Kernel {
  readonly space: SearchSpace;
  readonly memory: KernelMemory;
  readonly places: Places;
  /** Whether so few blocks had neighbours that measuring their boxes was worth it. Both ways give the same result. */
  isPruned: boolean;
}

function searchInChunks(simd: Simd, { queries, queryCount, k }: Search): Neighbours {
  const { space, memory, places } = simd;
  const { width } = space;
  const found = { distances: new Float32Array(queryCount * k), rowNumbers: new Int32Array(queryCount * k) };
  const chunk = Math.min(QUERIES_AT_ONCE, queryCount);
  const keptAt = Math.ceil((places.end + chunk * width * 4) / KEY_BYTES) * KEY_BYTES;
  growTo(memory, keptAt + chunk * k * KEY_BYTES);
  for (let first = 0; first < queryCount; first += chunk) {
    const count = Math.min(chunk, queryCount - first);
    new Float32Array(memory.buffer, places.end, count * width).set(
      queries.subarray(first * width, (first + count) * width),
    );
    searchChunk(simd, [places.end, count, k, keptAt]);
    readKeys(memory, { keptAt, count: count * k, into: found, at: first * k });
  }
  return found;
}

interface Kept {
  readonly keptAt: number;
  readonly count: number;
  readonly into: Neighbours;
  readonly at: number;
}

/** A key has the number of the row, and above it the distance; WebAssembly writes the lower bytes first. */
function readKeys({ buffer }: KernelMemory, { keptAt, count, into, at }: Kept): void {
  const numbers = new Int32Array(buffer, keptAt, 2 * count);
  const distances = new Float32Array(buffer, keptAt, 2 * count);
  for (let key = 0; key < count; key += 1) {
    into.rowNumbers[at + key] = numbers[2 * key]!;
    into.distances[at + key] = distances[2 * key + 1]!;
  }
}

/** Queries, their count, k, and where the keys of what is kept go. */
type Chunk = readonly [queries: number, count: number, k: number, kept: number];

function searchChunk(simd: Simd, chunk: Chunk): void {
  const { rowCount, width } = simd.space;
  const { ids, boxes, bounds } = simd.places;
  if (simd.isPruned) {
    const scanned = simd.nearest(0, ids, boxes, bounds, rowCount, width, ...chunk);
    simd.isPruned = scanned < SCANNED_SHARE_MAX * chunk[1] * Math.ceil(rowCount / BLOCK_ROWS);
  } else {
    const tile = Math.max(1, Math.floor(TILE_BYTES / (BLOCK_ROWS * width * 4)));
    simd.nearestOfAll(0, ids, rowCount, width, ...chunk, tile);
  }
}

function growTo(memory: KernelMemory, sizeBytes: number): void {
  const missing = sizeBytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
}
