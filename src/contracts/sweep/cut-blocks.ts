import type { BlockBuffers } from './block-buffers.ts';

const LF = 10;

export interface CutBlocksOptions {
  readonly recordBytesMax: number;
  /** Where the blocks get their buffers from. */
  readonly buffers: BlockBuffers;
}

/**
 * The bytes of `first` and of the blocks, cut behind a line feed, where a record usually ends. What has none in the length
 * of a record is not cut. Each block is a copy with a buffer of its own.
 */
export async function* cutBlocks(
  first: Buffer,
  blocks: AsyncGenerator<Buffer, void, undefined>,
  { recordBytesMax, buffers }: CutBlocksOptions,
): AsyncGenerator<Buffer, void, undefined> {
  let kept = first;
  for await (const block of blocks) {
    const lineEnd = block.lastIndexOf(LF) + 1;
    const end = lineEnd > 0 || kept.length + block.length <= recordBytesMax ? lineEnd : block.length;
    if (end > 0) yield joined(kept, block.subarray(0, end), buffers);
    kept = end > 0 ? Buffer.from(block.subarray(end)) : Buffer.concat([kept, block]);
  }
  if (kept.length > 0) yield joined(kept, NOTHING, buffers);
}

const NOTHING = Buffer.alloc(0);

function joined(one: Buffer, other: Buffer, buffers: BlockBuffers): Buffer {
  const bytes = buffers.take(one.length + other.length);
  one.copy(bytes);
  other.copy(bytes, one.length);
  return bytes;
}
