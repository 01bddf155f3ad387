import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import {
  createDecoder,
  endsLinesWithReturns,
  LINE_END_SOUGHT_BYTES,
  replaceReturns,
  SNIFFED_BYTES,
  sniff,
} from './encoding.ts';
import { UndecodableError } from './undecodable-error.ts';

type Blocks = AsyncGenerator<Buffer, void, undefined>;

export interface DecodeOptions {
  /** Filled while reading. */
  readonly facts: { encoding: string; byteOrderMark: boolean; compressed: boolean };
  readonly declared: string | undefined;
  /** The first byte of what encloses cells, where a CR is no line end; null when nothing does, `"` unless set. */
  readonly quote: number | null | undefined;
  readonly decompressedBytesMax: number | undefined;
}

const CHUNK_BYTES = 1 << 20;
/** A few kilobytes of gzip can expand to terabytes. Not a shift, because shifts have 32 bits. */
const DECOMPRESSED_BYTES_MAX = 2 ** 40;
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

/** The bytes of a file as they were before it was compressed. */
async function* uncompressed(
  raw: Blocks,
  { facts, decompressedBytesMax = DECOMPRESSED_BYTES_MAX }: Pick<DecodeOptions, 'facts' | 'decompressedBytesMax'>,
): Blocks {
  const first = await gathered(raw, () => true);
  facts.compressed = first[0] === 0x1f && first[1] === 0x8b;
  const whole = withFirst(first, raw);
  yield* facts.compressed ? decompressed(whole, decompressedBytesMax) : whole;
}

/** The first bytes of a file as they were before it was compressed, in whatever encoding. */
export async function uncompressedStart(raw: Blocks, sizeBytes: number): Promise<Buffer> {
  const facts = { encoding: '', byteOrderMark: false, compressed: false };
  const blocks = uncompressed(raw, { facts, decompressedBytesMax: undefined });
  try {
    return Buffer.from((await gathered(blocks, ({ length }) => length >= sizeBytes)).subarray(0, sizeBytes));
  } finally {
    await blocks.return();
  }
}

/** The first blocks as one, until they are enough; empty where there is none. */
async function gathered(blocks: Blocks, isEnough: (bytes: Buffer) => boolean): Promise<Buffer> {
  let bytes: Buffer = Buffer.alloc(0);
  for (;;) {
    const { value: block, done } = await blocks.next();
    if (done) return bytes;
    if (bytes.length === 0 && isEnough(block)) return block;
    bytes = Buffer.concat([bytes, block]);
    if (isEnough(bytes)) return bytes;
  }
}

async function* withFirst(first: Buffer, rest: Blocks): Blocks {
  try {
    if (first.length > 0) yield first;
    yield* rest;
  } finally {
    // Stopping at the first block would leave the stream open.
    await rest.return();
  }
}

async function* decompressed(blocks: Blocks, bytesMax: number): Blocks {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  // Copied, because the stream keeps the bytes longer than the buffer stays unchanged.
  const copies = (async function* () {
    for await (const block of blocks) yield Buffer.from(block);
  })();
  const source = Readable.from(copies);
  source.on('error', (error) => gunzip.destroy(error));
  let bytes = 0;
  try {
    for await (const block of source.pipe(gunzip)) {
      bytes += block.length;
      if (bytes > bytesMax) throw new UndecodableError(`The file is gzip that expands to more than ${bytesMax} bytes.`);
      yield block;
    }
  } catch (cause) {
    if (cause instanceof UndecodableError || (cause instanceof Error && cause.name === 'AbortError')) throw cause;
    throw new UndecodableError('The file starts like gzip but cannot be decompressed to its end.', { cause });
  } finally {
    source.destroy();
  }
}

async function* transcoded(blocks: Blocks, encoding: string): Blocks {
  const decode = createDecoder(encoding);
  for await (const block of blocks) yield Buffer.from(decode(block));
  const last = Buffer.from(decode());
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
