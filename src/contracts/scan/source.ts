import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, open, read, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { ContractError } from '../errors.ts';
import type { Form } from '../format/form.ts';
import { decoded, uncompressedStart } from './decode.ts';
import { withFirst } from './uncompress.ts';
import type { ReadAt } from './zip-entry.ts';

/**
 * The bytes of a file as UTF-8 without its mark, its lines ended by LF or CRLF, block by block, with facts that are
 * known at the end.
 */
export interface Source {
  /** The first block, which `blocks` gives once more; empty when there is none. May be called once, before `blocks`. */
  first(): Promise<Buffer>;
  /** May be called once. A block is valid until the next one is requested. `onProgress` as in the options of the source. */
  blocks(onProgress?: SourceOptions['onProgress']): AsyncGenerator<Buffer, void, undefined>;
  /** Ends the reading; what is read to its end needs no more. */
  close(): Promise<void>;
  /** Bytes of the file on disk when it was opened; known from the first block on. */
  readonly sizeBytes: number;
  /** Known when `blocks` has ended. */
  facts(): SourceFacts;
}

export interface SourceFacts {
  /** SHA-256 of the file on disk. */
  readonly digest: string;
  readonly sizeBytes: number;
  readonly encoding: string;
  readonly byteOrderMark: boolean;
  readonly compressed: boolean;
}

const BLOCK_BYTES = 1 << 20;
const AT_ONCE_BYTES_MAX = 1 << 16;
const NO_BYTES = Buffer.alloc(0);

export interface SourceOptions {
  /** Of a file without a byte order mark; as its first bytes show unless set. */
  readonly encoding?: string | undefined;
  /** How the file is written, when it is not in the default form. */
  readonly form?: Form | undefined;
  /** Largest decompressed size of a compressed file; a terabyte by default. */
  readonly decompressedBytesMax?: number;
  readonly signal?: AbortSignal;
  /** Called after every block with the share of the file's bytes that has been read, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/** Opens a file for one reading; refuses what is no plain file, without waiting for the writer of a FIFO. */
export function openSource(path: string, options: SourceOptions): Source {
  const hash = createHash('sha256');
  const facts = { sizeBytes: 0, encoding: options.encoding ?? 'utf-8', byteOrderMark: false, compressed: false };
  let { onProgress } = options;
  let sizeBytes = 0;
  let first: Buffer = NO_BYTES;
  const rest = read();
  return {
    get sizeBytes() {
      return sizeBytes;
    },
    first: async () => {
      const { value } = await rest.next();
      if (value !== undefined) first = value;
      return first;
    },
    blocks: (onBlocks = onProgress) => {
      onProgress = onBlocks;
      if (first.length === 0) return rest;
      tell();
      return withFirst(first, rest);
    },
    close: async () => void (await rest.return()),
    facts: () => ({ ...facts, digest: hash.copy().digest('hex') }),
  };
  async function* read(): AsyncGenerator<Buffer, void, undefined> {
    const file = await openPlainFile(path);
    sizeBytes = file.sizeBytes;
    const raw = rawBlocks(file, { onBlock, signal: options.signal });
    const { encoding: declared, decompressedBytesMax, form } = options;
    const quote = form === undefined ? undefined : (form.quote?.[0] ?? null);
    try {
      yield* decoded(raw, { facts, declared, quote, decompressedBytesMax, readAt: readerAt(file) });
    } finally {
      await closeAfter(raw, file);
    }
  }
  function onBlock(block: Buffer): void {
    hash.update(block);
    facts.sizeBytes += block.length;
    tell();
  }
  function tell(): void {
    onProgress?.(Math.min(1, facts.sizeBytes / Math.max(1, sizeBytes)));
  }
}

/** The first bytes of a file as they were before it was compressed. */
export async function readStart(path: string, sizeBytes: number): Promise<Buffer> {
  const file = await openPlainFile(path);
  const raw = rawBlocks(file, { onBlock: () => undefined });
  try {
    return await uncompressedStart(raw, { sizeBytes, readAt: readerAt(file) });
  } finally {
    await closeAfter(raw, file);
  }
}

/** Reads bytes of an open file from a place on, or from so many before its end. */
function readerAt({ fd }: PlainFile): ReadAt {
  return async (place, length) => {
    const { size } = fstatSync(fd);
    const from = place < 0 ? Math.max(0, size + place) : place;
    const bytes = Buffer.alloc(Math.min(length, size));
    const { bytesRead } = await readInto(fd, bytes, 0, bytes.length, from);
    return bytes.subarray(0, bytesRead);
  };
}

/** Digest and size of a file whose content could not be read to its end. */
export async function digestOf(path: string): Promise<{ readonly digest: string; readonly sizeBytes: number }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const onBlock = (block: Buffer): void => {
    hash.update(block);
    sizeBytes += block.length;
  };
  const file = await openPlainFile(path);
  const raw = rawBlocks(file, { onBlock });
  try {
    for await (const _ of raw);
  } finally {
    await closeAfter(raw, file);
  }
  return { digest: hash.digest('hex'), sizeBytes };
}

