import type { BlockResult } from './block-result.ts';

/** A block for a thread, which gives its bytes back. */
export interface BlockOrder {
  readonly id: number;
  readonly bytes: ArrayBuffer;
  /** How many of them are the block. */
  readonly length: number;
}

export interface BlockAnswer extends BlockOrder {
  readonly result: BlockResult;
}
