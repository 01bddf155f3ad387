import type { Decompress } from 'fzstd';
import { UndecodableError } from './undecodable-error.ts';
import { Xxh64 } from './xxh64.ts';

/*
 * Frames of Zstandard (RFC 8878): a header, blocks, and the checksum of what they expand to. The library expands them and
 * compares nothing, so that a file with a wrong bit would be read with other bytes. Here frames are followed in the
 * compressed bytes, each is expanded by itself, and its size and its checksum are compared where it tells them.
 */

/** The package `fzstd`, which few files need. */
export interface ZstdLibrary {
  readonly Decompress: typeof Decompress;
}

interface Frame {
  readonly stream: Decompress;
  readonly hasChecksum: boolean;
  /** What it expands to, if it says so. */
  readonly sizeBytes: number | undefined;
  readonly hash: Xxh64;
  expandedBytes: number;
}

/** What comes next; between them are the bytes of blocks. */
type State = 'magic' | 'skipped' | 'descriptor' | 'header' | 'block' | 'checksum';

const MAGIC = 0xfd2fb528;
const SKIPPED_MAGIC = 0x184d2a50;
const SKIPPED_KINDS = 15;
/** As zstd itself has it for streams: what a header says costs memory before anything of it is proven. */
const WINDOW_BYTES_MAX = 128 << 20;
const BLOCK_BYTES_MAX = 128 << 10;
const RUN = 1;
const RESERVED = 3;
const NOTHING = new Uint8Array();

/** Expands frames, which come in pieces of any length. */
export class ZstdFrames {
  readonly #library: ZstdLibrary;
  #state: State = 'magic';
  /** So many bytes pass, and then so many are gathered. */
  #passing = 0;
  #wanted = 4;
  #gathered: number[] = [];
  #flags = 0;
  #isLastBlock = false;
  #frame: Frame | undefined;
  #found: Uint8Array[] = [];

  constructor(library: ZstdLibrary) {
    this.#library = library;
  }

  /**
   * What the next bytes expand to. They must stay as they are until the next call; the results are copies.
   *
   * @throws UndecodableError when a frame is not what it says.
   */
  push(bytes: Uint8Array): readonly Uint8Array[] {
    for (let at = 0; at < bytes.length; ) {
      if (this.#passing > 0) {
        const passed = Math.min(this.#passing, bytes.length - at);
        this.#frame?.stream.push(bytes.slice(at, at + passed), false);
        this.#passing -= passed;
        at += passed;
        if (this.#passing === 0) this.#passed();
      } else {
        this.#gathered.push(bytes[at++] as number);
        if (this.#gathered.length === this.#wanted) this.#read(Uint8Array.from(this.#gathered.splice(0)));
      }
    }
    return this.#found.splice(0);
  }

  /** @throws UndecodableError when the bytes end within a frame. */
  end(): void {
    if (this.#state === 'magic' && this.#gathered.length === 0 && this.#passing === 0) return;
    throw damaged('ends within a frame');
  }

  #want(state: State, bytes: number): void {
    this.#state = state;
    this.#wanted = bytes;
  }

  #read(bytes: Uint8Array): void {
    switch (this.#state) {
      case 'magic':
        this.#want(...afterMagic(uintOf(bytes)));
        break;
      case 'skipped':
        this.#passing = uintOf(bytes);
        this.#want('magic', 4);
        break;
      case 'descriptor': {
        this.#flags = bytes[0] as number;
        const { windowBytes, dictionaryBytes, sizeBytes } = lengthsOf(this.#flags);
        this.#want('header', windowBytes + dictionaryBytes + sizeBytes);
        break;
      }
      case 'header':
        this.#frame = this.#begun(bytes);
        this.#want('block', 3);
        break;
      case 'block':
        this.#readBlock(bytes);
        break;
      case 'checksum':
        this.#endFrame(bytes);
        break;
      default:
        this.#state satisfies never;
    }
  }

  #begun(header: Uint8Array): Frame {
    const { windowBytes, dictionaryBytes, sizeBytes: length } = lengthsOf(this.#flags);
    const dictionary = header.subarray(windowBytes, windowBytes + dictionaryBytes);
    if (dictionary.some((byte) => byte !== 0)) throw damaged('needs a dictionary, which nobody has');
    const said = uintOf(header.subarray(windowBytes + dictionaryBytes));
    const sizeBytes = length === 0 ? undefined : said + (length === 2 ? 256 : 0);
    const window = windowBytes === 0 ? (sizeBytes ?? 0) : windowOf(header[0] as number);
    if (window > WINDOW_BYTES_MAX)
      throw damaged(`needs ${window} bytes of memory, more than the ${WINDOW_BYTES_MAX} of "zstd --ultra -22"`);
    const stream = new this.#library.Decompress((piece) => this.#take(piece));
    stream.push(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, this.#flags, ...header), false);
    return { stream, hasChecksum: (this.#flags & 4) !== 0, sizeBytes, hash: new Xxh64(), expandedBytes: 0 };
  }

  #take(piece: Uint8Array): void {
    // None before the header was taken.
    const frame = this.#frame as Frame;
    frame.expandedBytes += piece.length;
    if (frame.hasChecksum) frame.hash.update(piece);
    // The library goes on to write where it lies.
    if (piece.length > 0) this.#found.push(piece.slice());
  }

  #readBlock(header: Uint8Array): void {
    const said = uintOf(header);
    const kind = (said >>> 1) & 3;
    const length = said >>> 3;
    if (kind === RESERVED || length > BLOCK_BYTES_MAX) throw damaged('has a block of no kind');
    this.#isLastBlock = (said & 1) === 1;
    this.#frame?.stream.push(header, false);
    this.#passing = kind === RUN ? 1 : length;
    if (this.#passing === 0) this.#passed();
  }

  /** A block has passed, or what is skipped. */
  #passed(): void {
    if (this.#frame === undefined || !this.#isLastBlock) return;
    if (this.#frame.hasChecksum) this.#want('checksum', 4);
    else this.#endFrame(NOTHING);
  }

  #endFrame(checksum: Uint8Array): void {
    // There is one, of which blocks were read.
    const frame = this.#frame as Frame;
    frame.stream.push(checksum, true);
    if (frame.sizeBytes !== undefined && frame.expandedBytes !== frame.sizeBytes)
      throw damaged(`expands to ${frame.expandedBytes} bytes where it says ${frame.sizeBytes}`);
    if (frame.hasChecksum && frame.hash.low32 !== uintOf(checksum))
      throw damaged('has another checksum than it says: it was damaged');
    this.#frame = undefined;
    this.#want('magic', 4);
  }
}

function afterMagic(magic: number): [state: State, bytes: number] {
  if (magic === MAGIC) return ['descriptor', 1];
  if (magic - (magic & SKIPPED_KINDS) === SKIPPED_MAGIC) return ['skipped', 4];
  throw damaged('goes on with what is no frame');
}

/** How many bytes of a header tell what. */
function lengthsOf(flags: number) {
  const isOneSegment = (flags & 32) !== 0;
  const size = flags >>> 6;
  return {
    windowBytes: isOneSegment ? 0 : 1,
    dictionaryBytes: [0, 1, 2, 4][flags & 3] as number,
    sizeBytes: size > 0 ? 1 << size : isOneSegment ? 1 : 0,
  };
}

function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >>> 3));
  return base + (base / 8) * (descriptor & 7);
}

const uintOf = (bytes: Uint8Array): number => bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);

const damaged = (what: string): UndecodableError => new UndecodableError(`The file starts like Zstandard and ${what}.`);
