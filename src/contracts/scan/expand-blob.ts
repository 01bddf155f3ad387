import { bunzipped } from './bzip2.ts';
import { type Compression, compressionOf, SIGNATURE_BYTES } from './compression.ts';
import { crc32 } from './crc32.ts';
import { UndecodableError } from './undecodable-error.ts';
import { maybeDamage, zipEntryOf } from './zip-entry.ts';
import { ZstdFrames, type ZstdLibrary } from './zstd-frames.ts';

/** Bytes one after the other. */
type Blocks = AsyncGenerator<Uint8Array, void, undefined>;

export interface ExpandOptions {
  /** More are not read. */
  readonly bytesMax: number;
  /** What is said of a file that has more: `kind` is how it is compressed. */
  readonly tooLarge: (kind: string) => Error;
  /** What expands Zstandard, which no browser does by itself; asked for only by a file that needs it. */
  readonly loadZstandard: () => Promise<ZstdLibrary>;
}

/**
 * The bytes of a file as they were before it was compressed, by what a browser has; as they are when it is not compressed. It
 * is compressed as gzip, Zstandard, bzip2 or a zip of one file, as a check takes it too.
 *
 * @throws UndecodableError when they cannot be had.
 */
export async function expandBlob(
  file: Blob,
  { bytesMax, tooLarge, loadZstandard }: ExpandOptions,
): Promise<Uint8Array> {
  const kind = compressionOf(await bytesOf(file.slice(0, SIGNATURE_BYTES)));
  if (kind === undefined) return bytesOf(file);
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  try {
    for await (const piece of piecesOf(kind, { file, loadZstandard })) {
      pieces.push(Uint8Array.from(piece));
      size += piece.length;
      if (size > bytesMax) throw tooLarge(kind);
    }
  } catch (cause) {
    if (size > bytesMax || cause instanceof UndecodableError) throw cause;
    throw new UndecodableError(`The file starts like ${kind} but cannot be decompressed to its end.`, { cause });
  }
  return bytesOf(new Blob(pieces));
}

interface Expanding extends Pick<ExpandOptions, 'loadZstandard'> {
  readonly file: Blob;
}

function piecesOf(kind: Compression, { file, loadZstandard }: Expanding): Blocks {
  switch (kind) {
    case 'gzip':
      return through('gzip', file);
    case 'bzip2':
      return bunzipped(blocksOf(file.stream()));
    case 'Zstandard':
      return unzstd({ file, loadZstandard });
    case 'zip':
      return unzipped(file);
    default:
      return kind satisfies never;
  }
}

async function* unzipped(file: Blob): Blocks {
  const entry = await zipEntryOf(async (place, length) => {
    const from = place < 0 ? Math.max(0, file.size + place) : place;
    return bytesOf(file.slice(from, from + length));
  });
  const part = file.slice(entry.start, entry.end);
  let [sizeBytes, checksum] = [0, 0];
  for await (const piece of entry.isDeflated ? through('deflate-raw', part) : blocksOf(part.stream())) {
    sizeBytes += piece.length;
    checksum = crc32(piece, checksum);
    yield piece;
  }
  const damage = maybeDamage(entry, { sizeBytes, checksum });
  if (damage !== undefined) throw damage;
}

async function* unzstd({ file, loadZstandard }: Expanding): Blocks {
  const frames = new ZstdFrames(await loadZstandard());
  for await (const block of blocksOf(file.stream())) yield* frames.push(block);
  frames.end();
}

function through(format: 'gzip' | 'deflate-raw', file: Blob): Blocks {
  return blocksOf(file.stream().pipeThrough(new DecompressionStream(format)));
}

/** Not every browser iterates over a stream. */
async function* blocksOf(stream: ReadableStream<Uint8Array>): Blocks {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(ignoreFailed);
  }
}

function ignoreFailed(): void {
  // The stream has failed already, which its reader was told.
}

async function bytesOf(file: Blob): Promise<Uint8Array> {
  return new Uint8Array(await file.arrayBuffer());
}