interface PlainFile {
  readonly fd: number;
  readonly sizeBytes: number;
}

const openFile = promisify(open);
const readInto = promisify(read);

/** The number of the file and no handle: a handle closes only by the threads of the disk, which is one wait more. */
async function openPlainFile(path: string): Promise<PlainFile> {
  let fd: number | undefined;
  try {
    fd = await openFile(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(fd);
    if (stat.isFile()) return { fd, sizeBytes: stat.size };
  } catch (cause) {
    if (fd !== undefined) closeSync(fd);
    throw new ContractError('file_unreadable', `The file ${JSON.stringify(path)} cannot be opened to be read.`, {
      cause,
    });
  }
  closeSync(fd);
  throw new ContractError(
    'file_unreadable',
    `Expected a plain file at ${JSON.stringify(path)}; got a folder, pipe or device.`,
  );
}

/** Two alternating buffers: the next block is read while the current one is processed. */
async function* rawBlocks(
  { fd, sizeBytes }: PlainFile,
  { onBlock, signal }: { readonly onBlock: (block: Buffer) => void; readonly signal?: AbortSignal | undefined },
): AsyncGenerator<Buffer, void, undefined> {
  const length = Math.max(1, Math.min(BLOCK_BYTES, sizeBytes + 1));
  let [bytes, other] = [Buffer.allocUnsafeSlow(length), NO_BYTES];
  let readBytes = 0;
  let pending: Promise<{ bytesRead: number }> | undefined;
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await (pending ?? firstRead(fd, bytes));
      pending = undefined;
      if (bytesRead === 0) return;
      readBytes += bytesRead;
      const block = bytes.subarray(0, bytesRead);
      // A plain file that ends within the buffer has no more, unless it grows just now.
      const isLast = bytesRead < length && readBytes >= sizeBytes;
      if (!isLast) {
        if (other.length === 0) other = Buffer.allocUnsafeSlow(length);
        [bytes, other] = [other, bytes];
        pending = readInto(fd, bytes, 0, length, null);
        pending.catch(ignoreUnawaited);
      }
      onBlock(block);
      yield block;
      if (isLast) return;
    }
  } finally {
    await pending?.catch(ignoreUnawaited);
  }
}

/** To wake a thread of the disk takes longer than to read a small file that somebody has just written. */
function firstRead(
  fd: number,
  bytes: Buffer,
): { readonly bytesRead: number } | Promise<{ readonly bytesRead: number }> {
  if (bytes.length > AT_ONCE_BYTES_MAX) return readInto(fd, bytes, 0, bytes.length, null);
  return { bytesRead: readSync(fd, bytes) };
}

/** Ends the reading first: once a file is closed, its number may mean another one. */
async function closeAfter(raw: AsyncGenerator<Buffer, void, undefined>, { fd }: PlainFile): Promise<void> {
  await raw.return();
  closeSync(fd);
}

function ignoreUnawaited(): void {
  // The same promise is awaited when reading continues; otherwise its error does not matter.
}
