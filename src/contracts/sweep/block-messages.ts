import type { BlockResult } from './block-result.ts';

/** A block for a thread, which gives its bytes back. */
export interface BlockOrder {
  readonly id: number;
  readonly bytes: ArrayBuffer;
}

export interface BlockAnswer extends BlockOrder {
  readonly result: BlockResult;
}
