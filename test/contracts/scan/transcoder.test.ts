import { describe, expect, it } from 'vitest';
import { createDecoder } from '../../../src/contracts/scan/encoding.ts';
import { createTranscoder } from '../../../src/contracts/scan/transcoder.ts';

const ENCODINGS = [
  ...['ibm866', 'koi8-r', 'koi8-u', 'macintosh', 'x-mac-cyrillic', 'iso-8859-8-i', 'windows-874'],
  ...Array.from({ length: 9 }, (_, at) => `windows-125${at}`),
  ...[2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15].map((part) => `iso-8859-${part}`),
];

describe('a transcoder', () => {
  it.each(ENCODINGS)('writes each byte of %s as the decoder of the platform reads it, and refuses the same', (name) => {
    const write = createTranscoder(name);
    expect(write(Buffer.from('A\u0000\u001a\u007fB')).toString()).toBe('A\u0000\u001a\u007fB');
    for (let byte = 128; byte < 256; byte++) {
      const decode = createDecoder(name);
      const text = (): string => decode(Uint8Array.of(65, byte, 66)) + decode();
      const written = (): string => write(Buffer.of(65, byte, 66)).toString();
      let expected: string | undefined;
      try {
        expected = text();
      } catch {
        expect(written, `${byte}`).toThrow(`The file is not valid ${name}.`);
      }
      if (expected !== undefined) expect(written(), `${byte}`).toBe(expected);
    }
    expect(write().length).toBe(0);
  });
});
