import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ContractError } from '../errors.ts';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'latin-1';

/** The bytes of a file as UTF-8 without its mark, block by block, with what was learnt on the way. */
export interface Source {
  /** May be called once. A block is valid until the next one is asked for. */
  blocks(): AsyncGenerator<Buffer, void, undefined>;
  /** Known when `blocks` has ended. */
  facts(): SourceFacts;
}

export interface SourceFacts {
  /** SHA-256 of the file as it lies on the disk. */
  readonly digest: string;
  readonly sizeBytes: number;
  readonly encoding: Encoding;
  readonly byteOrderMark: boolean;
  readonly compressed: boolean;
}

/** A file that is there but cannot be turned into text; the check sets it aside whole. */
export class UndecodableError extends Error {
  override readonly name = 'UndecodableError';
}

const BLOCK_BYTES = 1 << 20;
const SNIFFED_BYTES = 4096;
/** A few kilobytes of gzip can unfold to terabytes. */
const UNFOLDED_BYTES_MAX = 1 << 40;

export interface SourceOptions {
  readonly encoding?: Encoding;
  readonly signal?: AbortSignal;
  /** Told after every block which share of the file's bytes has been read, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/** Opens a file for one reading; refuses what is no plain file, without waiting for the writer of a FIFO. */
export function openSource(path: string, options: SourceOptions): Source {
  const hash = createHash('sha256');
  const facts = { sizeBytes: 0, encoding: options.encoding ?? 'utf-8', byteOrderMark: false, compressed: false };
  return {
    facts: () => ({ ...facts, digest: hash.copy().digest('hex') }),
    blocks: async function* () {
      const file = await openPlainFile(path);
      try {
        const { size } = await file.stat();
        const onRead = (block: Buffer): void => {
          onBlock(block);
          options.onProgress?.(Math.min(1, facts.sizeBytes / Math.max(1, size)));
        };
        const raw = rawBlocks(file, { onBlock: onRead, ...(options.signal ? { signal: options.signal } : {}) });
        yield* decoded(raw, { facts, ...(options.encoding ? { declared: options.encoding } : {}) });
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

/** Digest and size of a file whose content could not be followed to its end. */
export async function digestOf(path: string): Promise<{ readonly digest: string; readonly sizeBytes: number }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const file = await openPlainFile(path);
  try {
    const onBlock = (block: Buffer): void => {
      hash.update(block);
      sizeBytes += block.length;
    };
    for await (const _ of rawBlocks(file, { onBlock }));
  } finally {
    await file.close();
  }
  return { digest: hash.digest('hex'), sizeBytes };
}

async function openPlainFile(path: string): Promise<FileHandle> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = await file.stat();
    if (stat.isFile()) return file;
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

/** Two buffers in turn: the next block is read while the one before is looked at. */
async function* rawBlocks(
  file: FileHandle,
  { onBlock, signal }: { onBlock: (block: Buffer) => void; signal?: AbortSignal },
): AsyncGenerator<Buffer, void, undefined> {
  const { size } = await file.stat();
  const length = Math.max(1, Math.min(BLOCK_BYTES, size + 1));
  const buffers = [Buffer.allocUnsafeSlow(length), Buffer.allocUnsafeSlow(length)] as const;
  let turn: 0 | 1 = 0;
  let pending = file.read(buffers[turn], 0, length);
  // Whoever stops early leaves the read that is under way unawaited.
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
  // The same promise is awaited when the reading goes on; when it does not, its error concerns nobody.
}

type Facts = { encoding: Encoding; byteOrderMark: boolean; compressed: boolean };

async function* decoded(
  raw: AsyncGenerator<Buffer, void, undefined>,
  { facts, declared }: { facts: Facts; declared?: Encoding },
): AsyncGenerator<Buffer, void, undefined> {
  const first = await raw.next();
  if (first.done) return;
  facts.compressed = first.value[0] === 0x1f && first.value[1] === 0x8b;
  const plain = facts.compressed ? unfolded(first.value, raw) : withFirst(first.value, raw);
  const start = await plain.next();
  if (start.done) return;
  const { encoding, markBytes } = sniff(start.value, declared);
  facts.encoding = encoding;
  facts.byteOrderMark = markBytes > 0;
  const rest = withFirst(start.value.subarray(markBytes), plain);
  yield* encoding === 'utf-8' ? rest : transcoded(rest, encoding);
}

async function* withFirst(
  first: Buffer,
  rest: AsyncGenerator<Buffer, void, undefined>,
): AsyncGenerator<Buffer, void, undefined> {
  if (first.length > 0) yield first;
  yield* rest;
}

async function* unfolded(
  first: Buffer,
  rest: AsyncGenerator<Buffer, void, undefined>,
): AsyncGenerator<Buffer, void, undefined> {
  const gunzip = createGunzip({ chunkSize: BLOCK_BYTES });
  // The stream keeps what it is given for longer than the buffer underneath stays unchanged.
  const copies = (async function* () {
    for await (const block of withFirst(first, rest)) yield Buffer.from(block);
  })();
  const source = Readable.from(copies);
  source.on('error', (error) => gunzip.destroy(error));
  let bytes = 0;
  try {
    for await (const block of source.pipe(gunzip)) {
      bytes += block.length;
      if (bytes > UNFOLDED_BYTES_MAX) throw new Error('it unfolds to more than a terabyte');
      yield block;
    }
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'AbortError') throw cause;
    throw new UndecodableError('The file begins like gzip but cannot be unfolded to its end.', { cause });
  } finally {
    source.destroy();
  }
}

function sniff(block: Buffer, declared: Encoding | undefined): { encoding: Encoding; markBytes: number } {
  if (block[0] === 0xef && block[1] === 0xbb && block[2] === 0xbf) return { encoding: 'utf-8', markBytes: 3 };
  if (block[0] === 0xff && block[1] === 0xfe) return { encoding: 'utf-16le', markBytes: 2 };
  if (block[0] === 0xfe && block[1] === 0xff) return { encoding: 'utf-16be', markBytes: 2 };
  return { encoding: declared ?? guess(block.subarray(0, SNIFFED_BYTES)), markBytes: 0 };
}

/** Without a mark, UTF-16 of Latin text shows as a zero in nearly every second byte. */
function guess(start: Buffer): Encoding {
  const zeros = [0, 0];
  const pairs = start.length >> 1;
  for (let index = 0; index < pairs * 2; index++)
    if (start[index] === 0) zeros[index & 1] = (zeros[index & 1] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  if (pairs >= 4 && odd > pairs * 0.7 && even < pairs * 0.1) return 'utf-16le';
  if (pairs >= 4 && even > pairs * 0.7 && odd < pairs * 0.1) return 'utf-16be';
  return 'utf-8';
}

async function* transcoded(
  blocks: AsyncGenerator<Buffer, void, undefined>,
  encoding: Exclude<Encoding, 'utf-8'>,
): AsyncGenerator<Buffer, void, undefined> {
  const decoder = new TextDecoder(encoding === 'latin-1' ? 'windows-1252' : encoding, { fatal: true, ignoreBOM: true });
  const decode = (block?: Buffer): Buffer => {
    try {
      return Buffer.from(block ? decoder.decode(block, { stream: true }) : decoder.decode());
    } catch (cause) {
      throw new UndecodableError(`The file is not valid ${encoding}.`, { cause });
    }
  };
  for await (const block of blocks) yield decode(block);
  const last = decode();
  if (last.length > 0) yield last;
}
