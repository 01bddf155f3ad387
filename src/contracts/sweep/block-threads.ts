import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { workerEntry } from '#store';
import { type BlockAnswer, type BlockOrder, buffersOf } from './block-messages.ts';
import type { BlockResult } from './block-result.ts';
import type { BlockPlan } from './sweep-plan.ts';

/** A block that was read in a thread. */
export interface ReadBlock {
  readonly bytes: Buffer;
  readonly result: BlockResult;
}

interface Waiting {
  readonly resolve: (block: ReadBlock) => void;
  readonly reject: (error: Error) => void;
}

/** More threads than this wait for the one that hashes and writes. */
const THREADS_MAX = 3;

/** What a block leaves behind is little; the heap would let it lie until it is 32 MB, and take no less time. */
const LIMITS = { maxYoungGenerationSizeMb: 2 };

/** Up to here one thread is as fast as two, whose start takes time, processor and memory: measured with 27, 54 and 274 MB. */
const THREADED_BYTES_MIN = 64 * 2 ** 20;

/** How many threads beside this one read the blocks of a file of this size. */
export function threadsFor(sizeBytes: number): number {
  if (sizeBytes < THREADED_BYTES_MIN) return 0;
  return Math.min(THREADS_MAX, Math.max(1, availableParallelism() - 1));
}

/** Threads that read blocks, each of which is taken to begin with a record. */
export class BlockThreads {
  readonly #workers: readonly Worker[];
  readonly #waiting = new Map<number, Waiting>();
  #next = 0;
  /** Memory of results that are done with. */
  readonly #used: ArrayBuffer[] = [];
  #failure: Error | undefined;

  constructor(plan: BlockPlan, threads: number) {
    this.#workers = Array.from({ length: threads }, () => {
      const worker = workerEntry('block-worker', { address: import.meta.url, data: plan, resourceLimits: LIMITS });
      worker.on('message', (answer: BlockAnswer) => this.#answer(answer));
      worker.on('error', (error) => this.#fail(error));
      worker.on('exit', (code) => this.#fail(new Error(`A thread that reads blocks ended with code ${code}.`)));
      return worker;
    });
  }

  /** How many blocks keep all threads busy while one is written. */
  get ahead(): number {
    return this.#workers.length * 2;
  }

  /** Reads a block, whose bytes are given away. */
  read(block: Buffer): Promise<ReadBlock> {
    const id = this.#next++;
    // A buffer of its own, as blocks are cut into such.
    const bytes = block.buffer as ArrayBuffer;
    const used = this.#used.splice(0);
    const order: BlockOrder = { id, bytes, length: block.length, used };
    const read = new Promise<ReadBlock>((resolve, reject) => {
      if (this.#failure !== undefined) reject(this.#failure);
      else this.#waiting.set(id, { resolve, reject });
    });
    this.#workers[id % this.#workers.length]?.postMessage(order, [bytes, ...used]);
    return read;
  }

  /**
   * Takes the memory of a result that nobody uses any more. It goes with the next block: the heap of a thread is collected
   * often, and that of this one so seldom that results of thirty blocks would lie there.
   */
  giveBack(result: BlockResult): void {
    this.#used.push(...buffersOf(result));
  }

  async close(): Promise<void> {
    this.#failure ??= new Error('The threads were ended.');
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #answer({ id, bytes, length, result }: BlockAnswer): void {
    this.#waiting.get(id)?.resolve({ bytes: Buffer.from(bytes, 0, length), result });
    this.#waiting.delete(id);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }
}
