import { type KernelMemory, type WebAssemblyRuntime, webAssembly } from '#store';
import { nearestWasm } from './nearest-wasm.ts';
import { findNeighbours, type Neighbours, type Search, type SearchSpace } from './neighbours.ts';

const BLOCK_ROWS = 16;
/** Blocks that fit into the first-level cache together with a few queries. */
const TILE_BYTES = 16 * 1024;
const QUERIES_AT_ONCE = 256;
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
  const { rows, rowCount, width } = space;
  const blockCount = Math.ceil(rowCount / BLOCK_ROWS);
  const rowBytes = blockCount * BLOCK_ROWS * width * 4;
  const memory = webAssembly && maybeMemory(webAssembly, rowBytes + QUERIES_AT_ONCE * (width + 2) * 4);
  if (webAssembly === undefined || memory === undefined) return undefined;
  layOut({ rows, rowCount, width }, new Float32Array(memory.buffer, 0, blockCount * BLOCK_ROWS * width));
  const nearest = instantiate(webAssembly, memory);
  return (search) => searchInChunks({ space, memory, nearest, rowBytes }, search);
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

/** Blocks of sixteen rows, inside a block column by column, so that four rows load at once. */
function layOut({ rows, rowCount, width }: SearchSpace, blocks: Float32Array): void {
  blocks.fill(Infinity);
  for (let row = 0; row < rowCount; row += 1) {
    const block = (row >> 4) * width * BLOCK_ROWS + (row & 15);
    for (let column = 0; column < width; column += 1) {
      blocks[block + column * BLOCK_ROWS] = rows[row * width + column]!;
    }
  }
}

type NearestFunction = (...places: readonly number[]) => void;

let compiled: object | undefined;

function instantiate({ Module, Instance }: WebAssemblyRuntime, memory: KernelMemory): NearestFunction {
  compiled ??= new Module(Buffer.from(nearestWasm, 'base64'));
  const { nearest } = new Instance(compiled, { env: { memory } }).exports;
  if (typeof nearest !== 'function')
    throw new Error('The kernel exports no function "nearest"; run "node scripts/compile-kernels.mjs".');
  // nearest.as declares it with numbers only and no result.
  return nearest as NearestFunction;
}

interface Simd {
  readonly space: SearchSpace;
  readonly memory: KernelMemory;
  readonly nearest: NearestFunction;
  readonly rowBytes: number;
}

function searchInChunks({ space, memory, nearest, rowBytes }: Simd, { queries, queryCount, k }: Search): Neighbours {
  const { width, rowCount } = space;
  const found = { distances: new Float32Array(queryCount * k), rowNumbers: new Int32Array(queryCount * k) };
  const chunk = Math.min(QUERIES_AT_ONCE, queryCount);
  const distancesAt = rowBytes + chunk * width * 4;
  const numbersAt = distancesAt + chunk * k * 4;
  growTo(memory, numbersAt + chunk * k * 4);
  const tile = Math.max(1, Math.floor(TILE_BYTES / (BLOCK_ROWS * width * 4)));
  for (let first = 0; first < queryCount; first += chunk) {
    const count = Math.min(chunk, queryCount - first);
    new Float32Array(memory.buffer, rowBytes, count * width).set(
      queries.subarray(first * width, (first + count) * width),
    );
    nearest(0, rowCount, width, rowBytes, count, k, distancesAt, numbersAt, tile);
    found.distances.set(new Float32Array(memory.buffer, distancesAt, count * k), first * k);
    found.rowNumbers.set(new Int32Array(memory.buffer, numbersAt, count * k), first * k);
  }
  return found;
}

function growTo(memory: KernelMemory, sizeBytes: number): void {
  const missing = sizeBytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
}
