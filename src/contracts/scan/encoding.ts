import { createWideDecoder, isWide, maybeEncoding } from '../format/encodings.ts';
import { UndecodableError } from './undecodable-error.ts';

export const SNIFFED_BYTES = 4096;
/** How much of a file without a line feed is read to learn whether carriage returns end its lines. */
export const LINE_END_SOUGHT_BYTES = 1 << 20;
const LF = 10;
const CR = 13;
const QUOTE = 34;

/** The encoding by a byte order mark, or as declared, or guessed from the first bytes. */
export function sniff(
  bytes: Uint8Array,
  declared: string | undefined,
): { readonly encoding: string; readonly markBytes: number } {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return { encoding: 'utf-8', markBytes: 3 };
  // The mark of UTF-32 begins like that of UTF-16, behind which a text would have a NUL.
  if (bytes[0] === 0xff && bytes[1] === 0xfe && bytes[2] === 0 && bytes[3] === 0)
    return { encoding: 'utf-32le', markBytes: 4 };
  if (bytes[0] === 0 && bytes[1] === 0 && bytes[2] === 0xfe && bytes[3] === 0xff)
    return { encoding: 'utf-32be', markBytes: 4 };
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { encoding: 'utf-16le', markBytes: 2 };
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { encoding: 'utf-16be', markBytes: 2 };
  const named = declared === undefined ? undefined : (maybeEncoding(declared) ?? declared);
  return { encoding: named ?? guess(bytes.subarray(0, SNIFFED_BYTES)), markBytes: 0 };
}

/** Without a mark, UTF-16 of Latin text shows as a zero in nearly every second byte. */
function guess(start: Uint8Array): string {
  const zeros = [0, 0];
  const pairs = Math.floor(start.length / 2);
  for (let index = 0; index < pairs * 2; index++)
    if (start[index] === 0) zeros[index % 2] = (zeros[index % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  if (pairs >= 4 && odd > pairs * 0.7 && even < pairs * 0.1) return 'utf-16le';
  if (pairs >= 4 && even > pairs * 0.7 && odd < pairs * 0.1) return 'utf-16be';
  return 'utf-8';
}

/** Decodes text block by block; the last call has no block. Throws when the bytes are not of the encoding. */
export function createDecoder(encoding: string): (block?: Uint8Array) => string {
  const decode = isWide(encoding) ? createWideDecoder(encoding) : platformDecoder(encoding);
  return (block) => {
    try {
      return decode(block);
    } catch (cause) {
      throw new UndecodableError(`The file is not valid ${encoding}.`, { cause });
    }
  };
}

function platformDecoder(encoding: string): (block?: Uint8Array) => string {
  const decoder = new TextDecoder(encoding === 'latin-1' ? 'windows-1252' : encoding, { fatal: true, ignoreBOM: true });
  return (block) => (block === undefined ? decoder.decode() : decoder.decode(block, { stream: true }));
}

/** Whether there is a CR outside of quotes, and no LF. A CR at the very end may be half of a CRLF. */
export function endsLinesWithReturns(start: Uint8Array, quote: number | null = QUOTE): boolean {
  let isQuoted = false;
  let hasReturn = false;
  for (let at = 0; at < start.length; at++) {
    const byte = start[at];
    if (byte === quote) isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (byte === LF) return false;
    else if (byte === CR && at + 1 < start.length) hasReturn = true;
  }
  return hasReturn;
}

/** Old Macintosh files end lines with CR alone: writes LF instead, in place. */
export function replaceReturns(block: Uint8Array): void {
  for (let at = block.indexOf(CR); at >= 0; at = block.indexOf(CR, at + 1)) block[at] = LF;
}
