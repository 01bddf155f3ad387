import type { BlockResult } from './block-result.ts';

/** The bytes of a block, which go to a thread and come back. */
interface BlockMessage {
  readonly id: number;
  readonly bytes: ArrayBuffer;
  /** How many of them are the block. */
  readonly length: number;
}

export interface BlockOrder extends BlockMessage {
  /** Memory of earlier results, for the thread to let go. */
  readonly used: readonly ArrayBuffer[];
}

export interface BlockAnswer extends BlockMessage {
  readonly result: BlockResult;
}

/** The memory of a result that moves between threads instead of being copied. */
export function buffersOf({ starts, written, flags, keys, places, narrow }: BlockResult): readonly ArrayBuffer[] {
  const lists = [starts, written, flags, ...keys, places, narrow?.text];
  // Each was made from a list as an array of its own.
  return [...new Set(lists.flatMap((list) => (list === undefined ? [] : (list.buffer as ArrayBuffer))))];
}
