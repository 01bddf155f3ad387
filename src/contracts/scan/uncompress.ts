import { Readable, type Transform } from 'node:stream';
import zlib, { crc32, createGunzip, createInflateRaw } from 'node:zlib';
import { bunzipped } from './bzip2.ts';
import { type Compression, compressionOf, SIGNATURE_BYTES } from './compression.ts';
import { UndecodableError } from './undecodable-error.ts';
import { maybeDamage, type ReadAt, type ZipEntry, zipEntryOf } from './zip-entry.ts';
import { ZstdFrames } from './zstd-frames.ts';

type Blocks = AsyncGenerator<Buffer, void, undefined>;

export interface UncompressOptions {
  /** Filled while reading. */
  readonly facts: { compressed: boolean };
  /** Largest size of what was compressed; a terabyte unless set. */
  readonly decompressedBytesMax: number | undefined;
  /** Reads any part of the file: a zip says at its end what is in it. */
  readonly readAt: ReadAt;
}

const CHUNK_BYTES = 1 << 20;
/** A few kilobytes can expand to terabytes. Not a shift, because shifts have 32 bits. */
const DECOMPRESSED_BYTES_MAX = 2 ** 40;

/** The bytes of a file as they were before it was compressed: gzip, Zstandard, bzip2, or a zip of one file. */
export async function* uncompressed(raw: Blocks, options: UncompressOptions): Blocks {
  const first = await gathered(raw, ({ length }) => length >= SIGNATURE_BYTES);
  const kind = compressionOf(first);
  options.facts.compressed = kind !== undefined;
  const whole = withFirst(first, raw);
  if (kind === undefined) {
    yield* whole;
    return;
  }
  const { decompressedBytesMax = DECOMPRESSED_BYTES_MAX } = options;
  let bytes = 0;
  try {
    for await (const block of expandedBy(kind, whole, options)) {
      bytes += block.length;
      if (bytes > decompressedBytesMax)
        throw new UndecodableError(`The file is ${kind} that expands to more than ${decompressedBytesMax} bytes.`);
      yield block;
    }
  } catch (cause) {
    if (cause instanceof UndecodableError || (cause instanceof Error && cause.name === 'AbortError')) throw cause;
    throw new UndecodableError(`The file starts like ${kind} but cannot be decompressed to its end.`, { cause });
  } finally {
    await whole.return();
  }
}

async function* expandedBy(kind: Compression, blocks: Blocks, { readAt }: UncompressOptions): Blocks {
  switch (kind) {
    case 'gzip':
      return yield* through(createGunzip({ chunkSize: CHUNK_BYTES }), blocks);
    case 'bzip2':
      for await (const { buffer, byteOffset, length } of bunzipped(blocks))
        yield Buffer.from(buffer, byteOffset, length);
      return;
    case 'Zstandard':
      return yield* unzstd(blocks);
    case 'zip': {
      const entry = await zipEntryOf(readAt);
      const part = partOf(blocks, entry);
      return yield* compared(
        entry.isDeflated ? through(createInflateRaw({ chunkSize: CHUNK_BYTES }), part) : part,
        entry,
      );
    }
    default:
      return kind satisfies never;
  }
}

/** The blocks of an entry, which must be what its list says. */
async function* compared(blocks: Blocks, entry: ZipEntry): Blocks {
  let [sizeBytes, checksum] = [0, 0];
  for await (const block of blocks) {
    sizeBytes += block.length;
    checksum = crc32(block, checksum);
    yield block;
  }
  const damage = maybeDamage(entry, { sizeBytes, checksum });
  if (damage !== undefined) throw damage;
}

/** Blocks through a stream of Node, each a copy: the stream keeps bytes longer than the buffer stays unchanged. */
async function* through(stream: Transform, blocks: Blocks): Blocks {
  const copies = (async function* () {
    for await (const block of blocks) yield Buffer.from(block);
  })();
  const source = Readable.from(copies);
  source.on('error', (error) => stream.destroy(error));
  try {
    yield* source.pipe(stream);
  } finally {
    source.destroy();
  }
}

/** What Node has since 22.15, and a library before. */
async function* unzstd(blocks: Blocks): Blocks {
  // The types are those of the oldest Node that is supported, which has no such stream.
  const { createZstdDecompress } = zlib as { readonly createZstdDecompress?: (options: object) => Transform };
  if (createZstdDecompress !== undefined) {
    yield* through(createZstdDecompress({ chunkSize: CHUNK_BYTES }), blocks);
    return;
  }
  const frames = new ZstdFrames(await import('fzstd'));
  for await (const block of blocks)
    for (const piece of frames.push(block)) yield Buffer.from(piece.buffer, piece.byteOffset, piece.length);
  frames.end();
}

/** The blocks between two places of a file. */
async function* partOf(blocks: Blocks, { start, end }: { readonly start: number; readonly end: number }): Blocks {
  let at = 0;
  for await (const block of blocks) {
    const part = block.subarray(Math.max(0, start - at), Math.max(0, end - at));
    at += block.length;
    // The rest is read too: the digest of the file is that of all its bytes.
    if (part.length > 0) yield part;
  }
}

/** The first blocks as one, until they are enough; empty where there is none. */
export async function gathered(blocks: Blocks, isEnough: (bytes: Buffer) => boolean): Promise<Buffer> {
  let bytes: Buffer = Buffer.alloc(0);
  for (;;) {
    const { value: block, done } = await blocks.next();
    if (done) return bytes;
    if (bytes.length === 0 && isEnough(block)) return block;
    bytes = Buffer.concat([bytes, block]);
    if (isEnough(bytes)) return bytes;
  }
}

/** Blocks behind the first, which was taken from them. */
export async function* withFirst(first: Buffer, rest: Blocks): Blocks {
  try {
    if (first.length > 0) yield first;
    yield* rest;
  } finally {
    // Stopping at the first block would leave the stream open.
    await rest.return();
  }
}
