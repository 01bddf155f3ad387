import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { ContractError } from '../errors.ts';
import type { Form } from '../format/form.ts';
import { decoded, uncompressedStart } from './decode.ts';
import type { ReadAt } from './zip-entry.ts';

/**
 * The bytes of a file as UTF-8 without its mark, its lines ended by LF or CRLF, block by block, with facts that are
 * known at the end.
 */
export interface Source {
  /** May be called once. A block is valid until the next one is requested. */
  blocks(): AsyncGenerator<Buffer, void, undefined>;
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
  return {
    facts: () => ({ ...facts, digest: hash.copy().digest('hex') }),
    blocks: async function* () {
      const { file, size } = await openPlainFile(path);
      try {
        const onRead = (block: Buffer): void => {
          onBlock(block);
          options.onProgress?.(Math.min(1, facts.sizeBytes / Math.max(1, size)));
        };
        const raw = rawBlocks(file, { size, onBlock: onRead, signal: options.signal });
        const { encoding: declared, decompressedBytesMax, form } = options;
        const quote = form === undefined ? undefined : (form.quote?.[0] ?? null);
        yield* decoded(raw, { facts, declared, quote, decompressedBytesMax, readAt: readerAt(file) });
      } finally {
        await file.close();
      }
    },
  };
  function onBlock(block: Buffer): void {
    hash.update(block);
    facts.sizeBytes += block.length;
  }
}

/** The first bytes of a file as they were before it was compressed. */
export async function readStart(path: string, sizeBytes: number): Promise<Buffer> {
  const { file, size } = await openPlainFile(path);
  try {
    return await uncompressedStart(rawBlocks(file, { size, onBlock: () => undefined }), {
      sizeBytes,
      readAt: readerAt(file),
    });
  } finally {
    await file.close();
  }
}

/** Reads bytes of an open file from a place on, or from so many before its end. */
function readerAt(file: FileHandle): ReadAt {
  return async (place, length) => {
    const { size } = await file.stat();
    const from = place < 0 ? Math.max(0, size + place) : place;
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(Math.min(length, size)),
      0,
      Math.min(length, size),
      from,
    );
    return buffer.subarray(0, bytesRead);
  };
}

/** Digest and size of a file whose content could not be read to its end. */
export async function digestOf(path: string): Promise<{ readonly digest: string; readonly sizeBytes: number }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const { file, size } = await openPlainFile(path);
  try {
    const onBlock = (block: Buffer): void => {
      hash.update(block);
      sizeBytes += block.length;
    };
    for await (const _ of rawBlocks(file, { size, onBlock }));
  } finally {
    await file.close();
  }
  return { digest: hash.digest('hex'), sizeBytes };
}

async function openPlainFile(path: string): Promise<{ readonly file: FileHandle; readonly size: number }> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = await file.stat();
    if (stat.isFile()) return { file, size: stat.size };
  } catch (cause) {
    throw new ContractError('file_unreadable', `The file ${JSON.stringify(path)} cannot be opened to be read.`, {
      cause,
    });
  }
  await file.close();
  throw new ContractError(
    'file_unreadable',
    `Expected a plain file at ${JSON.stringify(path)}; got a folder, pipe or device.`,
  );
}

/** Two alternating buffers: the next block is read while the current one is processed. */
async function* rawBlocks(
  file: FileHandle,
  {
    size,
    onBlock,
    signal,
  }: { readonly size: number; readonly onBlock: (block: Buffer) => void; readonly signal?: AbortSignal | undefined },
): AsyncGenerator<Buffer, void, undefined> {
  const length = Math.max(1, Math.min(BLOCK_BYTES, size + 1));
  const buffers = [Buffer.allocUnsafeSlow(length), Buffer.allocUnsafeSlow(length)] as const;
  let turn: 0 | 1 = 0;
  let pending = file.read(buffers[turn], 0, length);
  // A caller that stops early leaves the running read unawaited.
  pending.catch(ignoreUnawaited);
  for (;;) {
    signal?.throwIfAborted();
    const { bytesRead, buffer } = await pending;
    if (bytesRead === 0) return;
    turn = turn === 0 ? 1 : 0;
    pending = file.read(buffers[turn], 0, length);
    pending.catch(ignoreUnawaited);
    const block = buffer.subarray(0, bytesRead);
    onBlock(block);
    yield block;
  }
}

function ignoreUnawaited(): void {
  // The same promise is awaited when reading continues; otherwise its error does not matter.
}
