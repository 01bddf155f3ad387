/** Encodings that no decoder of the platform knows. */
const WIDE = ['utf-32le', 'utf-32be'] as const;
type Wide = (typeof WIDE)[number];

export const ENCODING_EXAMPLES = 'utf-8, utf-16le, utf-16be, utf-32le, utf-32be, windows-1252, iso-8859-2 or shift_jis';

/** The name of an encoding as it is compared; undefined where nobody can decode it. */
export function maybeEncoding(name: string): string | undefined {
  const plain = name.trim().toLowerCase();
  // The web calls windows-1252 what older files call Latin-1: both are the same where both have a character.
  if (plain === 'latin-1') return plain;
  if (isWide(plain)) return plain;
  try {
    return new TextDecoder(plain).encoding;
  } catch {
    return undefined;
  }
}

export const isWide = (encoding: string): encoding is Wide => (WIDE as readonly string[]).includes(encoding);

/** Why a name is no encoding, as the end of a sentence that begins with `format`. */
export function encodingProblem(name: unknown): string | undefined {
  if (typeof name === 'string' && maybeEncoding(name) !== undefined) return undefined;
  return `expects as encoding a name such as ${ENCODING_EXAMPLES}; got ${JSON.stringify(name) ?? String(name)}`;
}

/** Decodes UTF-32 block by block; throws RangeError where four bytes are no character, or some are left at the end. */
export function createWideDecoder(encoding: Wide): (block?: Uint8Array) => string {
  const isLittle = encoding === 'utf-32le';
  let rest = new Uint8Array();
  return (block) => {
    if (block === undefined) {
      if (rest.length > 0) throw new RangeError('Bytes are left.');
      return '';
    }
    const bytes = new Uint8Array(rest.length + block.length);
    bytes.set(rest);
    bytes.set(block, rest.length);
    const view = new DataView(bytes.buffer);
    const whole = bytes.length - (bytes.length % 4);
    const characters: string[] = [];
    for (let at = 0; at < whole; at += 4) {
      const code = view.getUint32(at, isLittle);
      if (code >= 0xd800 && code <= 0xdfff) throw new RangeError('Half of a pair.');
      characters.push(String.fromCodePoint(code));
    }
    rest = bytes.slice(whole);
    return characters.join('');
  };
}
