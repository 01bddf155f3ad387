import { endsLinesWithReturns, LINE_END_SOUGHT_BYTES, replaceReturns, SNIFFED_BYTES, sniff } from './encoding.ts';
import { createTranscoder } from './transcoder.ts';
import { gathered, type UncompressOptions, uncompressed, withFirst } from './uncompress.ts';
import type { ReadAt } from './zip-entry.ts';

type Blocks = AsyncGenerator<Buffer, void, undefined>;

export interface DecodeOptions extends UncompressOptions {
  /** Filled while reading. */
  readonly facts: { encoding: string; byteOrderMark: boolean; compressed: boolean };
  readonly declared: string | undefined;
  /** The first byte of what encloses cells, where a CR is no line end; null when nothing does, `"` unless set. */
  readonly quote: number | null | undefined;
}

const LF = 10;

/**
 * The bytes of a file as UTF-8: decompressed, without a byte order mark, lines ended by LF or CRLF. A block is valid
 * until the next one is requested.
 */
export async function* decoded(raw: Blocks, options: DecodeOptions): Blocks {
  const { facts, declared, quote } = options;
  const plain = uncompressed(raw, options);
  // A compressed stream may begin with a chunk of a single byte.
  const start = await gathered(plain, ({ length }) => length >= SNIFFED_BYTES);
  const { encoding, markBytes } = sniff(start, declared);
  facts.encoding = encoding;
  facts.byteOrderMark = markBytes > 0;
  const rest = withFirst(start.subarray(markBytes), plain);
  yield* withLineFeeds(encoding === 'utf-8' ? rest : transcoded(rest, encoding), quote);
}

/** The first bytes of a file as they were before it was compressed, in whatever encoding. */
export async function uncompressedStart(
  raw: Blocks,
  { sizeBytes, readAt }: { readonly sizeBytes: number; readonly readAt: ReadAt },
): Promise<Buffer> {
  const blocks = uncompressed(raw, { facts: { compressed: false }, decompressedBytesMax: undefined, readAt });
  try {
    return Buffer.from((await gathered(blocks, ({ length }) => length >= sizeBytes)).subarray(0, sizeBytes));
  } finally {
    await blocks.return();
  }
}

async function* transcoded(blocks: Blocks, encoding: string): Blocks {
  const write = createTranscoder(encoding);
  for await (const block of blocks) yield write(block);
  const last = write();
  if (last.length > 0) yield last;
}

/** Old Macintosh files end lines with CR alone; such a file is read as if it had LF. */
async function* withLineFeeds(blocks: Blocks, quote: number | null | undefined): Blocks {
  const start = await gathered(blocks, (bytes) => bytes.length >= LINE_END_SOUGHT_BYTES || bytes.includes(LF));
  const isOfReturns = endsLinesWithReturns(start, quote);
  for await (const block of withFirst(start, blocks)) {
    if (isOfReturns) replaceReturns(block);
    yield block;
  }
}
