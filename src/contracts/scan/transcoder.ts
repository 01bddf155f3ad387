import { Output } from '../format/output.ts';
import { createDecoder } from './encoding.ts';
import { UndecodableError } from './undecodable-error.ts';

/** The encodings of the web in which every byte is a character. */
const SINGLE_BYTE = /^(latin-1|windows-(125\d|874)|iso-8859-\d+(-i)?|koi8-[ru]|ibm866|macintosh|x-mac-cyrillic)$/;
const ASCII_MAX = 127;
/** No character outside of the first plane is in one of them. */
const CHARACTER_BYTES_MAX = 3;

/** Writes text as UTF-8 block by block, each valid until the next; the last call has no block. Throws as a decoder does. */
export function createTranscoder(encoding: string): (block?: Buffer) => Buffer {
  if (SINGLE_BYTE.test(encoding)) return createSingleByteWriter(encoding);
  const decode = createDecoder(encoding);
  return (block) => Buffer.from(decode(block));
}

/**
 * The platform's decoder takes many times as long where it must refuse bytes that are no characters, and makes a string of
 * each block.
 */
function createSingleByteWriter(encoding: string): (block?: Buffer) => Buffer {
  const characters = Array.from({ length: 256 }, (_, byte) => maybeCharacter(byte, createDecoder(encoding)));
  const out = new Output((size) => Buffer.allocUnsafeSlow(size));
  return (block) => {
    if (block === undefined) return Buffer.alloc(0);
    out.reserve(block.length * CHARACTER_BYTES_MAX);
    const { bytes } = out;
    let used = 0;
    for (let at = 0; at < block.length; at++) {
      const byte = block[at] as number;
      if (byte <= ASCII_MAX) {
        bytes[used++] = byte;
        continue;
      }
      const character = characters[byte];
      if (character === undefined) throw new UndecodableError(`The file is not valid ${encoding}.`);
      for (let index = 0; index < character.length; index++) bytes[used++] = character[index] as number;
    }
    return bytes.subarray(0, used);
  };
}

function maybeCharacter(byte: number, decode: (block: Uint8Array) => string): Uint8Array | undefined {
  try {
    return new TextEncoder().encode(decode(Uint8Array.of(byte)));
  } catch {
    // A byte without a character.
    return undefined;
  }
}
